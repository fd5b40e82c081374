import { Details } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { api, unwrap } from '../../api/client';
import { CodeForm } from '../codeForm';
import { type Flow, keep, readKept } from '../kept';
import { PersonPage } from '../personPage';
import { usePortal } from '../portal';
import { afterSignIn, beginSession, type Me, meKey, useMe } from '../session';
import { useText } from '../text';
import { MailDelayed } from './ask';

/** "Check your mail": the mail has a code and a link, and either will do. */
export function Code() {
  const [flow, setFlow] = useState(() => readKept('flow'));
  const enter = useEnter();
  useSignedInElsewhere(flow, enter);
  if (!flow) return <Navigate to="/follow" replace />;
  return <CodePage flow={flow} setFlow={setFlow} enter={enter} />;
}

interface CodePageProps {
  flow: Flow;
  setFlow: (flow: Flow) => void;
  enter: (me: Me) => Promise<void>;
}

function CodePage({ flow, setFlow, enter }: CodePageProps) {
  const { t } = useText();
  const { mail_delayed } = usePortal();
  useMailWatch();
  const params = { path: { id: flow.id } };
  const resend = async () => {
    const started = await unwrap(api.POST('/verifications/{id}/resend', { params }));
    const next: Flow = {
      ...flow,
      id: started.id,
      codeLength: started.code_length,
      minutes: started.expires_in_minutes,
      resendAt: Date.now() + started.resend_after_seconds * 1000,
    };
    keep('flow', next);
    setFlow(next);
  };
  const back = flow.right ? `/ask/${flow.right}` : '/follow';
  return (
    <PersonPage title={t('code.title')} back={back}>
      {mail_delayed && <MailDelayed />}
      <p>
        {t(mail_delayed ? 'code.sending' : 'code.sent')}{' '}
        <strong className="address">{flow.email}</strong>
      </p>
      <p>{t('code.either', { minutes: flow.minutes })}</p>
      <CodeForm
        codeLength={flow.codeLength}
        resendAt={flow.resendAt}
        submitLabel={t('code.submit')}
        onResend={resend}
        onCode={async (code) => {
          await enter(
            await unwrap(api.POST('/verifications/{id}/redeem', { params, body: { code } })),
          );
        }}
      />
      <Details>
        <Details.Summary>{t('code.missing')}</Details.Summary>
        <Details.Content>
          <ul className="plain">
            <li>{t('code.missing.wait')}</li>
            <li>{t('code.missing.spam')}</li>
            <li>
              {t('code.missing.address')} <Link to={back}>{t('code.missing.change')}</Link>
            </li>
            <li>{t('code.missing.device')}</li>
          </ul>
          <p>{t('code.missing.office')}</p>
        </Details.Content>
      </Details>
    </PersonPage>
  );
}

/** Whoever waits for a mail is told when it will be late, and when it is on its way again. */
function useMailWatch(): void {
  const client = useQueryClient();
  useEffect(() => {
    const look = () => {
      if (!document.hidden) void client.refetchQueries({ queryKey: ['portal'], type: 'active' });
    };
    const timer = setInterval(look, 10_000);
    return () => clearInterval(timer);
  }, [client]);
}

/** Goes on with the session that has just begun. */
export function useEnter(): (me: Me) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    async (me) => {
      beginSession(client, me);
      await navigate({ to: afterSignIn(me), replace: true });
    },
    [client, navigate],
  );
}

/** Opening the link in another tab signs this one in too: notice it when the person comes back. */
function useSignedInElsewhere(flow: Flow | undefined, enter: (me: Me) => Promise<void>): void {
  const me = useMe();
  const client = useQueryClient();
  useEffect(() => {
    const look = () => {
      if (!document.hidden) void client.refetchQueries({ queryKey: meKey });
    };
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [client]);
  useEffect(() => {
    // The kept flow is gone when this tab itself has just gone on.
    const waiting = flow && readKept('flow');
    if (me && waiting && me.email.toLowerCase() === flow.email.toLowerCase()) void enter(me);
  }, [me, flow, enter]);
}
