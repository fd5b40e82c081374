import { Checkbox, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { useT } from '../texts';
import { at, useCaseAct } from './use-case';

/** The answer to a request that a person looks at an automated decision: what became of it, and why. */
export function ReviewDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [outcome, setOutcome] = useState('');
  const [text, setText] = useState('');
  const [posted, setPosted] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const paper = c.delivery === 'paper';
  const send = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/answer', {
          ...at(c.id),
          body: {
            outcome: outcome as 'granted' | 'partly_granted' | 'refused',
            text: text.trim(),
            ...(paper ? { sent_on_paper: true } : {}),
          },
        }),
      ),
    () => {
      say(t('send.done'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!outcome) found.push({ field: 'review-outcome', message: t('weigh.need') });
    if (!text.trim()) found.push({ field: 'review-text', message: t('review.need') });
    if (paper && !posted) found.push({ field: 'review-posted', message: t('send.posted.missing') });
    setMissing(found);
    if (found.length === 0) send.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('review', send.error);
  return (
    <ActDialog
      title={t('review.title')}
      submit={t(paper ? 'send.submit.paper' : 'send.submit')}
      busy={send.busy}
      error={missing.length > 0 ? undefined : send.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('review.lead')}</Paragraph>
      <Pick
        id="review-outcome"
        label={t('review.outcome')}
        value={outcome}
        onChange={setOutcome}
        errors={errors}
        options={[
          ['', t('common.pick')],
          ['granted', t('review.changed')],
          ['partly_granted', t('review.partly')],
          ['refused', t('review.upheld')],
        ]}
      />
      <TextArea
        id="review-text"
        label={t('review.reason')}
        rows={6}
        maxLength={10_000}
        value={text}
        onChange={setText}
        errors={errors}
      />
      {paper && (
        <Checkbox
          id="review-posted"
          label={t('send.posted')}
          value="posted"
          checked={posted}
          onChange={(event) => setPosted(event.target.checked)}
        />
      )}
    </ActDialog>
  );
}
