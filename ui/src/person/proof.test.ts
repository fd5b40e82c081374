import { beforeEach, expect, it } from 'vitest';
import type { AskedCode } from './kept';
import { askedCode, forgetCode, keepAsked, keepProved, type Purpose, provedUntil } from './proof';

const now = 1_000_000;
const asked: AskedCode = {
  codeLength: 8,
  minutes: 10,
  resendAt: now + 60_000,
  until: now + 600_000,
  proved: false,
};
const fields: Purpose = { kind: 'fields' };
const download: Purpose = { kind: 'download', request: 'a' };

beforeEach(() => sessionStorage.clear());

it('knows after a reload that a code is on its way, until it ends', () => {
  keepAsked(fields, asked);
  expect(askedCode(fields, now)).toEqual(asked);
  expect(askedCode(download, now)).toBeUndefined();
  expect(askedCode(fields, asked.until)).toBeUndefined();
  expect(provedUntil(fields, now)).toBeUndefined();
});

it('knows what a code has opened, until it is used or ends', () => {
  keepAsked(download, asked);
  keepAsked(fields, asked);
  keepProved(download, now + 5_000);
  expect(provedUntil(download, now)).toBe(now + 5_000);
  expect(provedUntil({ kind: 'download', request: 'b' }, now)).toBeUndefined();
  expect(provedUntil(download, now + 5_000)).toBeUndefined();
  forgetCode(download);
  expect(provedUntil(download, now)).toBeUndefined();
  expect(askedCode(fields, now)).toEqual(asked);
});
