import { describe, expect, it } from 'vitest';
import { correctionLists } from '../case/corrections';
import { columnsOf } from '../case/rows';
import { monthName } from '../pages/report';
import { inboxSearch, periodSearch } from '../routes';
import { axisTop } from './bars';
import { addresses, organisationFaults, organisationForm, toOrganisation } from './settings-form';

it.each([
  [[0, 0], 1],
  [[3], 5],
  [[8, 2], 10],
  [[11], 20],
  [[430], 500],
])('the axis over %j ends at %s', (values, top) => {
  expect(axisTop(values)).toBe(top);
});

it('names months in the language of the page', () => {
  expect(monthName('nb', '2026-05', 'long')).toBe('mai 2026');
  expect(monthName('en', '2026-05', 'short')).toBe('May');
  expect(monthName('nb', 'ukjent', 'long')).toBe('ukjent');
});

describe('addresses in the window', () => {
  it('keep only filters that the inbox knows', () => {
    expect(inboxSearch({ view: 'overdue', right: 'erasure', q: 42, x: 1 })).toEqual({
      view: 'overdue',
      right: 'erasure',
      q: '42',
    });
    expect(inboxSearch({ view: 'everything', right: 'none' })).toEqual({});
  });

  it('keep only civil dates of a period', () => {
    expect(periodSearch({ from: '2026-01-01', to: 'now' })).toEqual({ from: '2026-01-01' });
  });
});

it('gathers the columns of rows that differ', () => {
  const row = (names: string[]) => ({
    id: names.join(),
    key: names.join(),
    fields: names.map((name) => ({ name, value: '' })),
    shared: false,
    third_party: false,
  });
  expect(columnsOf([row(['name', 'phone']), row(['name', 'fax'])]).map((c) => c.name)).toEqual([
    'name',
    'phone',
    'fax',
  ]);
});

it('keeps corrections of one group together and those in words apart', () => {
  const asked = (label: string, group?: string) => ({
    label,
    old_value: '',
    new_value: '',
    ...(group ? { group } : {}),
  });
  const lists = correctionLists([asked('a', 'g1'), asked('b'), asked('c', 'g1'), asked('d')]);
  expect(lists.map(([key, list]) => [key, list.map((each) => each.label)])).toEqual([
    ['g1', ['a', 'c']],
    ['words-1', ['b']],
    ['words-3', ['d']],
  ]);
});

describe('the organisation', () => {
  const settings = {
    organisation: { name: '', email: '', postal_address: '' },
    notify: [],
    cooling_off_hours: 72,
    backup_days: 365,
    address_hours: 72,
    keep: { evidence_days: 90, copy_days: 90, case_years: 3 },
    lifting_days: 7,
    look: { accent: '', logo: '' },
    language: 'nb' as const,
    profile: 'EDPB',
    country: 'NO',
    profiles: [],
    countries: [],
    mail: { state: 'not_set' as const, text: '' },
  };

  it('must be named and reachable', () => {
    const form = organisationForm(settings);
    expect(organisationFaults(form, (field) => field).map((fault) => fault.field)).toEqual([
      'settings-organisation-name',
      'settings-organisation-email',
      'settings-organisation-postal_address',
    ]);
  });

  it.each([
    ['', 0],
    ['310 000 019', 0],
    ['31000001', 1],
    ['NO310000019', 1],
  ])('with the number %j has %d faults', (organisation_number, faults) => {
    const form = {
      ...organisationForm(settings),
      name: 'Fjordlys AS',
      email: 'post@fjordlys.example',
      postal_address: 'Strandgata 12',
      organisation_number,
    };
    expect(organisationFaults(form, (field) => field)).toHaveLength(faults);
  });

  it('leaves out what is not filled in', () => {
    const form = { ...organisationForm(settings), name: ' Fjordlys AS ', phone: ' 55 00 00 00 ' };
    expect(toOrganisation(form)).toEqual({
      name: 'Fjordlys AS',
      email: '',
      postal_address: '',
      phone: '55 00 00 00',
    });
  });

  it('takes addresses a line, a comma or a space apart, each once', () => {
    expect(addresses('a@x.no\nb@x.no, a@x.no  ')).toEqual(['a@x.no', 'b@x.no']);
  });
});
