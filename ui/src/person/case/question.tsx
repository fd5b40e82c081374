import { Button, Heading, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import type { Schemas } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { LongField } from '../fields';
import type { Request } from '../requests';
import { useText } from '../text';
import { useBegun, useMessage } from './messages';

type Question = Schemas['Question'];
type NewIdentifier = Schemas['NewIdentifier'];

interface Props {
  request: Request;
  question: Question;
  onSent: () => Promise<void>;
}

/** What the office asks, with the place to answer it. */
export function QuestionForm({ request, question, onSent }: Props) {
  const { t } = useText();
  return (
    <section className="panel waits stack" aria-labelledby="question">
      <Heading level={2} data-size="sm" id="question">
        {t('question.title')}
      </Heading>
      <p className="lines">{question.text}</p>
      {question.clock_paused && <p className="quiet">{t('question.paused')}</p>}
      {question.kind === 'identity' && <p>{t('question.noId')}</p>}
      {question.kind === 'identity' && <p className="quiet">{t('question.erased')}</p>}
      {question.kind === 'older_contact' ? (
        <OlderContacts id={request.id} onSent={onSent} />
      ) : (
        <Reply id={request.id} onSent={onSent} />
      )}
    </section>
  );
}

function Reply({ id, onSent }: { id: string; onSent: () => Promise<void> }) {
  const { t } = useText();
  const [text, setText] = useBegun(`${id}/question`);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { send, busy, failure } = useMessage(id, onSent);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const empty = text.trim() === '';
    setErrors(empty ? [{ field: 'reply', message: t('messages.empty') }] : []);
    if (empty || busy) return;
    if (await send({ text: text.trim() })) setText('');
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="stack tight">
      <Errors errors={errors} />
      <LongField
        id="reply"
        label={t('question.reply')}
        value={text}
        onChange={setText}
        error={errorOf(errors, 'reply')}
      />
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('question.send')}
        </Button>
      </div>
    </form>
  );
}

export interface Older {
  email: string;
  phone_number: string;
  external_id: string;
  name: string;
  ip: string;
  from: string;
  until: string;
}

const kinds = ['email', 'phone_number', 'external_id', 'name'] as const;

/** The older contacts that were filled in. */
export function olderContacts(older: Older): NewIdentifier[] {
  const contacts = kinds.flatMap((kind): NewIdentifier[] => {
    const value = older[kind].trim();
    return value ? [{ kind, value }] : [];
  });
  const ip = older.ip.trim();
  if (ip) contacts.push({ kind: 'ip_address', value: `${ip} ${older.from}/${older.until}` });
  return contacts;
}

const inputs = {
  email: { type: 'email', inputMode: 'email' },
  phone_number: { type: 'tel', inputMode: 'tel' },
  external_id: { type: 'text', inputMode: 'text' },
  name: { type: 'text', inputMode: 'text' },
} as const;

function OlderContacts({ id, onSent }: { id: string; onSent: () => Promise<void> }) {
  const { t } = useText();
  const [older, setOlder] = useState<Older>({
    email: '',
    phone_number: '',
    external_id: '',
    name: '',
    ip: '',
    from: '',
    until: '',
  });
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { send, busy, failure } = useMessage(id, onSent);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const contacts = olderContacts(older);
    const days = [older.ip.trim(), older.from, older.until].filter(Boolean).length;
    const found: FieldError[] = [];
    if (days === 1 || days === 2) found.push({ field: 'older-ip', message: t('older.ip.need') });
    else if (contacts.length === 0) found.push({ field: 'older-email', message: t('older.empty') });
    setErrors(found);
    if (found.length > 0 || busy) return;
    await send({ text: t('older.message'), older_contacts: contacts });
  };
  const error = errorOf(errors, 'older-email');
  const ipError = errorOf(errors, 'older-ip');
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="stack">
      <Errors errors={errors} />
      {kinds.map((kind) => (
        <Textfield
          key={kind}
          id={`older-${kind}`}
          label={t(`older.${kind}`)}
          {...inputs[kind]}
          autoComplete="off"
          maxLength={254}
          value={older[kind]}
          onChange={(event) => setOlder({ ...older, [kind]: event.target.value })}
          {...(kind === 'email' && error ? { error } : {})}
        />
      ))}
      <details className="why">
        <summary>{t('older.ip.more')}</summary>
        <div className="stack tight">
          <Textfield
            id="older-ip"
            label={t('older.ip')}
            description={t('older.ip.help')}
            autoComplete="off"
            maxLength={60}
            value={older.ip}
            onChange={(event) => setOlder({ ...older, ip: event.target.value })}
            {...(ipError ? { error: ipError } : {})}
          />
          <Textfield
            id="older-from"
            type="date"
            label={t('older.ip.from')}
            value={older.from}
            onChange={(event) => setOlder({ ...older, from: event.target.value })}
          />
          <Textfield
            id="older-until"
            type="date"
            label={t('older.ip.until')}
            value={older.until}
            onChange={(event) => setOlder({ ...older, until: event.target.value })}
          />
        </div>
      </details>
      <p className="quiet">{t('older.safe')}</p>
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('question.send')}
        </Button>
        <Button
          type="button"
          variant="secondary"
          disabled={busy}
          onClick={() => void send({ text: t('older.none') })}
        >
          {t('older.none')}
        </Button>
      </div>
    </form>
  );
}
