import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouteComponent,
} from '@tanstack/react-router';
import { Landing } from './pages/landing';
import { Broken, NotFound } from './pages/lost';
import { Shell } from './shell';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Broken,
});

const route = <P extends string>(path: P, component: RouteComponent) =>
  createRoute({ getParentRoute: () => root, path, component });

const begin = () => import('./pages/begin');
const forOther = () => import('./pages/forOther');
const request = () => import('./pages/request');
const cases = () => import('./pages/cases');
const notice = () => import('./pages/notice');
const about = () => import('./pages/about');
const colleague = () => import('./pages/colleague');
const recipient = () => import('./pages/recipient');
const demo = () => import('./pages/demo');

const routeTree = root.addChildren([
  route('/', Landing),
  route('/ask/$right', lazyRouteComponent(begin, 'Ask')),
  route('/for/$right', lazyRouteComponent(forOther, 'ForWhom')),
  route('/for/$right/details', lazyRouteComponent(forOther, 'ForDetails')),
  route('/follow', lazyRouteComponent(begin, 'Follow')),
  route('/code', lazyRouteComponent(begin, 'Code')),
  route('/verify', lazyRouteComponent(begin, 'Verify')),
  route('/confirm/$id', lazyRouteComponent(begin, 'ConfirmContact')),
  route('/request/access', lazyRouteComponent(request, 'Access')),
  route('/request/rectification', lazyRouteComponent(request, 'Rectification')),
  route('/request/rectification/review', lazyRouteComponent(request, 'RectificationReview')),
  route('/request/erasure', lazyRouteComponent(request, 'Erasure')),
  route('/request/erasure/review', lazyRouteComponent(request, 'ErasureReview')),
  route('/request/restriction', lazyRouteComponent(request, 'Restriction')),
  route('/request/portability', lazyRouteComponent(request, 'Portability')),
  route('/request/objection', lazyRouteComponent(request, 'Objection')),
  route('/request/withdrawal', lazyRouteComponent(request, 'Withdrawal')),
  route('/request/human_review', lazyRouteComponent(request, 'HumanReview')),
  route('/receipt/$id', lazyRouteComponent(cases, 'Receipt')),
  route('/cases', lazyRouteComponent(cases, 'Cases')),
  route('/cases/address', lazyRouteComponent(cases, 'ChangeAddress')),
  route('/stop-change', lazyRouteComponent(cases, 'StopChange')),
  route('/cases/$id', lazyRouteComponent(cases, 'Case')),
  route('/colleague', lazyRouteComponent(colleague, 'Colleague')),
  route('/recipient', lazyRouteComponent(recipient, 'Recipient')),
  route('/ended', lazyRouteComponent(begin, 'Ended')),
  route('/signed-out', lazyRouteComponent(begin, 'SignedOut')),
  createRoute({
    getParentRoute: () => root,
    path: '/notice',
    component: lazyRouteComponent(notice, 'Notice'),
    validateSearch: ({ version }): { version?: number } => {
      const wanted = Number(version);
      return Number.isInteger(wanted) && wanted > 0 ? { version: wanted } : {};
    },
  }),
  route('/accessibility', lazyRouteComponent(about, 'Accessibility')),
  route('/other', lazyRouteComponent(about, 'Other')),
  route('/help', lazyRouteComponent(about, 'Help')),
  route('/demo', lazyRouteComponent(demo, 'Demo')),
  route('/demo/mail', lazyRouteComponent(demo, 'Mailbox')),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  // The page itself moves the focus and the window; see shared/page.tsx.
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
