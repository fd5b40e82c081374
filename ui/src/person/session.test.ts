import { QueryClient } from '@tanstack/react-query';
import { beforeEach, expect, it } from 'vitest';
import { keep, readKept } from './kept';
import {
  afterSignIn,
  beginSession,
  clearSession,
  isPersonal,
  type Me,
  rememberPlace,
} from './session';

const me: Me = {
  email: 'ola@example.no',
  locale: 'nb',
  idle_minutes: 15,
  expires_at: '2026-11-22T12:00:00Z',
};
const flow = { id: 'a', email: me.email, codeLength: 8, minutes: 60, resendAt: 0 };

beforeEach(() => {
  sessionStorage.clear();
  localStorage.clear();
});

it('goes on where the session ended, before anything else, and only once', () => {
  rememberPlace('/request/erasure/review');
  keep('flow', { ...flow, right: 'access' });
  expect(afterSignIn(me)).toBe('/request/erasure/review');
  expect(afterSignIn({ ...me, right: 'access' })).toBe('/request/access');
  expect(afterSignIn(me)).toBe('/cases');
});

it('goes to the request that was begun, and forgets the verification', () => {
  keep('flow', { ...flow, right: 'erasure' });
  expect(afterSignIn(me)).toBe('/request/erasure');
  expect(readKept('flow')).toBeUndefined();
});

it('does not remember a page that needs no session', () => {
  rememberPlace('/ended');
  expect(readKept('resume')).toBeUndefined();
  expect(isPersonal('/cases')).toBe(true);
  expect(isPersonal('/casesarenot')).toBe(false);
  expect(isPersonal('/')).toBe(false);
});

it('shows nobody what somebody else began in the same window', () => {
  const client = new QueryClient();
  keep('messages', { a: 'Begun before signing in' });
  beginSession(client, me);
  expect(readKept('messages')).toBeDefined();
  keep('access', { all: true, activities: [], text: 'Mitt', name: 'Ola', key: 'k' });
  rememberPlace('/cases/1');
  clearSession(client, false);
  beginSession(client, me);
  expect(readKept('access')?.text).toBe('Mitt');
  clearSession(client, false);
  keep('flow', { ...flow, email: 'kari@example.no', right: 'access' });
  const other = { ...me, email: 'kari@example.no' };
  beginSession(client, other);
  expect(readKept('access')).toBeUndefined();
  expect(readKept('messages')).toBeUndefined();
  expect(afterSignIn(other)).toBe('/request/access');
});

it('takes the person’s data away when the session ends, and drafts only when told', () => {
  const client = new QueryClient();
  beginSession(client, me);
  client.setQueryData(['request', 'a', 'nb'], { secret: true });
  client.setQueryData(['requests', 'nb'], { secret: true });
  client.setQueryData(['fields'], { secret: true });
  client.setQueryData(['rules', 'nb'], { open: true });
  keep('messages', { a: 'Hei' });
  clearSession(client, false);
  const left = client
    .getQueryCache()
    .getAll()
    .map((query) => query.queryKey[0]);
  expect(left.sort()).toEqual(['me', 'rules']);
  expect(client.getQueryData(['me'])).toBeNull();
  expect(readKept('messages')).toEqual({ a: 'Hei' });
  clearSession(client, true);
  expect(readKept('messages')).toBeUndefined();
});
