import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, type Right, type Schemas, unwrap } from '../api/client';
import { whilePresent } from '../shared/presence';
import { holds, type Permission } from './can';

export type Case = Schemas['Case'];
export type CaseSummary = Schemas['CaseSummary'];
export type FindingGroup = Schemas['FindingGroup'];
export type Finding = Schemas['FindingPage']['findings'][number];
export type Session = Schemas['StaffSession'];
export type Task = Schemas['Task'];
export type Settings = Schemas['Settings'];
export type View = (typeof views)[number];

/** The inbox's views, in the order of their tabs. */
export const views = [
  'open',
  'new',
  'mine',
  'waiting',
  'due_this_week',
  'overdue',
  'done',
  'all',
] as const;

export interface InboxFilter {
  view: View;
  right?: Right | undefined;
  q?: string | undefined;
}

/** A thing that is being worked on is asked for again so often; milliseconds. */
const lively = 2_000;
/** And so often while the server tells of changes, should it once forget. */
const told = 10_000;
export const calm = 30_000;
/** Each reading of a case is logged, so one in which nothing moves is read rarely. */
const still = 5 * 60_000;

export const portalQuery = queryOptions({
  queryKey: ['portal'],
  queryFn: () => unwrap(api.GET('/portal')),
  staleTime: 60_000,
});

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: () => unwrap(api.GET('/staff/session')),
});

/** How members can sign in here. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: () => unwrap(api.GET('/staff/sign-in')),
  staleTime: 60_000,
});

export const accountQuery = queryOptions({
  queryKey: ['account'],
  queryFn: () => unwrap(api.GET('/staff/account')),
});

export function memberSessionsQuery(id: string) {
  return queryOptions({
    queryKey: ['member-sessions', id],
    queryFn: () => unwrap(api.GET('/staff/members/{id}/sessions', { params: { path: { id } } })),
  });
}

/** Whether the signed-in member's role gives a permission. */
export function usePermission(permission: Permission): boolean {
  return holds(useQuery(sessionQuery).data, permission);
}

export const demoQuery = queryOptions({
  queryKey: ['demo'],
  queryFn: () => unwrap(api.GET('/demo')),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Whether the machine works on the case now, so that the page should follow it closely. */
export function inMotion(c: Case): boolean {
  return (
    c.working ||
    c.state === 'collecting' ||
    c.package?.state === 'building' ||
    (c.state === 'executing' &&
      c.execution?.state !== 'verified' &&
      c.execution?.state !== 'stopped')
  );
}

/** One case. `followed`: the server tells when it changes, so that it need not be asked for without cause. */
export function caseQuery(id: string, followed = false) {
  return queryOptions({
    queryKey: ['case', id],
    queryFn: () => unwrap(api.GET('/staff/cases/{id}', { params: { path: { id } } })),
    refetchInterval: (query) => {
      const moving = query.state.data && inMotion(query.state.data);
      return whilePresent(followed ? (moving ? told : still) : moving ? lively : still);
    },
  });
}

export function previewQuery(id: string, seen: number) {
  return queryOptions({
    queryKey: ['preview', id, seen],
    queryFn: () => unwrap(api.GET('/staff/cases/{id}/preview', { params: { path: { id } } })),
  });
}

/** The letter of what is ready of the answer, fetched anew for each version of the decisions. */
export function partQuery(id: string, seen: number) {
  return queryOptions({
    queryKey: ['part', id, seen],
    queryFn: () => unwrap(api.GET('/staff/cases/{id}/part', { params: { path: { id } } })),
  });
}

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: () => unwrap(api.GET('/staff/sources')),
});

export const informingQuery = queryOptions({
  queryKey: ['informing'],
  queryFn: () => unwrap(api.GET('/staff/informing')),
});

export const registerQuery = queryOptions({
  queryKey: ['register'],
  queryFn: () => unwrap(api.GET('/staff/register')),
});

export const registerVersionsQuery = queryOptions({
  queryKey: ['register-versions'],
  queryFn: () => unwrap(api.GET('/staff/register/versions')),
});

/** A version that was saved never changes. */
export function registerVersionQuery(version: number) {
  return queryOptions({
    queryKey: ['register-version', version],
    queryFn: () =>
      unwrap(api.GET('/staff/register/versions/{version}', { params: { path: { version } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const taxonomyQuery = queryOptions({
  queryKey: ['taxonomy'],
  queryFn: () => unwrap(api.GET('/staff/taxonomy')),
  staleTime: Number.POSITIVE_INFINITY,
});

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: () => unwrap(api.GET('/staff/settings')),
});

export const lettersQuery = queryOptions({
  queryKey: ['letters'],
  queryFn: () => unwrap(api.GET('/staff/settings/letters')),
});

export const membersQuery = queryOptions({
  queryKey: ['members'],
  queryFn: () => unwrap(api.GET('/staff/members')),
});

export const invitationsQuery = queryOptions({
  queryKey: ['invitations'],
  queryFn: () => unwrap(api.GET('/staff/invitations')),
});

export const clientsQuery = queryOptions({
  queryKey: ['clients'],
  queryFn: () => unwrap(api.GET('/staff/clients')),
});

export const breachesQuery = queryOptions({
  queryKey: ['breaches'],
  queryFn: () => unwrap(api.GET('/staff/breaches')),
});

export const retentionQuery = queryOptions({
  queryKey: ['retention'],
  queryFn: () => unwrap(api.GET('/staff/retention')),
  refetchInterval: () => whilePresent(calm),
});

export const drillsQuery = queryOptions({
  queryKey: ['drills'],
  queryFn: () => unwrap(api.GET('/staff/drills')),
});

export function reportQuery(from: string, to: string) {
  return queryOptions({
    queryKey: ['report', from, to],
    queryFn: () =>
      unwrap(
        api.GET('/staff/report', {
          params: { query: { ...(from ? { from } : {}), ...(to ? { to } : {}) } },
        }),
      ),
  });
}

/** The body of an upload: the contract's multipart form, which only the browser can write. */
export function formOf(fields: Readonly<Record<string, string | File>>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
