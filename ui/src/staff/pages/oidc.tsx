import { Paragraph } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { sessionQuery } from '../api';
import { leave, proofChannel } from '../oidc';
import { useT } from '../texts';

/**
 * Where the organisation's sign-in sends the browser back to, and where a window that is to prove anew begins.
 * What came in the address is taken out of it before anything else.
 */
export function OIDCPage() {
  const { t } = useT();
  const client = useQueryClient();
  const [error, setError] = useState<unknown>();
  const [done, setDone] = useState(false);
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const query = new URLSearchParams(location.search);
    history.replaceState(null, '', location.pathname);
    come(query)
      .then((next) => {
        if (next === undefined) return;
        if (next !== '') {
          client.clear();
          location.replace(next);
          return;
        }
        setDone(true);
        new BroadcastChannel(proofChannel).postMessage('proved');
        window.close();
      })
      .catch(setError);
  }, [client]);
  return (
    <Page title={t('oidc.title')} suffix={t('app.name')} className="sign-in stack">
      {!error && !done && <Waiting />}
      {done && <Paragraph>{t('oidc.done')}</Paragraph>}
      <ProblemAlert error={error} />
      {error !== undefined && (
        <p>
          <a href={client.getQueryData(sessionQuery.queryKey) ? '/staff/account' : '/staff'}>
            {t('oidc.back')}
          </a>
        </p>
      )}
    </Page>
  );
}

/** Does what the state is for. Gives where to go next; empty where a window has done its work. */
async function come(query: URLSearchParams): Promise<string | undefined> {
  if (query.has('prove')) {
    await leave(unwrap(api.POST('/staff/session/step-up/oidc/start')));
    return undefined;
  }
  const state = query.get('state') ?? '';
  const iss = query.get('iss');
  const body: Schemas['OIDCReturn'] = {
    code: query.get('code') ?? 'none',
    state: state || 'none',
    ...(iss ? { iss } : {}),
  };
  if (state.startsWith('p.')) {
    await unwrap(api.POST('/staff/session/step-up/oidc', { body }));
    return '';
  }
  if (state.startsWith('a.')) {
    await unwrap(api.POST('/staff/account/oidc', { body }));
    return '/staff/account';
  }
  await unwrap(api.POST('/staff/session/oidc', { body }));
  return '/staff';
}
