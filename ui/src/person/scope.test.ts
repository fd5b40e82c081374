import { expect, it } from 'vitest';
import { emptyScope, type Rule, rulesFor, scopeSlip } from './scope';

const rule = (activity: string, outcome: Rule['outcome']): Rule => ({
  activity,
  name: activity,
  outcome,
  outcome_text: '',
  text: '',
  rights: [],
  marketing: false,
});
const rules = [rule('invoices', 'keep'), rule('logs', 'partly'), rule('news', 'erase')];

it('asks for a part only when parts are meant', () => {
  expect(scopeSlip(emptyScope())).toBe(false);
  expect(scopeSlip({ ...emptyScope(), all: false })).toBe(true);
  expect(scopeSlip({ ...emptyScope(), all: false, activities: ['news'] })).toBe(false);
});

it('shows what is deleted before what is kept', () => {
  expect(rulesFor(emptyScope(), rules).map((r) => r.activity)).toEqual([
    'news',
    'logs',
    'invoices',
  ]);
});

it('shows the chosen parts only', () => {
  const draft = { ...emptyScope(), all: false, activities: ['invoices'] };
  expect(rulesFor(draft, rules).map((r) => r.activity)).toEqual(['invoices']);
});

it('gives each draft a key of its own', () => {
  expect(emptyScope().key).toMatch(/^[0-9a-f]{32}$/);
  expect(emptyScope().key).not.toBe(emptyScope().key);
});
