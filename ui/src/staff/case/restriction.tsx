import { Button, Checkbox, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { ActDialog, TextArea } from '../parts/form';
import { useT } from '../texts';
import { Section } from './section';
import { at, useCaseAct } from './use-case';

/** What is only stored for this case, and the ways into and out of that. */
export function RestrictionSection({ c }: { c: Case }) {
  const { t, date } = useT();
  const [lifting, setLifting] = useState(false);
  const act = useCaseAct((body: Schemas['RestrictionAct']) =>
    unwrap(api.POST('/staff/cases/{id}/restriction', { ...at(c.id), body })),
  );
  const r = c.restriction;
  if (!r) return null;
  return (
    <Section id="restriction" title={t('restriction.title')}>
      <p className="under">{t(r.restrict ? 'restriction.offer.text' : 'restriction.text')}</p>
      {r.places.length > 0 && (
        <ul className="tasks">
          {r.places.map((p) => (
            <li key={p.source} className="task stack" data-look={p.by_hand > 0 ? '' : undefined}>
              <p className="task-head">
                <strong>{p.title}</strong>
                <span>{t('restriction.rows', { rows: p.rows })}</span>
              </p>
              {p.by_hand > 0 && <p className="under">{t('restriction.hand')}</p>}
              {p.by_hand > 0 && r.mark && (
                <span className="act">
                  <Button
                    variant="secondary"
                    data-size="sm"
                    loading={act.busy}
                    onClick={() => act.act({ act: 'marked', source: p.source })}
                  >
                    {t('restriction.hand.done')}
                  </Button>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {r.lift_at && <p>{t('restriction.lifting', { date: date(r.lift_at) })}</p>}
      {act.error ? <ProblemAlert error={act.error} /> : null}
      {r.restrict && (
        <span className="act">
          <Button
            variant="secondary"
            data-size="sm"
            loading={act.busy}
            onClick={() => act.act({ act: 'restrict' })}
          >
            {t('restriction.offer')}
          </Button>
        </span>
      )}
      {r.keep && (
        <span className="act">
          <Button
            variant="secondary"
            data-size="sm"
            loading={act.busy}
            onClick={() => act.act({ act: 'keep' })}
          >
            {t('restriction.keep')}
          </Button>
        </span>
      )}
      {r.lift && (
        <span className="act">
          <Button variant="secondary" data-size="sm" onClick={() => setLifting(true)}>
            {t('restriction.lift')}
          </Button>
        </span>
      )}
      {lifting && <LiftDialog c={c} onClose={() => setLifting(false)} />}
    </Section>
  );
}

/** Tells the person that the restriction ends, and why; it does so after the time that they are given. */
function LiftDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const [reason, setReason] = useState('');
  const [paper, setPaper] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const lift = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/restriction', {
          ...at(c.id),
          body: { act: 'lift', reason: reason.trim(), on_paper: paper },
        }),
      ),
    onClose,
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!reason.trim())
      found.push({ field: 'restriction-reason', message: t('restriction.lift.need') });
    setMissing(found);
    if (found.length === 0) lift.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('restriction', lift.error);
  return (
    <ActDialog
      title={t('restriction.lift.title')}
      submit={t('restriction.lift.submit')}
      busy={lift.busy}
      error={missing.length > 0 ? undefined : lift.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('restriction.lift.text')}</Paragraph>
      <TextArea
        id="restriction-reason"
        label={t('restriction.lift.reason')}
        rows={3}
        maxLength={2_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      <Checkbox
        label={t('restriction.lift.paper')}
        checked={paper}
        onChange={(e) => setPaper(e.target.checked)}
      />
    </ActDialog>
  );
}
