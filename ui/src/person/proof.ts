import { type AskedCode, keep, readKept } from './kept';

/** What a fresh code is asked for. */
export type Purpose =
  | { kind: 'fields' }
  | { kind: 'address' }
  | { kind: 'download' | 'withdraw'; request: string };

const keyOf = (purpose: Purpose) =>
  'request' in purpose ? `${purpose.kind}/${purpose.request}` : purpose.kind;

/**
 * The code that was asked for, while it is of use. Phones drop a page in the background while its
 * person reads the mail; when it is loaded again, the code in hand must still have its field.
 */
export function askedCode(purpose: Purpose, now: number): AskedCode | undefined {
  const asked = readKept('codes')?.[keyOf(purpose)];
  return asked && now < asked.until ? asked : undefined;
}

/** Until when an operation is open, or nothing if it needs a code first. */
export function provedUntil(purpose: Purpose, now: number): number | undefined {
  const asked = askedCode(purpose, now);
  return asked?.proved ? asked.until : undefined;
}

export function keepAsked(purpose: Purpose, asked: AskedCode): void {
  keep('codes', { ...readKept('codes'), [keyOf(purpose)]: asked });
}

/** Notes that the right code was given. */
export function keepProved(purpose: Purpose, until: number): void {
  const asked = readKept('codes')?.[keyOf(purpose)];
  if (asked) keepAsked(purpose, { ...asked, until, proved: true });
}

/** Forgets a code that has been used. */
export function forgetCode(purpose: Purpose): void {
  const { [keyOf(purpose)]: _, ...others } = readKept('codes') ?? {};
  keep('codes', others);
}
