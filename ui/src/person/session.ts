import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { ApiError, api, type Schemas, unwrap } from '../api/client';
import { forgetAll, keep, keepFor, readKept } from './kept';

export type Me = Schemas['Me'];

export const meKey = ['me'] as const;

const hintKey = 'mininfo.session';

/** Notes for all tabs of this browser that there may be a session; it says nothing about whom. */
function noteSession(there: boolean): void {
  try {
    if (there) localStorage.setItem(hintKey, '1');
    else localStorage.removeItem(hintKey);
  } catch {
    // Storage is closed: the server is asked each time.
  }
}

/** Whether asking the server is worth it: most visitors of the first page have no session. */
function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(hintKey) !== null || isPersonal(location.pathname);
  } catch {
    return true;
  }
}

async function readMe(): Promise<Me | null> {
  if (!mayHaveSession()) return null;
  try {
    const me = await unwrap(api.GET('/me'));
    noteSession(true);
    keepFor(me.email);
    return me;
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    noteSession(false);
    return null;
  }
}

/** Takes up a session that has just begun. */
export function beginSession(client: QueryClient, me: Me): void {
  noteSession(true);
  keepFor(me.email);
  client.setQueryData(meKey, me);
}

/** Pages that need a session. */
export function isPersonal(pathname: string): boolean {
  return /^\/(request|receipt|cases)(\/|$)/.test(pathname);
}

/** Remembers where a session ended, to go on there after signing in again. */
export function rememberPlace(pathname: string): void {
  if (isPersonal(pathname)) keep('resume', pathname);
}

/** Who is signed in: null when nobody is, undefined while it is not known. */
export function useMe(): Me | null | undefined {
  return useQuery({ queryKey: meKey, queryFn: readMe, staleTime: 60_000 }).data;
}

/** Forgets the person's data in this window. What was typed is kept unless `drafts` goes too. */
export function clearSession(client: QueryClient, drafts: boolean): void {
  noteSession(false);
  client.setQueryData(meKey, null);
  client.removeQueries({ predicate: (query) => holdsPersonal(query.queryKey) });
  if (drafts) forgetAll();
}

function holdsPersonal(key: readonly unknown[]): boolean {
  return key[0] === 'requests' || key[0] === 'request' || key[0] === 'fields';
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await unwrap(api.DELETE('/me'));
    } catch (error) {
      // A session that is already over needs no end; any other failure must be seen.
      if (!(error instanceof ApiError && error.status === 401)) throw error;
    }
    // Away from the person's pages first: without a session they lead to the sign-in.
    await navigate({ to: '/signed-out' });
    clearSession(client, true);
  };
}

/** Where a person who has just proved an address goes on. */
export function afterSignIn(me: Me): string {
  const resume = readKept('resume');
  const right = readKept('flow')?.right ?? me.right;
  keep('resume', undefined);
  keep('flow', undefined);
  if (resume) return resume;
  return right ? `/request/${right}` : '/cases';
}

const keepAliveEvery = 4 * 60_000;

/**
 * While somebody types, the session is kept alive (the server still ends it after an hour). When
 * nothing has happened for as long as the server allows, the person's data leave the screen.
 */
export function useSessionClock(me: Me | null | undefined, onEnd: () => void): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!me) return;
    let active = Date.now();
    let asked = Date.now();
    const onActivity = () => {
      active = Date.now();
      if (active - asked < keepAliveEvery) return;
      asked = active;
      void client.refetchQueries({ queryKey: meKey });
    };
    const timer = setInterval(() => {
      const idle = Date.now() - active > me.idle_minutes * 60_000;
      if (idle || Date.now() > Date.parse(me.expires_at)) onEnd();
    }, 10_000);
    const events = ['keydown', 'pointerdown', 'input'] as const;
    for (const name of events) addEventListener(name, onActivity, { passive: true });
    return () => {
      clearInterval(timer);
      for (const name of events) removeEventListener(name, onActivity);
    };
  }, [me, client, onEnd]);
}
