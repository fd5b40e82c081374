import { describe, expect, test } from 'vitest';
import { ApiError } from '../api/client';
import { lineMessages, merge, moved, plain, startOf, unknownFields, type Wording } from './letters';

const heading = { nb: 'Kort svar', nn: 'Kort svar', en: 'Short answer' };
const kind = {
  letter: 'refusal',
  name: 'Avslag',
  parts: ['summary', 'reasons', 'disagree'].map((part) => ({ part, heading })),
};
const start = startOf(kind, 'nb');

describe('wordings', () => {
  test('what says nothing of its own is as built in', () => {
    expect(plain(kind, start)).toBe(true);
    expect(plain(kind, { ...start, title: ' ' })).toBe(true);
    expect(plain(kind, { ...start, title: 'Svar' })).toBe(false);
    expect(plain(kind, { ...start, parts: moved(start.parts, 0, 1) })).toBe(false);
  });

  test('a part moves one place, and never away', () => {
    const order = (parts: Wording['parts']) => parts.map(({ part }) => part);
    expect(order(moved(start.parts, 2, -1))).toEqual(['summary', 'disagree', 'reasons']);
    expect(order(moved(start.parts, 0, -1))).toEqual(order(start.parts));
  });

  test('what another member saved stays where this one changed nothing', () => {
    const say = (title: string) => ({ ...start, title });
    const base = { a: say('a'), b: say('b'), gone: say('x') };
    const mine = { a: say('mine'), b: say('b'), gone: say('x'), c: say('new') };
    const theirs = { a: say('theirs'), b: say('changed'), d: say('d') };
    expect(merge(base, mine, theirs)).toEqual({
      a: say('mine'),
      b: say('changed'),
      c: say('new'),
      d: say('d'),
    });
    expect(merge(base, { b: say('b'), gone: say('x') }, base)).toEqual({
      b: say('b'),
      gone: say('x'),
    });
  });

  test('an unknown field is found where it stands', () => {
    const parts = start.parts.map((each) => ({ ...each, intro: 'Sak {reference}, {passord}' }));
    expect(
      unknownFields({ ...start, title: '{name}', parts: parts.slice(0, 1) }, ['reference', 'name']),
    ).toEqual([{ field: 'summary-intro', name: 'passord' }]);
  });

  test('a fault of a file leads to its line', () => {
    const fault = (code: string, title: string) =>
      new ApiError(422, { type: 'about:blank', status: 422, code, title });
    expect(
      lineMessages(fault('letter_template', 'Brevmalen kan ikke brukes. Linje 2: delen mangler.')),
    ).toEqual(['2: delen mangler.']);
    expect(lineMessages(fault('other', 'Linje 2: x'))).toEqual([]);
  });
});
