import { expect, it } from 'vitest';
import { helpTexts } from './helpTexts';

it('helps with the same in every language', () => {
  const ids = helpTexts.nb.answers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { answers } of [helpTexts.nn, helpTexts.en]) {
    expect(answers.map(({ id }) => id)).toEqual(ids);
  }
});
