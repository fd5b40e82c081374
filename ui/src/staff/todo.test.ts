import { describe, expect, it } from 'vitest';
import type { Case } from './api';
import { aCase, aGroup, aTask } from './testing';
import { byActivity, byHand, departs, leftToDo, nameOf, nothingHeld, thenText } from './todo';

const kinds = (part: Parameters<typeof aCase>[0]) => leftToDo(aCase(part)).map((todo) => todo.kind);

const aSource = (state: Case['sources'][number]['state']) => ({
  name: state,
  title: 'Kundesystemet',
  kind: 'sqlite',
  state,
  text: '',
});

describe('what is left to do', () => {
  it('is nothing in a case that needs nobody', () => {
    expect(kinds({ groups: [aGroup()] })).toEqual([]);
  });

  it('names the group that must be looked at, until it has been', () => {
    const group = aGroup({ needs_look: true });
    expect(leftToDo(aCase({ groups: [group] }))).toEqual([
      { kind: 'look', anchor: 'group-g1', name: 'Kunderegister: Kunder', count: 1 },
    ]);
    expect(kinds({ groups: [{ ...group, confirmed: true }] })).toEqual([]);
  });

  it('asks for a decision before it asks for a look', () => {
    const open = aGroup({ needs_look: true, decision: { action: 'review', text: '' } });
    expect(kinds({ groups: [open] })).toEqual(['decide']);
  });

  it('counts what was asked to be corrected once, not as findings too', () => {
    const group = aGroup({ decision: { action: 'review', text: '' } });
    const asked = { label: 'Telefon', old_value: '1', new_value: '2', decision: 'open' as const };
    expect(kinds({ groups: [group], corrections: [{ ...asked, group: 'g1' }] })).toEqual([
      'correction',
    ]);
  });

  it('leaves the findings out for a member who may not decide', () => {
    expect(kinds({ groups: [aGroup({ needs_look: true })], may: [] })).toEqual([]);
  });

  it('follows the page from the identity to the places', () => {
    const todos = kinds({
      verified: false,
      tasks: [aTask('open'), aTask('nothing')],
      sources: [{ name: 'crm', title: 'Kundesystemet', kind: 'sqlite', state: 'failed', text: '' }],
      question: { kind: 'identity', text: '', asked_at: '', clock_paused: true },
    });
    expect(todos).toEqual(['identity', 'question', 'task', 'source']);
  });

  it('sends to what is urgent without saying it over again, and only to that', () => {
    const stop = {
      kind: 'stop_marketing' as const,
      text: 'Stopp all markedsføring.',
      at_once: true,
    };
    const pass = { kind: 'transfer' as const, text: 'Send kopien videre.', at_once: false };
    expect(leftToDo(aCase({ duties: [pass, stop] }))).toEqual([
      { kind: 'duty', anchor: 'duty-stop_marketing', name: '', count: 1 },
    ]);
    expect(kinds({ duties: [pass] })).toEqual([]);
  });

  it('is over when the case is answered', () => {
    const answer = {
      outcome: 'granted' as const,
      title: '',
      paragraphs: [],
      groups: [],
      complaint: [],
    };
    expect(kinds({ groups: [aGroup({ needs_look: true })], answer })).toEqual([]);
  });

  it('sends somebody back to a place where a find must be erased by hand', () => {
    const plan = {
      digest: '',
      made_at: '',
      made_by: '',
      steps: 0,
      counts: [],
      problems: [],
      stale: false,
      removes: false,
      special: false,
      approved_at: '2026-01-20T10:00:00Z',
    };
    const tasks = [aTask('found')];
    expect(kinds({ right: 'erasure', tasks, plan })).toEqual(['hand']);
    expect(kinds({ right: 'erasure', tasks })).toEqual([]);
    expect(byHand(aCase({ right: 'access', plan }), aTask('found'))).toBe(false);
  });
});

describe('nothing held', () => {
  it('is true when every place was searched in vain', () => {
    expect(nothingHeld(aCase({ groups: [aGroup({ count: 0 })], tasks: [aTask('nothing')] }))).toBe(
      true,
    );
  });

  it.each([
    ['something was found', { groups: [aGroup()] }],
    ['a place is not searched', { tasks: [aTask('open')] }],
    ['a find lies in a place', { tasks: [aTask('found')] }],
    [
      'a source is down',
      {
        sources: [aSource('failed')],
      },
    ],
    ['the person is not verified', { verified: false }],
    ['the search is not over', { state: 'collecting' as const }],
    ['there is no place to look in', { sources: [] }],
    ['no way leads into the only system', { sources: [aSource('not_reachable')] }],
    ['nobody could look in the only place', { sources: [], tasks: [aTask('exception')] }],
  ])('is false when %s', (_, part) => {
    expect(nothingHeld(aCase(part))).toBe(false);
  });

  it('does not count what only an unconfirmed address led to', () => {
    const sources = [aSource('read'), aSource('not_reachable')];
    expect(nothingHeld(aCase({ groups: [aGroup({ candidate: true })], sources }))).toBe(true);
  });
});

describe('groups', () => {
  it('stand under their activity, source by source', () => {
    const groups = [
      aGroup({ id: 'a', place: 'Nettbutikken' }),
      aGroup({ id: 'b', activity_name: 'Fakturering' }),
      aGroup({ id: 'c', place: 'Kundesystemet' }),
    ];
    const seen = byActivity(groups).map(([name, list]) => [name, list.map((group) => group.id)]);
    expect(seen).toEqual([
      ['Kunderegister', ['c', 'a']],
      ['Fakturering', ['b']],
    ]);
  });

  it('are called by one name where the activity and the collection have the same', () => {
    expect(nameOf(aGroup({ title: 'Kunder' }))).toBe('Kunderegister: Kunder');
    expect(nameOf(aGroup({ title: 'Kunderegister – delt med andre' }))).toBe(
      'Kunderegister – delt med andre',
    );
  });

  it('need a reason for anything but the proposal, when there is one', () => {
    expect(departs(aGroup(), 'withhold')).toBe(true);
    expect(departs(aGroup(), 'disclose')).toBe(false);
    expect(departs(aGroup({ proposal: { action: 'review', text: '' } }), 'withhold')).toBe(false);
  });
});

describe('what a confirmation leads to', () => {
  const planned = (
    right: Case['right'],
    action: string,
    removes = false,
    tasks: Case['tasks'] = [],
  ) =>
    thenText(
      aCase({
        right,
        tasks,
        plan: {
          digest: '',
          steps: 1,
          made_at: '',
          made_by: '',
          removes,
          counts: [{ source: 's', collection: 'c', action, count: 1, text: '' }],
          problems: [],
        } as unknown as NonNullable<Case['plan']>,
      }),
    );

  it('is said in the words of the right that was asked for', () => {
    expect(planned('erasure', 'delete', true)).toBe('look.then.erasure');
    expect(planned('rectification', 'correct')).toBe('look.then.rectification');
    expect(planned('restriction', 'restrict')).toBe('look.then.restriction');
    expect(planned('objection', 'restrict')).toBe('look.then.write');
  });

  it('is nothing in the systems when the plan leaves all as it is', () => {
    expect(planned('erasure', 'keep')).toBe('look.then.idle');
    expect(planned('objection', 'keep')).toBe('look.then.idle');
  });

  it('is work for whoever found something by hand, also when no system holds anything', () => {
    const found = [aTask('found')];
    expect(planned('erasure', 'keep', true, found)).toBe('look.then.erasure');
    expect(planned('rectification', 'keep', false, found)).toBe('look.then.rectification');
  });
});
