import { expect, it } from 'vitest';
import { byPurpose, changes, corrections, keyed, type MyField, unfinished } from './corrections';
import type { RectificationDraft } from './kept';

const field = (ref: string, purpose: string, label: string, value: string): MyField => ({
  ref,
  purpose,
  label,
  value,
  system: 'Nettbutikk',
});

const first = keyed([
  field('a1', 'Kunde', 'Telefon', '11'),
  field('a2', 'Kunde', 'Telefon', '22'),
  field('a3', 'Nyhetsbrev', 'Navn', 'Ola'),
]);
const again = keyed([
  field('b1', 'Kunde', 'Telefon', '11'),
  field('b2', 'Kunde', 'Telefon', '22'),
  field('b3', 'Nyhetsbrev', 'Navn', 'Ola'),
]);

const draft = (values: Record<string, string>): RectificationDraft => ({
  values,
  text: '',
  name: '',
  key: 'k',
});

it('knows a field again although its reference is new, and tells different values apart', () => {
  expect(again.map((f) => f.key)).toEqual(first.map((f) => f.key));
  expect(new Set(first.map((f) => f.key)).size).toBe(3);
});

it('shows a value that stands in many places once, and corrects it in each', () => {
  const twice = keyed([
    field('a1', 'Kunde', 'Telefon', '11'),
    field('a2', 'Kunde', 'Telefon', '22'),
    field('a3', 'Kunde', 'Telefon', '11'),
    { ...field('a4', 'Kunde', 'Telefon', '11'), system: 'Kontoret' },
  ]);
  expect(twice.map((f) => f.refs)).toEqual([['a1', 'a3'], ['a2'], ['a4']]);
  const changed = changes(draft({ [twice[0]?.key ?? '']: '33' }), twice);
  expect(corrections(changed)).toEqual([
    { ref: 'a1', new_value: '33' },
    { ref: 'a3', new_value: '33' },
  ]);
});

it('sends the newest reference of what was changed before', () => {
  const key = first[1]?.key ?? '';
  expect(changes(draft({ [key]: ' 33 ' }), again)).toEqual([{ field: again[1], newValue: '33' }]);
});

it('counts neither an empty nor an unchanged value as a change', () => {
  const values = { [first[0]?.key ?? '']: '  ', [first[1]?.key ?? '']: '22 ' };
  expect(changes(draft(values), first)).toEqual([]);
  expect(unfinished(draft(values), first)).toEqual([first[0], first[1]]);
});

it('forgets changes of fields that are no longer shown', () => {
  expect(changes(draft({ gone: 'x' }), first)).toEqual([]);
});

it('groups by purpose in the order of the answer', () => {
  expect(byPurpose(first).map(([purpose, fields]) => [purpose, fields.length])).toEqual([
    ['Kunde', 2],
    ['Nyhetsbrev', 1],
  ]);
});
