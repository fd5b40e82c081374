import { Button, Textfield } from '@digdir/designsystemet-react';
import { type FormEvent, type ReactNode, useEffect, useId, useState } from 'react';
import { Errors, errorOf, type FieldError } from '../shared/errors';
import { ProblemAlert } from '../shared/problem';
import { readCode, showCode } from './code';
import { useText } from './text';

interface Props {
  codeLength: number;
  /** Milliseconds since 1970: when another mail may be asked for. */
  resendAt?: number;
  onCode: (code: string) => Promise<void>;
  /** Left out where whoever types the code cannot ask for another. */
  onResend?: () => Promise<void>;
  submitLabel: string;
  children?: ReactNode;
}

/** The field for a mailed code: takes a paste, spaces, small letters and the phone's own offer. */
export function CodeForm(props: Props) {
  const { codeLength, resendAt = 0, onCode, onResend, submitLabel, children } = props;
  const { t, n } = useText();
  const id = useId();
  const [typed, setTyped] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const slip = (code: string) => {
    if (code === '') return t('code.empty');
    if (code.length === codeLength) return undefined;
    return n('code.length', code.length, { length: codeLength });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const code = readCode(typed);
    const message = slip(code);
    setFailure(undefined);
    setErrors(message ? [{ field: id, message }] : []);
    if (message) return;
    setBusy(true);
    try {
      await onCode(showCode(code));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const error = errorOf(errors, id);
  return (
    <form onSubmit={submit} noValidate className="stack">
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Textfield
        id={id}
        className="code-field"
        label={t('code.label')}
        description={t('code.hint')}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={() => setTyped((text) => showCode(readCode(text)))}
        autoComplete="one-time-code"
        autoCapitalize="characters"
        autoCorrect="off"
        spellCheck={false}
        inputMode="text"
        enterKeyHint="go"
        maxLength={40}
        {...(error ? { error } : {})}
      />
      <div className="actions">
        <Button type="submit" loading={busy}>
          {submitLabel}
        </Button>
        {children}
      </div>
      {onResend && <Resend at={resendAt} onResend={onResend} />}
    </form>
  );
}

/** Asks for another mail; waits until the server would send one. */
function Resend({ at, onResend }: { at: number; onResend: () => Promise<void> }) {
  const { t, n } = useText();
  const left = useSecondsUntil(at);
  const [said, setSaid] = useState<'sent' | undefined>();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    setBusy(true);
    setFailure(undefined);
    setSaid(undefined);
    try {
      await onResend();
      setSaid('sent');
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="resend">
      <p role="status">{said && t('code.resent')}</p>
      <ProblemAlert error={failure} />
      {left > 0 ? (
        <p className="quiet">{n('code.wait', left)}</p>
      ) : (
        <Button type="button" variant="tertiary" loading={busy} onClick={() => void ask()}>
          {t('code.resend')}
        </Button>
      )}
    </div>
  );
}

function useSecondsUntil(at: number): number {
  const [now, setNow] = useState(() => Date.now());
  const left = Math.max(0, Math.ceil((at - now) / 1000));
  const over = left === 0;
  useEffect(() => {
    setNow(Date.now());
    if (over && Date.now() >= at) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [at, over]);
  return left;
}
