import {
  Alert,
  Button,
  Checkbox,
  Heading,
  Link,
  Paragraph,
  Tag,
} from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { api, newKey, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { LetterSections } from '../../shared/letter';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Failure, TextArea } from '../parts/form';
import { PrintLetter } from '../parts/paper';
import { nowWall, readWhen, WhenInput } from '../parts/when';
import { useT } from '../texts';
import { ActButton, Section } from './section';
import { at, useCaseAct } from './use-case';

/** What was written both ways, the office's own notes, and the question that waits. */
export function MessagesSection({ c }: { c: Case }) {
  const { t } = useT();
  const [replying, setReplying] = useState(false);
  return (
    <Section
      id="messages"
      title={t('messages.title')}
      end={
        <ActButton may={can(c, 'reply')} variant="tertiary" onClick={() => setReplying(true)}>
          {t('reply.open')}
        </ActButton>
      }
    >
      {c.question && <Question question={c.question} />}
      {c.messages.length === 0 && !c.question && <p className="under">{t('messages.none')}</p>}
      {c.messages.length > 0 && (
        <ol className="messages">
          {c.messages.map((message) => (
            <MessageItem key={message.id} c={c} message={message} />
          ))}
        </ol>
      )}
      {can(c, 'message').allowed && <Compose c={c} />}
      {replying && <ReplyDialog c={c} onClose={() => setReplying(false)} />}
    </Section>
  );
}

function Question({ question }: { question: Schemas['Question'] }) {
  const { t, instant } = useT();
  return (
    <Alert data-color="info">
      <Heading level={3} data-size="2xs">
        {t('question.title', { at: instant(question.asked_at) })}
      </Heading>
      <Paragraph className="own-words">{question.text}</Paragraph>
      <p className="under">{t(question.clock_paused ? 'question.paused' : 'question.runs')}</p>
    </Alert>
  );
}

function MessageItem({ c, message }: { c: Case; message: Schemas['Message'] }) {
  const { t, instant } = useT();
  const words =
    message.identity === 'erased' ? (
      <p className="under">{t('messages.identity.erased')}</p>
    ) : (
      <p className="own-words">{message.text}</p>
    );
  return (
    <li data-from={message.from}>
      <p className="message-head">
        {message.from === 'note' && <Tag data-color="neutral">{t('messages.note')}</Tag>}
        <strong>{message.author || t(`messages.from.${message.from}`)}</strong>
        <span className="under-inline">{instant(message.at)}</span>
      </p>
      {words}
      {message.identity === 'kept' && <p className="under">{t('messages.identity.kept')}</p>}
      {message.letter && (
        <details className="ds-details plain">
          <summary>{t('messages.letter')}</summary>
          <div className="ds-details__content letter" lang={c.locale}>
            <LetterSections letter={message.letter} level={3} open />
          </div>
          <Link
            href={`/api/v1/staff/cases/${c.id}/letters/${message.id}`}
            download={`${c.reference}.pdf`}
          >
            {t('messages.letter.pdf')}
          </Link>
        </details>
      )}
      {message.from === 'office' && c.delivery === 'paper' && (
        <PrintLetter c={c} label={instant(message.at)}>
          {message.letter ? <LetterSections letter={message.letter} level={2} open /> : words}
        </PrintLetter>
      )}
    </li>
  );
}

function Compose({ c }: { c: Case }) {
  const { t } = useT();
  const say = useNotice();
  const key = useRef(newKey());
  const [text, setText] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const [asNote, setAsNote] = useState(false);
  const send = useCaseAct(
    (internal: boolean) =>
      unwrap(
        api.POST('/staff/cases/{id}/message', {
          params: { path: { id: c.id }, header: { 'Idempotency-Key': key.current } },
          body: { text: text.trim(), internal },
        }),
      ),
    () => {
      say(t(asNote ? 'messages.noted' : 'messages.sent'));
      key.current = newKey();
      setText('');
    },
  );
  const submit = (internal: boolean) => {
    const found = text.trim() ? [] : [{ field: 'message-text', message: t('messages.need') }];
    setMissing(found);
    setAsNote(internal);
    if (found.length === 0) send.act(internal);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('message', send.error);
  return (
    <div className="stack compose">
      {missing.length === 0 && <Failure error={send.error} fields={errors} />}
      <TextArea
        id="message-text"
        label={t('messages.write')}
        rows={3}
        maxLength={20_000}
        value={text}
        onChange={setText}
        errors={errors}
      />
      <div className="buttons">
        <Button
          data-size="sm"
          variant="secondary"
          loading={send.busy && !asNote}
          onClick={() => submit(false)}
        >
          {t(c.delivery === 'paper' ? 'messages.send.paper' : 'messages.send')}
        </Button>
        <Button
          data-size="sm"
          variant="tertiary"
          loading={send.busy && asNote}
          onClick={() => submit(true)}
        >
          {t('messages.keep')}
        </Button>
      </div>
    </div>
  );
}

function ReplyDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [text, setText] = useState('');
  const [when, setWhen] = useState(nowWall);
  const [answers, setAnswers] = useState(Boolean(c.question));
  const [missing, setMissing] = useState<FieldError[]>([]);
  const record = useCaseAct(
    (received_at: string) =>
      unwrap(
        api.POST('/staff/cases/{id}/reply', {
          ...at(c.id),
          body: {
            text: text.trim(),
            received_at,
            ...(c.question ? { answers_question: answers } : {}),
          },
        }),
      ),
    () => {
      say(t('reply.done'));
      onClose();
    },
  );
  const submit = () => {
    const read = readWhen(when);
    const found: FieldError[] = [];
    if (!text.trim()) found.push({ field: 'reply-text', message: t('reply.need') });
    if ('wrong' in read)
      found.push({ field: 'reply-received_at', message: t(`when.${read.wrong}`) });
    setMissing(found);
    if (found.length === 0 && 'at' in read) record.act(read.at);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('reply', record.error);
  return (
    <ActDialog
      title={t('reply.title')}
      submit={t('reply.submit')}
      busy={record.busy}
      error={missing.length > 0 ? undefined : record.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('reply.text')}</Paragraph>
      <TextArea
        id="reply-text"
        label={t('reply.words')}
        rows={5}
        maxLength={20_000}
        value={text}
        onChange={setText}
        errors={errors}
      />
      <WhenInput
        id="reply-received_at"
        label={t('field.received')}
        value={when}
        onChange={setWhen}
        errors={errors}
      />
      {c.question && (
        <Checkbox
          label={t('reply.answers')}
          value="answers"
          checked={answers}
          onChange={(event) => setAnswers(event.target.checked)}
        />
      )}
    </ActDialog>
  );
}
