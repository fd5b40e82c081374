import { expect, it } from 'vitest';
import { readCode, showCode } from './code';

it.each([
  ['ABCD-EFGH', 'ABCDEFGH'],
  [' abcd efgh ', 'ABCDEFGH'],
  ['abcd–efgh\n', 'ABCDEFGH'],
  ['o0il-L1AB', '00111 1AB'.replace(' ', '')],
  ['ＡＢＣＤ１２３４', 'ABCD1234'],
  ['A.B.C.D:E/F_G,H', 'ABCDEFGH'],
  ['   ', ''],
])('reads %j as %s', (typed, code) => {
  expect(readCode(typed)).toBe(code);
});

it('shows a code in two halves, and leaves what is too short alone', () => {
  expect(showCode('ABCDEFGH')).toBe('ABCD-EFGH');
  expect(showCode('ABC')).toBe('ABC');
  expect(readCode(showCode('ABCDEFGH'))).toBe('ABCDEFGH');
});
