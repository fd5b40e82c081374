import { afterEach, expect, it } from 'vitest';
import { dropLink, parseLink, takeLink } from './link';

const challenge = '0123456789abcdef0123456789abcdef';
const token = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN_-0';

afterEach(() => {
  dropLink();
  history.replaceState(null, '', '/');
});

it.each([
  [`#${challenge}.${token}`, { challenge, token }],
  [`#${challenge}.short`, undefined],
  [`#${challenge.toUpperCase()}.${token}`, undefined],
  [`#${challenge}.${token}<`, undefined],
  [`#${challenge}`, undefined],
  ['', undefined],
])('%j', (fragment, link) => {
  expect(parseLink(fragment)).toEqual(link);
});

it('takes the secret out of the address at once, and keeps it until it is dropped', () => {
  history.replaceState(null, '', `/verify#${challenge}.${token}`);
  expect(takeLink()).toEqual({ challenge, token });
  expect(location.hash).toBe('');
  expect(location.pathname).toBe('/verify');
  expect(takeLink()).toEqual({ challenge, token });
  dropLink();
  expect(takeLink()).toBeUndefined();
});

it('takes a broken fragment away too', () => {
  history.replaceState(null, '', '/verify#nonsense');
  expect(takeLink()).toBeUndefined();
  expect(location.hash).toBe('');
});
