import { Button, Heading, Link } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { api, newKey, type Schemas, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { LetterSections } from '../../shared/letter';
import { ProblemAlert } from '../../shared/problem';
import { LongField } from '../fields';
import { keep, readKept } from '../kept';
import { usePortal } from '../portal';
import type { Request } from '../requests';
import { useText } from '../text';

type NewMessage = Schemas['NewPersonMessage'];

/** Sends a message once, also when it is sent again after a lost answer. */
export function useMessage(id: string, onSent: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [key, setKey] = useState(newKey);
  const send = async (body: NewMessage): Promise<boolean> => {
    setBusy(true);
    setFailure(undefined);
    try {
      const params = { path: { id }, header: { 'Idempotency-Key': key } };
      await unwrap(api.POST('/requests/{id}/messages', { params, body }));
      setKey(newKey());
      await onSent();
      return true;
    } catch (error) {
      setFailure(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { send, busy, failure };
}

/** What was begun in a place is kept until it is sent. */
export function useBegun(place: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => readKept('messages')?.[place] ?? '');
  const change = (value: string) => {
    const { [place]: _, ...others } = readKept('messages') ?? {};
    keep('messages', value ? { ...others, [place]: value } : others);
    setText(value);
  };
  return [text, change];
}

/** The letters both ways, and a place for a new one. */
export function Messages({ request, onSent }: { request: Request; onSent: () => Promise<void> }) {
  const { t } = useText();
  return (
    <section className="stack" aria-labelledby="messages">
      <Heading level={2} data-size="sm" id="messages">
        {t('messages.title')}
      </Heading>
      {request.messages.length === 0 && <p className="quiet">{t('messages.none')}</p>}
      {request.messages.length > 0 && (
        <ol className="thread">
          {request.messages.map((message) => (
            <Letter key={message.id} id={request.id} message={message} />
          ))}
        </ol>
      )}
      <Write id={request.id} onSent={onSent} />
    </section>
  );
}

function Letter({ id, message }: { id: string; message: Schemas['Message'] }) {
  const { t, instant } = useText();
  const { name } = usePortal();
  const mine = message.from === 'person';
  return (
    <li className={mine ? 'mine' : 'theirs'}>
      <p className="letter-head">
        <strong>{mine ? t('messages.you') : name}</strong>{' '}
        <time dateTime={message.at} className="quiet">
          {instant(message.at)}
        </time>
      </p>
      {message.identity === 'erased' ? (
        <p className="quiet">{t('messages.identity.erased')}</p>
      ) : (
        <p className="lines">{message.text}</p>
      )}
      {message.letter && (
        <details className="why">
          <summary>{t('messages.letter')}</summary>
          <div className="letter stack tight">
            <LetterSections letter={message.letter} level={3} open />
            <Link
              href={`/api/v1/requests/${id}/letters/${message.id}`}
              download={`${message.id}.pdf`}
            >
              {t('messages.letter.pdf')}
            </Link>
          </div>
        </details>
      )}
    </li>
  );
}

function Write({ id, onSent }: { id: string; onSent: () => Promise<void> }) {
  const { t } = useText();
  const [text, setText] = useBegun(id);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [sent, setSent] = useState(false);
  const { send, busy, failure } = useMessage(id, onSent);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const empty = text.trim() === '';
    setSent(false);
    setErrors(empty ? [{ field: 'message', message: t('messages.empty') }] : []);
    if (empty || busy) return;
    if (await send({ text: text.trim() })) {
      setText('');
      setSent(true);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="stack tight no-print">
      <Errors errors={errors} />
      <LongField
        id="message"
        label={t('messages.write')}
        hint={t('messages.hint')}
        value={text}
        onChange={setText}
        error={errorOf(errors, 'message')}
      />
      <ProblemAlert error={failure} focus />
      <p role="status">{sent && t('messages.sent')}</p>
      <div className="actions">
        <Button type="submit" variant="secondary" loading={busy}>
          {t('messages.send')}
        </Button>
      </div>
    </form>
  );
}
