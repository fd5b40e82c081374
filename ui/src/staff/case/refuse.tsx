import { Heading, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { rightText, useT } from '../texts';
import { at, useCaseAct } from './use-case';

/** Refuses the whole request, with the article and a reason in plain words. */
export function RefuseDialog({ c, onClose }: { c: Case; onClose: () => void }) {
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
  const abuse = ground === 'manifestly_unfounded' || ground === 'excessive';
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
