import { Checkbox, Paragraph } from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { api, newKey, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, TextArea } from '../parts/form';
import { copies, useT } from '../texts';
import { useCaseAct } from './use-case';

const parts = ['wrong', 'right', 'reason'] as const;

/** Tell the person what was wrong in an answer that was sent. The answer itself stays as it was. */
export function CorrectAnswerDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const key = useRef(newKey());
  const [words, setWords] = useState({ wrong: '', right: '', reason: '' });
  const [again, setAgain] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const send = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/correct-answer', {
          params: { path: { id: c.id }, header: { 'Idempotency-Key': key.current } },
          body: {
            wrong: words.wrong.trim(),
            right: words.right.trim(),
            reason: words.reason.trim(),
            ...(again ? { again } : {}),
          },
        }),
      ),
    () => {
      say(t(again ? 'mend.done.again' : 'mend.done'));
      onClose();
    },
  );
  const submit = () => {
    const found = parts
      .filter((part) => !words[part].trim())
      .map((part) => ({ field: `mend-${part}`, message: t(`mend.need.${part}`) }));
    setMissing(found);
    if (found.length === 0) send.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('mend', send.error);
  return (
    <ActDialog
      title={t('mend.title')}
      submit={t('mend.submit')}
      busy={send.busy}
      error={missing.length > 0 ? undefined : send.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('mend.lead')}</Paragraph>
      {parts.map((part) => (
        <TextArea
          key={part}
          id={`mend-${part}`}
          label={t(`mend.${part}`)}
          rows={3}
          maxLength={part === 'reason' ? 4_000 : 8_000}
          value={words[part]}
          onChange={(value) => setWords((now) => ({ ...now, [part]: value }))}
          errors={errors}
        />
      ))}
      {copies(c.right) && (
        <Checkbox
          label={t('mend.again')}
          description={t('mend.again.help')}
          value="again"
          checked={again}
          onChange={(event) => setAgain(event.target.checked)}
        />
      )}
    </ActDialog>
  );
}
