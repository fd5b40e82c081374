import { Alert, Button, Checkbox, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, TextArea } from '../parts/form';
import { useT } from '../texts';
import { at, useCaseAct } from './use-case';

type Duty = Schemas['Duty'];

/** What the office owes beside the plan: what takes effect at once stands before everything else. */
export function DutiesSection({ c }: { c: Case }) {
  const { t } = useT();
  const duties = c.duties ?? [];
  if (duties.length === 0 || !can(c, 'duty').offered) return null;
  const now = duties.some((duty) => duty.at_once);
  return (
    <Alert data-color={now ? 'danger' : 'info'} className="duties">
      <Heading level={2} data-size="xs">
        {t(now ? 'duty.title.now' : 'duty.title')}
      </Heading>
      {duties.map((duty) => (
        <DutyRow key={duty.kind} c={c} duty={duty} />
      ))}
    </Alert>
  );
}

function DutyRow({ c, duty }: { c: Case; duty: Duty }) {
  const { t } = useT();
  const say = useNotice();
  const [telling, setTelling] = useState(false);
  const text = useId();
  const done = useCaseAct(
    () => unwrap(api.POST('/staff/cases/{id}/duties', { ...at(c.id), body: { kind: duty.kind } })),
    () => say(t('duty.said')),
  );
  return (
    <div id={`duty-${duty.kind}`} tabIndex={-1} className="stack tight">
      <Paragraph id={text}>{duty.text}</Paragraph>
      <ProblemAlert error={done.error} />
      {can(c, 'duty').allowed && (
        <div className="buttons">
          {duty.at_once ? (
            <Button
              data-size="sm"
              aria-describedby={text}
              loading={done.busy}
              onClick={() => done.act()}
            >
              {t('duty.done')}
            </Button>
          ) : (
            <Button
              variant="secondary"
              data-size="sm"
              aria-describedby={text}
              onClick={() => setTelling(true)}
            >
              {t('duty.record')}
            </Button>
          )}
        </div>
      )}
      {telling && <TransferDialog c={c} duty={duty} onClose={() => setTelling(false)} />}
    </div>
  );
}

/** How the copy was sent on, or why that is not feasible. */
function TransferDialog({ c, duty, onClose }: { c: Case; duty: Duty; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [how, setHow] = useState('');
  const [infeasible, setInfeasible] = useState(false);
  const record = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/duties', {
          ...at(c.id),
          body: { kind: duty.kind, infeasible, how: how.trim() },
        }),
      ),
    () => {
      say(t('duty.said'));
      onClose();
    },
  );
  return (
    <ActDialog
      title={t('duty.record')}
      submit={t('know.save')}
      busy={record.busy}
      error={record.error}
      fields={fieldErrors('duty', record.error)}
      onSubmit={() => record.act()}
      onCancel={onClose}
    >
      <Paragraph>{duty.text}</Paragraph>
      <Checkbox
        label={t('duty.infeasible')}
        value="infeasible"
        checked={infeasible}
        onChange={(event) => setInfeasible(event.target.checked)}
      />
      <TextArea
        id="duty-how"
        label={t(infeasible ? 'duty.how.not' : 'duty.how')}
        description={t('duty.how.help')}
        maxLength={4_000}
        value={how}
        onChange={setHow}
        errors={fieldErrors('duty', record.error)}
      />
    </ActDialog>
  );
}
