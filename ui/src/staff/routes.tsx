import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import type { Right } from '../api/client';
import { type View, views } from './api';
import { CasePage } from './case/page';
import { AccountPage } from './pages/account';
import { AuditPage } from './pages/audit';
import { BreachesPage } from './pages/breaches';
import { ClientsPage } from './pages/clients';
import { DrillPage } from './pages/drill';
import { HelpPage } from './pages/help';
import { InboxPage } from './pages/inbox';
import { InformingPage } from './pages/informing';
import { JoinPage } from './pages/join';
import { LettersPage } from './pages/letters';
import { MembersPage } from './pages/members';
import { NewCasePage } from './pages/new-case';
import { NotFoundPage } from './pages/not-found';
import { OIDCPage } from './pages/oidc';
import { OnboardingPage, steps } from './pages/onboarding';
import { RegisterPage } from './pages/register';
import { ReportPage } from './pages/report';
import { RetentionPage } from './pages/retention';
import { SettingsPage } from './pages/settings';
import { SourcePage } from './pages/source';
import { SourcesPage } from './pages/sources';
import { Shell } from './shell';
import { rights } from './texts';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });

/** What the inbox's address says: anything that it does not know is left out. */
export function inboxSearch(search: Record<string, unknown>): {
  view?: View;
  right?: Right;
  q?: string;
} {
  const view = views.find((v) => v === search.view);
  const right = rights.find((each) => each === search.right);
  const q = search.q === undefined ? '' : String(search.q);
  return { ...(view ? { view } : {}), ...(right ? { right } : {}), ...(q ? { q } : {}) };
}

/** A period in the address of the report: two civil dates or nothing. */
export function periodSearch(search: Record<string, unknown>): { from?: string; to?: string } {
  const civil = (value: unknown) => /^\d{4}-\d{2}-\d{2}$/.test(String(value)) && String(value);
  const from = civil(search.from);
  const to = civil(search.to);
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

function stepSearch(search: Record<string, unknown>): { step?: (typeof steps)[number] } {
  const step = steps.find((s) => s === search.step);
  return step ? { step } : {};
}

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: InboxPage,
  validateSearch: inboxSearch,
});
const newCase = createRoute({
  getParentRoute: () => root,
  path: '/cases/new',
  component: NewCasePage,
});
const oneCase = createRoute({
  getParentRoute: () => root,
  path: '/cases/$id',
  component: CasePage,
});
const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  component: SourcesPage,
});
const source = createRoute({
  getParentRoute: () => root,
  path: '/sources/$id',
  component: SourcePage,
});
const register = createRoute({
  getParentRoute: () => root,
  path: '/register',
  component: RegisterPage,
});
const members = createRoute({
  getParentRoute: () => root,
  path: '/members',
  component: MembersPage,
});
const clients = createRoute({
  getParentRoute: () => root,
  path: '/clients',
  component: ClientsPage,
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: SettingsPage,
});
const letters = createRoute({
  getParentRoute: () => root,
  path: '/settings/letters',
  component: LettersPage,
});
const oidc = createRoute({ getParentRoute: () => root, path: '/oidc', component: OIDCPage });
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: AccountPage,
});
const join = createRoute({ getParentRoute: () => root, path: '/join', component: JoinPage });
const audit = createRoute({ getParentRoute: () => root, path: '/audit', component: AuditPage });
const report = createRoute({
  getParentRoute: () => root,
  path: '/report',
  component: ReportPage,
  validateSearch: periodSearch,
});
const retention = createRoute({
  getParentRoute: () => root,
  path: '/retention',
  component: RetentionPage,
});
const drill = createRoute({ getParentRoute: () => root, path: '/drill', component: DrillPage });
const breaches = createRoute({
  getParentRoute: () => root,
  path: '/breaches',
  component: BreachesPage,
});
const informing = createRoute({
  getParentRoute: () => root,
  path: '/informing',
  component: InformingPage,
});
const start = createRoute({
  getParentRoute: () => root,
  path: '/start',
  component: OnboardingPage,
  validateSearch: stepSearch,
});

const help = createRoute({ getParentRoute: () => root, path: '/help', component: HelpPage });

const routeTree = root.addChildren([
  inbox,
  newCase,
  oneCase,
  sources,
  source,
  register,
  members,
  clients,
  settings,
  letters,
  account,
  oidc,
  join,
  audit,
  report,
  retention,
  drill,
  informing,
  breaches,
  start,
  help,
]);

export function newRouter() {
  return createRouter({ routeTree, basepath: '/staff', scrollRestoration: true });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
}
