import { Alert, Checkbox, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { LetterSections } from '../../shared/letter';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { type Case, partQuery, sessionQuery } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, TextArea } from '../parts/form';
import { useT } from '../texts';
import { at, useCaseAct } from './use-case';

type Letter = Schemas['LetterView'];

/** The letter with the reason that is being written in its place. */
export function reasoned(letter: Letter, reason: string): Letter {
  if (!reason.trim()) return letter;
  return {
    ...letter,
    sections: letter.sections.map((section) =>
      section.part === 'because' ? { ...section, blocks: [{ text: reason.trim() }] } : section,
    ),
  };
}

/** Send what is ready of the answer: what the person will read, why the rest comes later, and the button. */
export function PartDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t, date } = useT();
  const say = useNotice();
  const session = useQuery(sessionQuery);
  const preview = useQuery(partQuery(c.id, c.log.length));
  const [reason, setReason] = useState('');
  const [text, setText] = useState('');
  const [confirmed, setConfirmed] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const alone = c.plan?.special === true && session.data?.approvers === 1;
  const send = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/part', {
          ...at(c.id),
          body: {
            digest: c.plan?.digest ?? '',
            reason: reason.trim(),
            ...(text.trim() ? { text: text.trim() } : {}),
            ...(alone ? { confirmed } : {}),
          },
        }),
      ),
    () => {
      say(t('part.done'));
      onClose();
    },
  );
  const submit = () => {
    const found = reason.trim() ? [] : [{ field: 'part-reason', message: t('part.need.reason') }];
    setMissing(found);
    if (found.length === 0) send.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('part', send.error);
  return (
    <ActDialog
      title={t('part.title')}
      submit={t('part.submit')}
      busy={send.busy}
      error={missing.length > 0 ? undefined : send.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('part.lead', { date: date(c.clock.due_on) })}</Paragraph>
      {c.plan?.special && (
        <Alert data-color="warning">
          <Paragraph>{t('look.special')}</Paragraph>
        </Alert>
      )}
      <TextArea
        id="part-reason"
        label={t('part.reason')}
        description={t('part.reason.help')}
        rows={3}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      <TextArea
        id="part-text"
        label={t('send.own')}
        description={t('send.own.help')}
        rows={2}
        maxLength={10_000}
        value={text}
        onChange={setText}
        errors={errors}
      />
      {alone && (
        <Checkbox
          label={t('look.alone.special')}
          description={t('look.alone.special.text')}
          value="confirmed"
          checked={confirmed}
          onChange={(event) => setConfirmed(event.target.checked)}
        />
      )}
      <Heading level={3} data-size="2xs">
        {t('part.letter')}
      </Heading>
      {preview.data && (
        <article className="letter stack" lang={c.locale}>
          <LetterSections letter={reasoned(preview.data, reason)} level={4} own={text} />
        </article>
      )}
      {preview.error ? (
        <ProblemAlert error={preview.error} onRetry={() => preview.refetch()} />
      ) : null}
      {preview.isPending && <Waiting />}
    </ActDialog>
  );
}
