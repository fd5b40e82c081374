import { Button, SkipLink } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError, api, unwrap } from '../api/client';
import { Languages } from '../shared/languages';
import { ProblemAlert } from '../shared/problem';
import { Waiting } from '../shared/waiting';
import { demoQuery, portalQuery, type Session, sessionQuery } from './api';
import { holds, type Permission } from './can';
import { GateProvider, useAct } from './gate';
import { NoticeProvider } from './notice';
import { JoinPage } from './pages/join';
import { OIDCPage } from './pages/oidc';
import { SignInPage, usePlay } from './pages/sign-in';
import { mainRole, type StaffKey, useT } from './texts';

/** The frame of every page: who is signed in decides what stands inside it. */
export function Shell() {
  const session = useQuery(sessionQuery);
  useLanguageRefresh();
  return (
    <NoticeProvider>
      <GateProvider>
        <Frame session={session.data}>
          {session.data ? (
            <Outlet />
          ) : (
            <Stranger error={session.error} retry={() => session.refetch()} />
          )}
        </Frame>
      </GateProvider>
    </NoticeProvider>
  );
}

/** The server answers in the page's language: what it said in another one is asked for again. */
function useLanguageRefresh() {
  const { locale } = useT();
  const client = useQueryClient();
  const [first] = useState({ locale });
  useEffect(() => {
    if (first.locale === locale) return;
    first.locale = locale;
    client.invalidateQueries();
  }, [client, locale, first]);
}

function Stranger({ error, retry }: { error: unknown; retry: () => void }) {
  const here = useLocation({ select: (location) => location.pathname });
  if (!error) return <Waiting />;
  if (error instanceof ApiError && error.status === 401) {
    if (here.endsWith('/join')) return <JoinPage />;
    return here.endsWith('/oidc') ? <OIDCPage /> : <SignInPage />;
  }
  return <ProblemAlert error={error} onRetry={retry} />;
}

function Frame({ session, children }: { session: Session | undefined; children: ReactNode }) {
  const { t } = useT();
  const portal = useQuery(portalQuery);
  return (
    <div className="frame" data-size="sm" data-signed-in={session ? '' : undefined}>
      <SkipLink href="#main">{t('shared.skip')}</SkipLink>
      <header className="top">
        <Link to="/" className="brand">
          <strong>{t('app.name')}</strong>
          {portal.data?.name && <span>{portal.data.name}</span>}
        </Link>
        {portal.data?.demo && <span className="demo-mark">{t('demo.mark')}</span>}
        <div className="top-end">
          <Languages offered={portal.data?.locales ?? []} />
          {session && <Account session={session} />}
        </div>
      </header>
      {session && <Menu session={session} />}
      <main id="main" tabIndex={-1}>
        {session && !session.set_up_done && holds(session, 'edit_settings') && <SetUpReminder />}
        {children}
      </main>
    </div>
  );
}

function Account({ session }: { session: Session }) {
  const { t } = useT();
  const client = useQueryClient();
  const role = mainRole(session.member);
  const signOut = useAct(
    () => unwrap(api.DELETE('/staff/session')),
    () => location.assign('/staff'),
  );
  return (
    <div className="account">
      <Link to="/account" className="who">
        <strong>{session.member.name}</strong>
        {role && <span>{t(role)}</span>}
        <span className="visually-hidden">: {t('account.title')}</span>
      </Link>
      {session.demo && <SwitchMember session={session} onDone={() => client.invalidateQueries()} />}
      <Button
        variant="tertiary"
        data-size="sm"
        loading={signOut.busy}
        onClick={() => signOut.act()}
      >
        {t('signin.out')}
      </Button>
    </div>
  );
}

/** In the demo: become the other member, on the same page. */
function SwitchMember({ session, onDone }: { session: Session; onDone: () => void }) {
  const { t } = useT();
  const demo = useQuery(demoQuery);
  const play = usePlay(onDone);
  return (demo.data?.members ?? [])
    .filter((member) => member.id !== session.member.id)
    .map((member) => (
      <Button
        key={member.id}
        variant="secondary"
        data-size="sm"
        loading={play.isPending && play.variables === member.id}
        onClick={() => play.mutate(member.id)}
      >
        {t('demo.switch', { name: member.name.split(' ')[0] ?? member.name })}
      </Button>
    ));
}

function SetUpReminder() {
  const { t } = useT();
  const here = useLocation({ select: (location) => location.pathname });
  if (here.endsWith('/start')) return null;
  return (
    <p className="reminder">
      <span>{t('setup.reminder')}</span> <Link to="/start">{t('setup.continue')}</Link>
    </p>
  );
}

interface Entry {
  to:
    | '/cases/new'
    | '/sources'
    | '/register'
    | '/report'
    | '/retention'
    | '/drill'
    | '/breaches'
    | '/settings'
    | '/members'
    | '/clients'
    | '/audit';
  text: StaffKey;
  needs: Permission;
  apart?: boolean;
}

const entries: readonly Entry[] = [
  { to: '/cases/new', text: 'menu.new', needs: 'file_on_behalf' },
  { to: '/sources', text: 'menu.sources', needs: 'read_sources', apart: true },
  { to: '/register', text: 'menu.register', needs: 'read_register' },
  { to: '/retention', text: 'menu.retention', needs: 'read_reports' },
  { to: '/report', text: 'menu.report', needs: 'read_reports' },
  { to: '/breaches', text: 'menu.breaches', needs: 'read_breaches' },
  { to: '/drill', text: 'menu.drill', needs: 'file_on_behalf' },
  { to: '/settings', text: 'menu.settings', needs: 'read_settings', apart: true },
  { to: '/members', text: 'menu.members', needs: 'read_members' },
  { to: '/clients', text: 'menu.clients', needs: 'read_members' },
  { to: '/audit', text: 'menu.audit', needs: 'read_audit' },
];

/** Where one may go. On a narrow window it folds away under its name. */
function Menu({ session }: { session: Session }) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  const here = useLocation({ select: (location) => location.pathname });
  const navigate = useNavigate();
  // A newcomer's first page is the set-up; afterwards nothing sends them there.
  const unready = !session.set_up_done && holds(session, 'edit_settings');
  useEffect(() => {
    if (unready && sessionStorage.getItem(started) === null) {
      sessionStorage.setItem(started, 'yes');
      navigate({ to: '/start' });
    }
  }, [unready, navigate]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: closed whenever the page changes
  useEffect(() => setOpen(false), [here]);
  return (
    <nav className="menu" aria-label={t('menu.label')} data-open={open ? '' : undefined}>
      <Button
        variant="secondary"
        data-size="sm"
        className="menu-toggle"
        aria-expanded={open}
        aria-controls="menu-list"
        onClick={() => setOpen((now) => !now)}
      >
        {t('menu.label')}
      </Button>
      <ul id="menu-list">
        <li>
          <Link to="/" activeOptions={{ exact: true, includeSearch: false }}>
            {t('menu.inbox')}
          </Link>
        </li>
        {entries
          .filter(({ needs }) => holds(session, needs))
          .map(({ to, text, apart }) => (
            <li key={to} className={apart ? 'apart' : undefined}>
              <Link to={to}>{t(text)}</Link>
            </li>
          ))}
        <li className="apart">
          <Link to="/help">{t('menu.help')}</Link>
        </li>
      </ul>
    </nav>
  );
}

const started = 'mininfo.set-up-shown';
