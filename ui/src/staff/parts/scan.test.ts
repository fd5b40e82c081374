import { expect, test } from 'vitest';
import { choicesOf, chosen, telling, undecided } from './scan';

const column = {
  name: 'epost',
  key: false,
  category: 'user.contact.email',
  asked: '',
  confidence: 'sure' as const,
  confidence_text: 'sikkert',
  because: [],
  inside: [],
  leads_to: [],
};

test('a decision wins over the proposal, also one that nothing is personal', () => {
  expect(chosen(undecided, 'kunder', column)).toBe('user.contact.email');
  const decisions = { ...undecided, category: new Map([['kunder\nepost', '']]) };
  expect(chosen(decisions, 'kunder', column)).toBe('');
  expect(chosen(decisions, 'ordre', column)).toBe('user.contact.email');
});

test('decisions are sent by table and column, with dots and blanks in names', () => {
  const decisions = {
    out: new Set(['salg.logg']),
    category: new Map([['salg.kunder\ne post', 'user.name']]),
  };
  expect(choicesOf(decisions)).toEqual([
    { table: 'salg.logg', out: true },
    { table: 'salg.kunder', field: 'e post', category: 'user.name' },
  ]);
});

test('a column is shown that holds something, may hold something or leads on', () => {
  expect(telling(column)).toBe(true);
  expect(telling({ ...column, category: '' })).toBe(false);
  expect(telling({ ...column, category: '', asked: 'user.name' })).toBe(true);
  expect(
    telling({ ...column, category: '', leads_to: [{ to: 'x.id', asked: true, because: '' }] }),
  ).toBe(true);
});
