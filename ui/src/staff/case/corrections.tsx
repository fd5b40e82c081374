import { Button, Tag } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case, FindingGroup } from '../api';
import { can } from '../can';
import { useNotice } from '../notice';
import { TextArea } from '../parts/form';
import { actionText, type StaffKey, useT } from '../texts';
import { departs } from '../todo';
import { Section } from './section';
import { at, useCaseAct } from './use-case';

type Asked = Schemas['AskedCorrection'];
type Choice = 'set' | 'annotate' | 'refuse';

/** Corrections that are decided together, in the order they were asked. */
export function correctionLists(asked: readonly Asked[]): [string, Asked[]][] {
  const lists = new Map<string, Asked[]>();
  asked.forEach((each, place) => {
    const key = each.group ?? `words-${place}`;
    const list = lists.get(key);
    if (list) list.push(each);
    else lists.set(key, [each]);
  });
  return [...lists];
}

/** What the person says is wrong: as it is held, as it should be, and what the office decides. */
export function CorrectionsSection({ c }: { c: Case }) {
  const { t } = useT();
  return (
    <Section id="corrections" title={t('corrections.title')}>
      {correctionLists(c.corrections ?? []).map(([group, list]) => (
        <CorrectionGroup key={group} c={c} group={group} list={list} />
      ))}
    </Section>
  );
}

function CorrectionGroup({ c, group, list }: { c: Case; group: string; list: readonly Asked[] }) {
  const { t } = useT();
  const decidable = list[0]?.group !== undefined && can(c, 'decide').allowed;
  const decision = list[0]?.decision ?? 'open';
  const held = c.groups.find((g) => g.id === group);
  return (
    <div className="group correction" data-look={decision === 'open' ? '' : undefined}>
      <table className="ds-table" data-size="sm">
        <caption className="visually-hidden">
          {held?.activity_name ?? t('corrections.title')}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t('corrections.field')}</th>
            <th scope="col">{t('corrections.old')}</th>
            <th scope="col">{t('corrections.new')}</th>
          </tr>
        </thead>
        <tbody>
          {list.map((each) => (
            <tr key={each.label + each.new_value}>
              <th scope="row">{each.label}</th>
              <td>
                <del>{each.old_value || t('corrections.empty')}</del>
              </td>
              <td>
                <ins>{each.new_value || t('corrections.empty')}</ins>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="decision-line">
        {decision === 'open' ? (
          <Tag data-color="warning">{t('corrections.open')}</Tag>
        ) : (
          <Tag data-color={decision === 'set' ? 'success' : 'neutral'}>
            {t(actionText[decision])}
          </Tag>
        )}
        {held && <span className="under-inline">{held.activity_name}</span>}
      </p>
      {held?.decision.text && <p className="to-person">{held.decision.text}</p>}
      {held?.decision.reason && <p className="under own-words">{held.decision.reason}</p>}
      {decidable && <CorrectionChoice c={c} group={group} held={held} open={decision === 'open'} />}
    </div>
  );
}

const whyText: Record<Choice, StaffKey> = {
  set: 'group.reason.needed',
  annotate: 'corrections.annotate.why',
  refuse: 'corrections.refuse.why',
};

interface ChoiceProps {
  c: Case;
  group: string;
  held: FindingGroup | undefined;
  open: boolean;
}

function CorrectionChoice({ c, group, held, open }: ChoiceProps) {
  const { t } = useT();
  const say = useNotice();
  const id = useId();
  const [choice, setChoice] = useState<Choice>();
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [changing, setChanging] = useState(false);
  const decide = useCaseAct(
    (action: Choice) =>
      unwrap(
        api.POST('/staff/cases/{id}/decide', {
          ...at(c.id),
          body: {
            decisions: [{ group, action, ...(reason.trim() ? { reason: reason.trim() } : {}) }],
          },
        }),
      ),
    () => {
      say(t('group.saved'));
      setChoice(undefined);
      setChanging(false);
    },
  );
  if (!open && !changing) {
    return (
      <div>
        <Button variant="tertiary" data-size="sm" onClick={() => setChanging(true)}>
          {t('group.change')}
        </Button>
      </div>
    );
  }
  const choose = (action: Choice) => {
    // To accept needs no reason, unless the register proposes not to.
    if (action === 'set' && !(held && departs(held, action))) {
      decide.act(action);
      return;
    }
    if (choice !== action) {
      setChoice(action);
      return;
    }
    const found = reason.trim() ? [] : [{ field: `${id}-reason`, message: t('group.need.reason') }];
    setErrors(found);
    if (found.length === 0) decide.act(action);
  };
  return (
    <div className="stack">
      <ProblemAlert error={decide.error} focus />
      {choice && (
        <TextArea
          id={`${id}-reason`}
          label={t(whyText[choice])}
          rows={3}
          maxLength={4_000}
          autoFocus
          value={reason}
          onChange={setReason}
          errors={errors}
        />
      )}
      <div className="buttons">
        {choice ? (
          <>
            <Button data-size="sm" loading={decide.busy} onClick={() => choose(choice)}>
              {t('common.save')}
            </Button>
            <Button data-size="sm" variant="secondary" onClick={() => setChoice(undefined)}>
              {t('common.cancel')}
            </Button>
          </>
        ) : (
          <>
            <Button data-size="sm" loading={decide.busy} onClick={() => choose('set')}>
              {t('corrections.set')}
            </Button>
            <Button data-size="sm" variant="secondary" onClick={() => choose('annotate')}>
              {t('corrections.annotate')}
            </Button>
            <Button data-size="sm" variant="secondary" onClick={() => choose('refuse')}>
              {t('corrections.refuse')}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}
