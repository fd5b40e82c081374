import { Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea, TextInput } from '../parts/form';
import { rightText, useT } from '../texts';
import { RefusalWarning } from './clock';
import { at, useCaseAct } from './use-case';

/** Refuses the whole request, with the article and a reason in plain words. */
export function RefuseDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const [fee, setFee] = useState<FeeGround>();
  if (fee) return <FeeDialog c={c} ground={fee} onClose={onClose} />;
  return <RefusalForm c={c} onClose={onClose} onFee={setFee} />;
}

interface RefusalProps {
  c: Case;
  onClose: () => void;
  onFee: (ground: FeeGround) => void;
}

function RefusalForm({ c, onClose, onFee }: RefusalProps) {
  const { t } = useT();
  const say = useNotice();
  const ready = c.prepared_refusal;
  const [ground, setGround] = useState(ready?.ground ?? '');
  const [reason, setReason] = useState(ready?.text ?? '');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const refuse = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/refuse', {
          ...at(c.id),
          body: { ground, reason: reason.trim() },
        }),
      ),
    (after) => {
      if (!after.answer) say(t('refuse.propose.done'));
      else say(t(c.delivery === 'paper' ? 'refuse.done.paper' : 'refuse.done'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!ground) found.push({ field: 'refuse-ground', message: t('refuse.need.ground') });
    if (reason.trim().length < 10)
      found.push({ field: 'refuse-reason', message: t('refuse.need.reason') });
    setMissing(found);
    if (found.length === 0) refuse.act();
  };
  const abuse = ground === 'manifestly_unfounded' || ground === 'excessive' ? ground : undefined;
  const proposing = abuse && !(ready?.proposed && ready.ground === ground);
  const chosen = c.choices.refusal_grounds.find((each) => each.key === ground);
  const errors = missing.length > 0 ? missing : fieldErrors('refuse', refuse.error);
  return (
    <ActDialog
      title={t('refuse.title')}
      submit={t(proposing ? 'refuse.propose' : 'refuse.submit')}
      danger
      busy={refuse.busy}
      error={missing.length > 0 ? undefined : refuse.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('refuse.text')}</Paragraph>
      {c.clock.extended_months && c.clock.refusal_timing === 'too_late' && <RefusalWarning c={c} />}
      <Pick
        id="refuse-ground"
        label={t('refuse.ground')}
        value={ground}
        onChange={setGround}
        errors={errors}
        {...(chosen?.law ? { description: chosen.law } : {})}
        options={[
          ['', t('common.pick')],
          ...c.choices.refusal_grounds.map((each) => [each.key, each.text] as const),
        ]}
      />
      {abuse && <Earlier c={c} />}
      {abuse && (
        <div>
          <Button variant="tertiary" data-size="sm" onClick={() => onFee(abuse)}>
            {t('fee.instead')}
          </Button>
        </div>
      )}
      <TextArea
        id="refuse-reason"
        label={t('refuse.reason')}
        description={t('refuse.reason.help')}
        rows={5}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}

type FeeGround = 'excessive' | 'manifestly_unfounded' | 'further_copy';

interface FeeProps {
  c: Case;
  /** What the member has said already that it rests on. */
  ground?: FeeGround;
  onClose: () => void;
}

/** Tells the person of a fee before there is any work: why, how much, for what, and how to pay none. */
export function FeeDialog({ c, ground: first, onClose }: FeeProps) {
  const { t } = useT();
  const say = useNotice();
  const paper = c.delivery === 'paper';
  const [ground, setGround] = useState<FeeGround | ''>(first ?? '');
  const [reason, setReason] = useState('');
  const [kroner, setKroner] = useState('');
  const [covers, setCovers] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const warn = useCaseAct(
    (ground: FeeGround) =>
      unwrap(
        api.POST('/staff/cases/{id}/fee-warning', {
          ...at(c.id),
          body: { ground, reason: reason.trim(), kroner: Number(kroner), covers: covers.trim() },
        }),
      ),
    () => {
      say(t(paper ? 'fee.done.paper' : 'fee.done'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!ground) found.push({ field: 'fee-ground', message: t('fee.need.ground') });
    if (reason.trim().length < 10)
      found.push({ field: 'fee-reason', message: t('fee.need.reason') });
    if (!Number.isInteger(Number(kroner)) || Number(kroner) < 1)
      found.push({ field: 'fee-kroner', message: t('fee.need.kroner') });
    if (covers.trim().length < 10)
      found.push({ field: 'fee-covers', message: t('fee.need.covers') });
    setMissing(found);
    if (found.length === 0 && ground) warn.act(ground);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('fee', warn.error);
  return (
    <ActDialog
      title={t('fee.title')}
      submit={t(paper ? 'fee.submit.paper' : 'fee.submit')}
      busy={warn.busy}
      error={missing.length > 0 ? undefined : warn.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('fee.text')}</Paragraph>
      {paper && <Paragraph data-size="sm">{t('fee.paper')}</Paragraph>}
      <Pick
        id="fee-ground"
        label={t('fee.ground')}
        value={ground}
        onChange={(value) => setGround(value as FeeGround | '')}
        errors={errors}
        options={[
          ['', t('common.pick')],
          ...(c.right === 'access' ? [['further_copy', t('fee.copy')] as const] : []),
          ['excessive', t('fee.excessive')],
          ['manifestly_unfounded', t('fee.unfounded')],
        ]}
      />
      <TextArea
        id="fee-reason"
        label={t('fee.reason')}
        description={t('refuse.reason.help')}
        rows={4}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      <TextInput
        id="fee-kroner"
        type="number"
        className="narrow"
        label={t('fee.kroner')}
        min={1}
        value={kroner}
        onChange={setKroner}
        errors={errors}
      />
      <TextArea
        id="fee-covers"
        label={t('fee.covers')}
        description={t('fee.covers.help')}
        rows={3}
        maxLength={2_000}
        value={covers}
        onChange={setCovers}
        errors={errors}
      />
    </ActDialog>
  );
}

/** What the person has asked for before: the office has to show that the right is abused. */
function Earlier({ c }: { c: Case }) {
  const { t, date } = useT();
  const earlier = c.earlier ?? [];
  return (
    <section className="stack" aria-labelledby="refuse-earlier">
      <Paragraph>{t('refuse.two')}</Paragraph>
      <Heading level={3} data-size="2xs" id="refuse-earlier">
        {t('refuse.earlier')}
      </Heading>
      {earlier.length === 0 && <p>{t('refuse.earlier.none')}</p>}
      {earlier.length > 0 && !earlier.some((each) => each.recent) && (
        <p>{t('refuse.earlier.old')}</p>
      )}
      <ul>
        {earlier.map((each) => (
          <li key={each.id}>
            {t('refuse.earlier.line', {
              date: date(each.received_at),
              right: t(rightText[each.right]),
              step: each.step_text,
            })}
          </li>
        ))}
      </ul>
    </section>
  );
}
