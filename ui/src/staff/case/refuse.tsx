import { Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { useT } from '../texts';
import { at, useCaseAct } from './use-case';

/** Refuses the whole request, with the article and a reason in plain words. */
export function RefuseDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [ground, setGround] = useState('');
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const refuse = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/refuse', {
          ...at(c.id),
          body: { ground, reason: reason.trim() },
        }),
      ),
    () => {
      say(t(c.delivery === 'paper' ? 'refuse.done.paper' : 'refuse.done'));
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
  const chosen = c.choices.refusal_grounds.find((each) => each.key === ground);
  const errors = missing.length > 0 ? missing : fieldErrors('refuse', refuse.error);
  return (
    <ActDialog
      title={t('refuse.title')}
      submit={t('refuse.submit')}
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
