import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { forgetAll, keep, readKept } from './kept';

beforeEach(() => sessionStorage.clear());
afterEach(() => vi.restoreAllMocks());

it('keeps what was typed over a reload, and forgets it when asked', () => {
  keep('messages', { a: 'Hei' });
  expect(readKept('messages')).toEqual({ a: 'Hei' });
  keep('messages', undefined);
  expect(readKept('messages')).toBeUndefined();
});

it('forgets its own when the person signs out, and nothing of others', () => {
  keep('resume', '/cases');
  keep('messages', { a: 'Hei' });
  sessionStorage.setItem('other', 'x');
  forgetAll();
  expect(Object.keys(sessionStorage)).toEqual(['other']);
});

it('takes a broken draft for none', () => {
  sessionStorage.setItem('mininfo.access', '{');
  expect(readKept('access')).toBeUndefined();
});

it('goes on without storage', () => {
  vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  expect(() => keep('resume', '/cases')).not.toThrow();
});
