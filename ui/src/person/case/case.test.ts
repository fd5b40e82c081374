import { expect, it } from 'vitest';
import type { Schemas } from '../../api/client';
import {
  isOpen,
  lookAgain,
  phaseOf,
  phaseText,
  type Request,
  type RequestSummary,
} from '../requests';
import { byAction } from './answer';
import { daysUntil } from './download';
import { olderContacts } from './question';

const group = (action: Schemas['AnswerGroup']['action'], activity: string) => ({
  action,
  activity,
  count: 1,
  text: '',
});

it('puts what was done before what was not', () => {
  const groups = [
    group('refused', 'a'),
    group('deleted', 'b'),
    group('kept', 'c'),
    group('deleted', 'd'),
  ];
  expect(byAction(groups).map(([action, found]) => [action, found.map((g) => g.activity)])).toEqual(
    [
      ['deleted', ['b', 'd']],
      ['kept', ['c']],
      ['refused', ['a']],
    ],
  );
});

it('follows a search for some minutes, and what is being done to its end', () => {
  const at = (state: Request['state']) => ({ state }) as Request;
  for (const state of ['received', 'collecting'] as const) {
    expect(lookAgain(at(state), 1)).toBeGreaterThan(0);
    expect(lookAgain(at(state), 60)).toBe(false);
  }
  expect(lookAgain(at('executing'), 1000)).toBeGreaterThan(0);
  const building = { ...at('answered'), package: { state: 'building' } } as Request;
  expect(lookAgain(building, 1000)).toBeGreaterThan(0);
  for (const state of ['review', 'answered', 'withdrawn'] as const) {
    expect(lookAgain(at(state), 1)).toBe(false);
  }
  expect(lookAgain(undefined, 0)).toBe(false);
});

it('counts days left, never none while it is open', () => {
  const now = Date.parse('2026-11-22T10:00:00Z');
  expect(daysUntil('2026-11-27T10:00:00Z', now)).toBe(5);
  expect(daysUntil('2026-11-22T10:05:00Z', now)).toBe(1);
  expect(daysUntil('2026-11-22T09:00:00Z', now)).toBe(1);
});

it('sends the older contacts that were filled in', () => {
  expect(
    olderContacts({
      email: ' ',
      phone_number: ' 99 88 ',
      external_id: '',
      name: 'Ola',
      ip: ' 203.0.113.7 ',
      from: '2026-10-01',
      until: '2026-10-31',
    }),
  ).toEqual([
    { kind: 'phone_number', value: '99 88' },
    { kind: 'name', value: 'Ola' },
    { kind: 'ip_address', value: '203.0.113.7 2026-10-01/2026-10-31' },
  ]);
});

const request = (state: RequestSummary['state'], outcome?: RequestSummary['outcome']) =>
  ({ state, ...(outcome ? { outcome } : {}) }) as RequestSummary;

it.each([
  ['received', 'phase.received', true],
  ['needs_human', 'phase.working', true],
  ['awaiting_person', 'phase.waiting', true],
  ['answered', 'phase.answered', false],
  ['withdrawn', 'phase.withdrawn', false],
] as const)('%s is told as %s', (state, text, open) => {
  expect(phaseText(request(state))).toBe(text);
  expect(isOpen(request(state))).toBe(open);
});

it('tells the outcome of an answered request', () => {
  expect(phaseText(request('answered', 'partly_granted'))).toBe('outcome.partly_granted');
  expect(phaseOf(request('purged'))).toBe('answered');
});
