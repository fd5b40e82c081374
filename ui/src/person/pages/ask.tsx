import { Alert, Button, Textfield } from '@digdir/designsystemet-react';
import { Navigate, useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, api, type Right, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { addressSlip } from '../address';
import { ForWhomLine } from '../forWhomLine';
import { keep, readKept } from '../kept';
import { PersonPage } from '../personPage';
import { usePortal } from '../portal';
import { useMe } from '../session';
import { useText } from '../text';
import { NotFound } from './lost';

/** The one question before a request: which address? */
export function Ask() {
  const { right } = useParams({ strict: false }) as { right: string };
  const portal = usePortal();
  const { t } = useText();
  const me = useMe();
  const known = portal.rights.find((each) => each === right);
  if (!known) return <NotFound />;
  if (me) return <Navigate to={`/request/${known}`} replace />;
  return (
    <PersonPage
      title={t('ask.title')}
      over={<p className="over">{t(`right.${known}`)}</p>}
      back="/"
    >
      <p>{t('ask.why')}</p>
      <EmailForm right={known} />
      <ForWhomLine right={known} />
    </PersonPage>
  );
}

/** The same question to someone who has asked before. */
export function Follow() {
  const { t } = useText();
  const me = useMe();
  // Somebody whose session ended in the middle of something goes on there.
  const [resume] = useState(() => readKept('resume'));
  if (me) return <Navigate to={resume ?? '/cases'} replace />;
  const again = resume !== undefined && !/^\/(cases|receipt)/.test(resume);
  return (
    <PersonPage title={t(again ? 'again.title' : 'follow.title')} back="/">
      <p>{t(again ? 'again.why' : 'follow.why')}</p>
      <EmailForm />
      {!again && <p className="quiet">{t('follow.older')}</p>}
    </PersonPage>
  );
}

function EmailForm({ right }: { right?: Right }) {
  const { t, locale } = useText();
  const { mail_delayed } = usePortal();
  const navigate = useNavigate();
  const [email, setEmail] = useState(() => readKept('flow')?.email ?? readKept('owner') ?? '');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const send = async (address: string) => {
    const body = { email: address, locale, ...(right ? { right } : {}) };
    const started = await unwrap(api.POST('/verifications', { body }));
    // A new request begins: where an older session ended matters no more.
    if (right) keep('resume', undefined);
    keep('flow', {
      id: started.id,
      email: address,
      codeLength: started.code_length,
      minutes: started.expires_in_minutes,
      resendAt: Date.now() + started.resend_after_seconds * 1000,
      ...(right ? { right } : {}),
    });
    await navigate({ to: '/code' });
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const slip = addressSlip(email);
    setFailure(undefined);
    setErrors(slip ? [{ field: 'email', message: t(`email.${slip}`) }] : []);
    if (slip) return;
    setBusy(true);
    try {
      await send(email.trim());
    } catch (error) {
      const refused = emailRefused(error);
      if (refused) setErrors([{ field: 'email', message: refused }]);
      else setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const error = errorOf(errors, 'email');
  return (
    <form onSubmit={submit} noValidate className="stack">
      {mail_delayed && <MailDelayed />}
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Textfield
        id="email"
        label={t('email.label')}
        description={t('email.hint')}
        type="email"
        name="email"
        autoComplete="email"
        inputMode="email"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        maxLength={254}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        {...(error ? { error } : {})}
      />
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('email.send')}
        </Button>
      </div>
    </form>
  );
}

/** The server's sentence about the address, if that is what it refused. */
export function emailRefused(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.problem?.errors?.find((each) => each.field.endsWith('email'))?.message;
}

/** Said before and after asking while the mail server is away. */
export function MailDelayed() {
  const { t } = useText();
  return (
    <Alert data-color="warning" role="status">
      <strong>{t('delayed.title')}</strong>
      <p>{t('delayed.text')}</p>
    </Alert>
  );
}
