import { SkipLink } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, Suspense, useCallback, useLayoutEffect, useState } from 'react';
import { wear } from '../shared/accent';
import { Languages } from '../shared/languages';
import { ProblemAlert } from '../shared/problem';
import { Waiting } from '../shared/waiting';
import { Contact } from './contact';
import { PortalContext, usePortalQuery } from './portal';
import { clearSession, rememberPlace, useMe, useSessionClock, useSignOut } from './session';
import { useText } from './text';

/** What stands around every page: who we are, the language, the way out and how to reach us. */
export function Shell() {
  const { t } = useText();
  const { data: portal, error, refetch } = usePortalQuery();
  const accent = portal?.accent;
  useLayoutEffect(() => wear(accent), [accent]);
  if (!portal) {
    return (
      <main className="frame alone">
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Waiting />}
      </main>
    );
  }
  return (
    <PortalContext value={portal}>
      <SkipLink href="#main">{t('shared.skip')}</SkipLink>
      {portal.demo && <DemoStrip />}
      <header className="top">
        <div className="frame">
          <Link to="/" className="name">
            {portal.logo && <img src={`/api/v1/portal/logo/${portal.logo}`} alt="" />}
            {portal.name}
          </Link>
          <Languages offered={portal.locales} />
        </div>
      </header>
      <SignedIn />
      <main id="main" tabIndex={-1}>
        <Suspense
          fallback={
            <Frame>
              <Waiting />
            </Frame>
          }
        >
          {portal.set_up ? <Outlet /> : <NotSetUp />}
        </Suspense>
      </main>
      <footer>
        <div className="frame">
          <h2>{t('footer.contact')}</h2>
          <Contact />
          <ul className="links">
            <li>
              <Link to="/help">{t('footer.help')}</Link>
            </li>
            <li>
              <Link to="/notice">{t('footer.notice')}</Link>
            </li>
            <li>
              <Link to="/accessibility">{t('footer.accessibility')}</Link>
            </li>
            <li>
              <Link to="/other">{t('footer.other')}</Link>
            </li>
            <li>
              <Link to="/follow">{t('footer.follow')}</Link>
            </li>
          </ul>
        </div>
      </footer>
    </PortalContext>
  );
}

export function Frame({ children }: { children: ReactNode }) {
  return <div className="frame page">{children}</div>;
}

function NotSetUp() {
  const { t } = useText();
  return (
    <Frame>
      <h1 className="ds-heading" data-size="lg">
        {t('notSetUp.title')}
      </h1>
      <p>{t('notSetUp.text')}</p>
      <p>
        <a className="ds-link" href="/staff">
          {t('notSetUp.staff')}
        </a>
      </p>
    </Frame>
  );
}

function DemoStrip() {
  const { t } = useText();
  return (
    <aside className="demo" aria-label={t('demo.strip')}>
      <div className="frame">
        <span>{t('demo.strip')}</span>
        <ul>
          <li>
            <Link to="/demo">{t('demo.people')}</Link>
          </li>
          <li>
            <Link to="/demo/mail">{t('demo.mail')}</Link>
          </li>
          <li>
            <a href="/staff">{t('demo.staff')}</a>
          </li>
        </ul>
      </div>
    </aside>
  );
}

/** Who is signed in, with the way to their cases and the way out. */
function SignedIn() {
  const me = useMe();
  const { t } = useText();
  const signOut = useSignOut();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [error, setError] = useState<unknown>();
  const onEnd = useCallback(() => {
    rememberPlace(pathname);
    clearSession(client, false);
    void navigate({ to: '/ended' });
  }, [client, navigate, pathname]);
  useSessionClock(me, onEnd);
  if (!me) return null;
  return (
    <section className="signed-in" aria-label={t('session.label')}>
      <div className="frame">
        <span>{t('session.as', { email: me.email })}</span>
        <ul>
          <li>
            <Link to="/cases">{t('session.cases')}</Link>
          </li>
          <li>
            <button type="button" onClick={() => void signOut().catch(setError)}>
              {t('session.out')}
            </button>
          </li>
        </ul>
      </div>
      {error !== undefined && <ProblemAlert error={error} focus />}
    </section>
  );
}
