import { describe, expect, it } from 'vitest';
import { fill, formatDate, formatInstant, formatSize, pluralForm, preferred } from './format';

describe('fill', () => {
  it('puts values in their places', () => {
    expect(fill('Svar senest {date}.', { date: '1. mai' })).toBe('Svar senest 1. mai.');
  });
  it('fills a place each time it stands there and leaves unknown places visible', () => {
    expect(fill('{a} {a} {b}', { a: 1 })).toBe('1 1 {b}');
  });
  it('does not read a value as a pattern', () => {
    expect(fill('{a}', { a: '$& {b}', b: 'x' })).toBe('$& {b}');
  });
});

describe('preferred', () => {
  it.each([
    [['nn-NO', 'en'], 'nn'],
    [['no'], 'nb'],
    [['de-DE', 'en-US'], 'en'],
    [['de'], 'nb'],
    [[], 'nb'],
  ])('%j gives %s', (languages, locale) => {
    expect(preferred(languages)).toBe(locale);
  });
});

describe('dates', () => {
  it('keeps a civil date whatever the zone', () => {
    expect(formatDate('nb', '2026-12-22')).toBe('22. desember 2026');
    expect(formatDate('en', '2026-01-01')).toBe('1 January 2026');
  });
  it('shows an instant on the Norwegian calendar', () => {
    expect(formatDate('nb', '2026-12-31T23:30:00Z')).toBe('1. januar 2027');
    expect(formatInstant('nb', '2026-07-01T10:00:00Z')).toContain('12:00');
  });
});

it('counts one and more', () => {
  expect(pluralForm('nb', 1)).toBe('one');
  expect(pluralForm('nn', 0)).toBe('other');
  expect(pluralForm('en', 2)).toBe('other');
});

it('says a size as people do', () => {
  expect(formatSize('nb', 2_345_678)).toMatch(/^2,3\sMB$/);
  expect(formatSize('en', 12)).toMatch(/^1\skB$/);
});
