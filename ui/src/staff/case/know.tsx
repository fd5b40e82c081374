import { Button, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { useT } from '../texts';
import { Section } from './section';
import { at, useCaseAct } from './use-case';

type Kind = Schemas['FactKind'];
type Value = Schemas['FactValue'];

/** What can be said of each fact. */
function valuesOf(kind: Kind): readonly Value[] {
  if (kind === 'relation') return ['ongoing', 'ended', 'unknown'];
  return kind === 'weighing' ? ['compelling', 'not_compelling'] : ['yes', 'no'];
}

/** What no system holds and the rules need. Nothing of it is asked before somebody opens it. */
export function KnowSection({ c }: { c: Case }) {
  const { t, instant } = useT();
  const [telling, setTelling] = useState(false);
  const facts = c.facts ?? [];
  const may = can(c, 'know').allowed && (c.askable?.length ?? 0) > 0;
  if (facts.length === 0 && !may) return null;
  return (
    <Section id="know" title={t('know.title')}>
      {facts.length > 0 && (
        <ul className="plan-words">
          {facts.map((fact) => (
            <li key={fact.kind + (fact.activity ?? '')}>
              {fact.activity_name && <strong>{fact.activity_name}: </strong>}
              {t(`fact.${fact.kind}`)}: {t(`value.${fact.value}`)}
              <p className="own-words">{fact.reason}</p>
              <span className="under">{t('know.by', { who: fact.by, at: instant(fact.at) })}</span>
            </li>
          ))}
        </ul>
      )}
      {may && (
        <div className="buttons">
          <Button variant="secondary" data-size="sm" onClick={() => setTelling(true)}>
            {t('know.add')}
          </Button>
        </div>
      )}
      {telling && <KnowDialog c={c} onClose={() => setTelling(false)} />}
    </Section>
  );
}

function useLearn(c: Case, done: () => void) {
  const { t } = useT();
  const say = useNotice();
  return useCaseAct(
    (facts: Schemas['LearnFacts']['facts']) =>
      unwrap(api.POST('/staff/cases/{id}/facts', { ...at(c.id), body: { facts } })),
    () => {
      say(t('know.saved'));
      done();
    },
  );
}

/** The fault of the one fact that a dialog sends, at the dialog's fields. */
function factErrors(prefix: string, error: unknown): FieldError[] {
  return fieldErrors(prefix, error).map((each) => ({
    ...each,
    field: each.field.replace(/-facts-0/, ''),
  }));
}

function KnowDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const kinds = c.askable ?? [];
  const [kind, setKind] = useState<Kind>(kinds[0] ?? 'claim');
  const [activity, setActivity] = useState('');
  const [value, setValue] = useState<Value>(valuesOf(kind)[0] ?? 'yes');
  const [reason, setReason] = useState('');
  const learn = useLearn(c, onClose);
  const errors = factErrors('know', learn.error);
  const choose = (next: string) => {
    setKind(next as Kind);
    setValue(valuesOf(next as Kind)[0] ?? 'yes');
  };
  return (
    <ActDialog
      title={t('know.add')}
      submit={t('know.save')}
      busy={learn.busy}
      error={learn.error}
      fields={errors}
      onSubmit={() =>
        learn.act([{ kind, value, reason: reason.trim(), ...(activity ? { activity } : {}) }])
      }
      onCancel={onClose}
    >
      <Paragraph>{t('know.text')}</Paragraph>
      <Pick
        id="know-kind"
        label={t('know.kind')}
        value={kind}
        onChange={choose}
        errors={errors}
        options={kinds.map((each) => [each, t(`fact.${each}`)] as const)}
      />
      <Pick
        id="know-value"
        label={t('know.value')}
        value={value}
        onChange={(next) => setValue(next as Value)}
        options={valuesOf(kind).map((each) => [each, t(`value.${each}`)] as const)}
      />
      <Pick
        id="know-activity"
        label={t('know.about')}
        value={activity}
        onChange={setActivity}
        options={[
          ['', t('know.all')],
          ...(c.activities ?? []).map((each) => [each.id, each.name] as const),
        ]}
      />
      <TextArea
        id="know-reason"
        label={t('know.reason')}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}

/** An objection to what rests on a task or an interest is weighed before anything is decided. */
export function WeighSection({ c }: { c: Case }) {
  const { t } = useT();
  const [weighing, setWeighing] = useState<Schemas['NamedActivity']>();
  const open = c.weigh ?? [];
  if (open.length === 0 || !can(c, 'know').allowed) return null;
  return (
    <Section id="weigh" title={t('weigh.title')}>
      <Paragraph>{t('weigh.text')}</Paragraph>
      <ul className="plan-words">
        {open.map((each) => (
          <li key={each.id} id={`weigh-${each.id}`} tabIndex={-1}>
            <strong>{each.name}</strong>{' '}
            <Button variant="secondary" data-size="sm" onClick={() => setWeighing(each)}>
              {t('weigh.open')}
              <span className="visually-hidden">: {each.name}</span>
            </Button>
          </li>
        ))}
      </ul>
      {weighing && <WeighDialog c={c} activity={weighing} onClose={() => setWeighing(undefined)} />}
    </Section>
  );
}

interface WeighProps {
  c: Case;
  activity: Schemas['NamedActivity'];
  onClose: () => void;
}

function WeighDialog({ c, activity, onClose }: WeighProps) {
  const { t } = useT();
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const learn = useLearn(c, onClose);
  const errors = missing.length > 0 ? missing : factErrors('weigh', learn.error);
  const submit = () => {
    const found = value ? [] : [{ field: 'weigh-value', message: t('weigh.need') }];
    setMissing(found);
    if (found.length > 0) return;
    learn.act([
      { activity: activity.id, kind: 'weighing', value: value as Value, reason: reason.trim() },
    ]);
  };
  return (
    <ActDialog
      title={`${t('weigh.open')}: ${activity.name}`}
      submit={t('know.save')}
      busy={learn.busy}
      error={missing.length > 0 ? undefined : learn.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('weigh.text')}</Paragraph>
      <Pick
        id="weigh-value"
        label={t('weigh.value')}
        value={value}
        onChange={setValue}
        errors={errors}
        options={[
          ['', t('common.pick')],
          ...valuesOf('weighing').map((each) => [each, t(`value.${each}`)] as const),
        ]}
      />
      <TextArea
        id="weigh-reason"
        label={t('weigh.reason')}
        description={t('duty.how.help')}
        rows={5}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}
