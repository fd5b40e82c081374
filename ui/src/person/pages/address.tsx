import { Button, Textfield } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { addressSlip } from '../address';
import { CodeForm } from '../codeForm';
import { dropLink, takeLink } from '../link';
import { PersonPage, SignedInOnly } from '../personPage';
import { forgetCode } from '../proof';
import { type Me, meKey } from '../session';
import { StepUp } from '../stepUp';
import { useText } from '../text';
import { emailRefused } from './ask';

type Started = Schemas['StepUpStarted'];

/** Has one's cases follow another address: a code to the old one, the new one, a code to that. */
export function ChangeAddress() {
  return <SignedInOnly>{(me) => <Steps me={me} />}</SignedInOnly>;
}

function Steps({ me }: { me: Me }) {
  const { t } = useText();
  const [proved, setProved] = useState(false);
  const [named, setNamed] = useState<{ email: string; started: Started; at: number }>();
  const [due, setDue] = useState<string>();
  const name = async (email: string) => {
    const started = await unwrap(api.POST('/me/address', { body: { email } }));
    setNamed({ email, started, at: Date.now() });
  };
  if (due) return <Done due={due} />;
  if (named) {
    return (
      <PersonPage key="code" title={t('address.code.title')}>
        <p>
          {t('code.sent')} <strong className="address">{named.email}</strong>
        </p>
        <CodeForm
          codeLength={named.started.code_length}
          resendAt={named.at + named.started.resend_after_seconds * 1000}
          submitLabel={t('address.code.submit')}
          onResend={() => name(named.email)}
          onCode={async (code) => {
            const answer = await unwrap(api.POST('/me/address/redeem', { body: { code } }));
            setDue(answer.due_at);
          }}
        >
          <Button variant="tertiary" onClick={() => setNamed(undefined)}>
            {t('code.missing.change')}
          </Button>
        </CodeForm>
      </PersonPage>
    );
  }
  if (proved) {
    return (
      <PersonPage key="name" title={t('address.new.title')}>
        <NameForm onName={name} />
      </PersonPage>
    );
  }
  return (
    <PersonPage key="old" title={t('address.title')} back="/cases">
      <StepUp
        purpose={{ kind: 'address' }}
        email={me.email}
        startLabel={t('address.old.start')}
        submitLabel={t('address.old.submit')}
        before={
          <>
            <p>
              {t('address.text')} <strong className="address">{me.email}</strong>
            </p>
            <p>{t('address.text.how')}</p>
          </>
        }
        onDone={() => {
          forgetCode({ kind: 'address' });
          setProved(true);
        }}
      />
    </PersonPage>
  );
}

function NameForm({ onName }: { onName: (email: string) => Promise<void> }) {
  const { t } = useText();
  const [email, setEmail] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const slip = addressSlip(email);
    setFailure(undefined);
    setErrors(slip ? [{ field: 'email', message: t(`email.${slip}`) }] : []);
    if (slip || busy) return;
    setBusy(true);
    try {
      await onName(email.trim());
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
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Textfield
        id="email"
        label={t('address.new.label')}
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

function Done({ due }: { due: string }) {
  const { t, instant } = useText();
  const client = useQueryClient();
  const later = Date.parse(due) > Date.now();
  return (
    <PersonPage key="done" title={t('address.done.title')}>
      <p>{later ? t('address.done.later', { date: instant(due) }) : t('address.done.now')}</p>
      <p>
        <Link to="/cases" onClick={() => void client.invalidateQueries({ queryKey: meKey })}>
          {t('cases.title')}
        </Link>
      </p>
    </PersonPage>
  );
}

/** On the person's cases: the change that waits, or the way to ask for one. */
export function AddressLine({ me }: { me: Me }) {
  const { t, instant } = useText();
  const client = useQueryClient();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (!me.address_changes_at) {
    return (
      <p>
        <Link to="/cases/address">{t('address.link')}</Link>
      </p>
    );
  }
  const keepOld = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(api.DELETE('/me/address'));
      await client.invalidateQueries({ queryKey: meKey });
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack tight">
      <p className="notice">{t('address.waits', { date: instant(me.address_changes_at) })}</p>
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button variant="secondary" loading={busy} onClick={() => void keepOld()}>
          {t('address.keep')}
        </Button>
      </div>
    </div>
  );
}

/**
 * Where the mail to the old address leads. To open the page changes nothing: programs that look through
 * mail open links too.
 */
export function StopChange() {
  const { t } = useText();
  const [link] = useState(takeLink);
  const [done, setDone] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  if (done || !link) {
    return (
      <PersonPage key="done" title={t(done ? 'address.stopped.title' : 'verify.none.title')}>
        <p>{t(done ? 'address.stopped.text' : 'address.stop.none')}</p>
      </PersonPage>
    );
  }
  const stop = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const body = { link: `${link.challenge}.${link.token}` };
      await unwrap(api.POST('/address-changes/stop', { body }));
      dropLink();
      setDone(true);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <PersonPage title={t('address.stop.title')}>
      <p>{t('address.stop.text')}</p>
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button data-color="danger" loading={busy} onClick={() => void stop()}>
          {t('address.stop.do')}
        </Button>
      </div>
    </PersonPage>
  );
}
