import { Alert, Paragraph, Radio, ValidationMessage } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { CheckLine } from '../parts/check';
import { ActDialog, TextArea } from '../parts/form';
import { readWhen, WhenInput } from '../parts/when';
import { useT } from '../texts';
import { osloWall } from '../time';
import { PauseDialog } from './pause';
import { ActButton, Section } from './section';
import { at, useCaseAct } from './use-case';

type Open = 'extend' | 'pause' | 'receipt';

/** When the answer is due and why it is that day, and the ways in which the day may move. */
export function ClockSection({ c }: { c: Case }) {
  const { t, date } = useT();
  const [open, setOpen] = useState<Open>();
  const { clock } = c;
  const close = () => setOpen(undefined);
  return (
    <Section id="clock" title={t('clock.title')}>
      <p className="due">{clock.paused ? t('clock.paused') : date(clock.due_on)}</p>
      <dl className="facts">
        <dt>{t('clock.received')}</dt>
        <dd>{date(clock.received_on)}</dd>
        {(clock.paused || clock.timing === 'on_pause') && clock.due_unsuspended_on && (
          <>
            <dt>{t('clock.unpaused')}</dt>
            <dd>{date(clock.due_unsuspended_on)}</dd>
          </>
        )}
        <dt>{t('clock.target')}</dt>
        <dd>{date(clock.target_on)}</dd>
        {clock.refusal_due_on !== clock.due_on && (
          <>
            <dt>{t('clock.refusal')}</dt>
            <dd>{date(clock.refusal_due_on)}</dd>
          </>
        )}
      </dl>
      <Warnings c={c} />
      <details className="ds-details plain">
        <summary>{t('clock.why')}</summary>
        <div className="ds-details__content">
          <ol className="reasons">
            {clock.reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ol>
        </div>
      </details>
      <div className="side-acts">
        <ActButton may={can(c, 'extend')} onClick={() => setOpen('extend')}>
          {t('clock.extend')}
        </ActButton>
        <ActButton may={can(c, 'pause')} onClick={() => setOpen('pause')}>
          {t('clock.pause')}
        </ActButton>
        {can(c, 'receipt_date').allowed && (
          <ActButton may={can(c, 'receipt_date')} onClick={() => setOpen('receipt')}>
            {t('clock.receipt')}
          </ActButton>
        )}
      </div>
      {open === 'extend' && <ExtendDialog c={c} onClose={close} />}
      {open === 'pause' && <PauseDialog c={c} onClose={close} />}
      {open === 'receipt' && <ReceiptDialog c={c} onClose={close} />}
    </Section>
  );
}

/** What the due date alone does not tell: until when a refusal is in time, and what a pause hides. */
function Warnings({ c }: { c: Case }) {
  const { t, date } = useT();
  const { clock } = c;
  const closed = c.badge === 'done';
  const extended = clock.extended_months !== undefined;
  const by = { date: date(clock.refusal_due_on) };
  return (
    <>
      {extended && clock.refusal_timing && <RefusalWarning c={c} />}
      {extended && closed && clock.timing === 'too_late' && c.outcome === 'refused' && (
        <Alert data-color="warning">
          <Paragraph>{t('clock.refusal.late', by)}</Paragraph>
        </Alert>
      )}
      {clock.timing === 'on_pause' && (
        <Alert data-color="warning">
          <Paragraph>{t(closed ? 'clock.on_pause' : 'clock.on_pause.now')}</Paragraph>
        </Alert>
      )}
    </>
  );
}

/** Until when an extended request can be refused, or that it no longer can in time (Art. 12(4)). */
export function RefusalWarning({ c }: { c: Case }) {
  const { t, date } = useT();
  const late = c.clock.refusal_timing === 'too_late';
  return (
    <Alert data-color={late ? 'warning' : 'info'}>
      <Paragraph>
        {t(late ? 'clock.refusal.over' : 'clock.refusal.by', {
          date: date(c.clock.refusal_due_on),
        })}
      </Paragraph>
    </Alert>
  );
}

interface DialogProps {
  c: Case;
  onClose: () => void;
}

function ExtendDialog({ c, onClose }: DialogProps) {
  const { t, n, date } = useT();
  const say = useNotice();
  const [months, setMonths] = useState(1);
  const [grounds, setGrounds] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const extend = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/extend', {
          ...at(c.id),
          body: { months, grounds: [...grounds], reason: reason.trim() },
        }),
      ),
    () => {
      say(t(c.delivery === 'paper' ? 'extend.done.paper' : 'extend.done'));
      onClose();
    },
  );
  const first = `extend-ground-${c.choices.extension_grounds[0]?.key ?? ''}`;
  const submit = () => {
    const found: FieldError[] = [];
    if (grounds.length === 0) found.push({ field: first, message: t('extend.need.ground') });
    if (reason.trim().length < 10)
      found.push({ field: 'extend-reason', message: t('extend.need.reason') });
    setMissing(found);
    if (found.length === 0) extend.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('extend', extend.error);
  const noGround = errorOf(errors, first);
  return (
    <ActDialog
      title={t('extend.title')}
      submit={t('extend.submit')}
      busy={extend.busy}
      error={missing.length > 0 ? undefined : extend.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      {c.clock.may_extend_until && (
        <Paragraph>{t('extend.until', { date: date(c.clock.may_extend_until) })}</Paragraph>
      )}
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('extend.months')}</legend>
        {[1, 2].map((each) => (
          <Radio
            key={each}
            name="extend-months"
            label={n('extend.month', each)}
            value={String(each)}
            checked={months === each}
            onChange={() => setMonths(each)}
          />
        ))}
      </fieldset>
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('extend.grounds')}</legend>
        {noGround && <ValidationMessage>{noGround}</ValidationMessage>}
        {c.choices.extension_grounds.map((ground) => (
          <CheckLine
            key={ground.key}
            id={`extend-ground-${ground.key}`}
            label={ground.text}
            checked={grounds.includes(ground.key)}
            onChange={(on) =>
              setGrounds((now) =>
                on ? [...now, ground.key] : now.filter((key) => key !== ground.key),
              )
            }
          />
        ))}
      </fieldset>
      <TextArea
        id="extend-reason"
        label={t('extend.reason')}
        description={t('extend.reason.help')}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}

function ReceiptDialog({ c, onClose }: DialogProps) {
  const { t } = useT();
  const say = useNotice();
  const [when, setWhen] = useState(() => osloWall(new Date(c.received_at)));
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const correct = useCaseAct(
    (received_at: string) =>
      unwrap(
        api.POST('/staff/cases/{id}/receipt-date', {
          ...at(c.id),
          body: { received_at, reason: reason.trim() },
        }),
      ),
    () => {
      say(t('receipt.done'));
      onClose();
    },
  );
  const submit = () => {
    const read = readWhen(when);
    const found: FieldError[] = [];
    if ('wrong' in read)
      found.push({ field: 'receipt-received_at', message: t(`when.${read.wrong}`) });
    if (reason.trim().length < 5)
      found.push({ field: 'receipt-reason', message: t('receipt.need.reason') });
    setMissing(found);
    if (found.length === 0 && 'at' in read) correct.act(read.at);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('receipt', correct.error);
  return (
    <ActDialog
      title={t('receipt.title')}
      submit={t('receipt.submit')}
      busy={correct.busy}
      error={missing.length > 0 ? undefined : correct.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <WhenInput
        id="receipt-received_at"
        label={t('field.received')}
        value={when}
        onChange={setWhen}
        errors={errors}
      />
      <TextArea
        id="receipt-reason"
        label={t('receipt.reason')}
        rows={2}
        maxLength={1_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}
