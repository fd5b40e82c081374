import { Button, Checkbox } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { type CaseSummary, membersQuery, sessionQuery, usePermission } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { canTake, useT } from '../texts';
import { Pick } from './form';

export interface Chosen {
  /** Whether cases can be chosen at all: somebody may give them, and there is somebody to take them. */
  offered: boolean;
  has: (id: string) => boolean;
  choose: (ids: readonly string[], on: boolean) => void;
  ids: readonly string[];
}

/** Which of the cases that are shown are chosen. What is not shown any more is not chosen either. */
export function useChosen(cases: readonly CaseSummary[]): Chosen {
  const offered = useTakers().length > 1;
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const ids = cases.map((each) => each.id).filter((id) => chosen.has(id));
  return {
    offered,
    ids,
    has: (id) => chosen.has(id),
    choose: (some, on) =>
      setChosen((before) => {
        const after = new Set(before);
        for (const id of some) {
          if (on) after.add(id);
          else after.delete(id);
        }
        return after;
      }),
  };
}

/** Who can take cases, where the one who is signed in may give them. */
function useTakers() {
  const members = useQuery({ ...membersQuery, enabled: usePermission('assign') });
  return (members.data?.members ?? []).filter(canTake);
}

/** Above the list: choose all, and give what is chosen to somebody. */
export function Bulk({ cases, chosen }: { cases: readonly CaseSummary[]; chosen: Chosen }) {
  const { t, n } = useT();
  const say = useNotice();
  const client = useQueryClient();
  const takers = useTakers();
  const own = useQuery(sessionQuery).data?.member.id;
  const [member, setMember] = useState('');
  const count = chosen.ids.length;
  const give = useAct(
    () => unwrap(api.POST('/staff/cases/assign', { body: { member, cases: [...chosen.ids] } })),
    (done) => {
      const name = takers.find((each) => each.id === member)?.name ?? '';
      say(
        [
          n('bulk.given', done.given, { name }),
          ...(done.already ? [n('bulk.already', done.already, { name })] : []),
          ...(done.closed ? [n('bulk.closed', done.closed)] : []),
        ].join(' '),
      );
      chosen.choose(chosen.ids, false);
      setMember('');
      document.getElementById('bulk-all')?.focus();
      void client.invalidateQueries({ queryKey: ['inbox'] });
      void client.invalidateQueries({ queryKey: ['case'] });
    },
  );
  if (!chosen.offered) return null;
  const all = count === cases.length;
  return (
    <div className="bulk">
      <Checkbox
        id="bulk-all"
        value="all"
        label={t('bulk.all')}
        checked={all}
        ref={(box: HTMLInputElement | null) => {
          if (box) box.indeterminate = count > 0 && !all;
        }}
        onChange={(event) =>
          chosen.choose(
            cases.map((each) => each.id),
            event.target.checked,
          )
        }
      />
      <p role="status" className="bulk-count">
        {count > 0 ? n('bulk.chosen', count) : ''}
      </p>
      {count > 0 && (
        <form
          className="bulk-give"
          onSubmit={(event) => {
            event.preventDefault();
            if (member && !give.busy) give.act();
          }}
        >
          <Pick
            id="bulk-member"
            label={t('bulk.member')}
            value={member}
            onChange={setMember}
            options={[
              ['', t('bulk.pick')] as const,
              ...takers
                .toSorted((a, b) => Number(b.id === own) - Number(a.id === own))
                .map((each) => [each.id, each.id === own ? t('bulk.me') : each.name] as const),
            ]}
          />
          <Button type="submit" loading={give.busy} disabled={!member}>
            {t('bulk.give')}
          </Button>
        </form>
      )}
      <ProblemAlert error={give.error} />
    </div>
  );
}
