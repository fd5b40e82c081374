import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import nb from '../../text/staff.nb';
import { makeTexts } from '../../text/text';
import type { StaffKey } from '../texts';
import { changes, type Doc, merge, newId, tidy, type Words } from './document';
import { activityFields, articles, type Fields, officeFields, rights } from './shape';

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  enum?: unknown[];
  pattern?: string;
}

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../api/register.schema.gen.json'), 'utf8'),
) as Schema;

/** Every place where the form and the schema say something different. */
function differences(
  fields: Fields,
  schema: Schema | undefined,
  at: string,
  beside: string[] = [],
): string[] {
  const properties = schema?.properties ?? {};
  const missing = Object.keys(properties)
    .filter((key) => !beside.includes(key) && !fields.some((field) => field.key === key))
    .map((key) => `${at}${key} is not in the form`);
  return [
    ...missing,
    ...fields.flatMap(({ key, shape }): string[] => {
      const place = `${at}${key}`;
      const is = properties[key];
      if (!is) return [`${place} is not in the schema`];
      const listed = (values: unknown[] = []) => values.filter(Boolean).map(String).sort();
      switch (shape.kind) {
        case 'part':
          return differences(shape.fields, is, `${place}.`);
        case 'list':
          return differences(shape.fields, is.items, `${place}[].`);
        case 'text':
        case 'maybe':
          return Object.keys(is.properties ?? {}).join() === 'en,nb,nn' ? [] : [`${place}: ${is}`];
        case 'choice': {
          const options = shape.options.map(([value]) => value).sort();
          if (is.pattern) {
            const off = options.filter((value) => !new RegExp(is.pattern ?? '').test(value));
            return off.map((value) => `${place} cannot be ${value}`);
          }
          return String(listed(is.enum)) === String(options) ? [] : [`${place}: ${is.enum}`];
        }
        case 'names':
        case 'ids':
          return is.items ? [] : [`${place} is no list`];
        case 'number':
        case 'flag': {
          const want = shape.kind === 'number' ? 'integer' : 'boolean';
          return is.type?.includes(want) ? [] : [`${place}: ${is.type}`];
        }
        default:
          return is.type?.includes('string') || is.pattern !== undefined
            ? []
            : [`${place}: ${is.type}`];
      }
    }),
  ];
}

describe('the form', () => {
  it('has every key of the register, each in the way the server reads it', () => {
    expect(differences(officeFields, schema, '', ['activities'])).toEqual([]);
    const activity = schema.properties?.activities?.items;
    expect(differences(activityFields, activity, 'activities[].', ['id'])).toEqual([]);
    expect(articles).toHaveLength(17);
    const published = schema.properties?.published?.properties?.rights?.items?.enum;
    expect(rights.map(([key]) => key).sort()).toEqual([...(published ?? [])].sort());
  });
});

const doc: Doc = {
  controller: { name: 'Fjordlys AS' },
  activities: [
    {
      id: 'invoices',
      name: { nb: 'Faktura', en: 'Invoices' },
      categories: ['user.name'],
      bases: [{ article: '6(1)(c)', law: 'bokføringsloven § 13' }],
      erasure: { kind: 'keep_minimum', exception: '17(3)(b)', keep_fields: ['user.name'] },
    },
    { id: 'letters', name: { nb: 'Brev' } },
  ],
};

const texts = makeTexts({ locale: 'nb', catalogue: nb }, () => undefined);
const words: Words = {
  t: (key: StaffKey) => texts.t(key),
  locale: 'nb',
  name: (_, key) => (key === 'user.name' ? 'Navn' : key),
  country: (code) => code,
};

const activity = (at: number, part: object): Doc => ({
  ...doc,
  activities: (doc.activities as object[]).map((each, i) =>
    i === at ? { ...each, ...part } : each,
  ),
});

describe('a document', () => {
  it('keeps nothing that says nothing, and items in their places', () => {
    const typed = {
      ...activity(0, {
        bases: [{ article: '', law: ' ' }, { article: '6(1)(f)' }],
        purpose: { nb: ' ', nn: '' },
        retention: { rule: '', months: 0 },
        obligation: { kind: '' },
        automated_decisions: {},
        recipients: [],
      }),
      processors: [],
    };
    expect(tidy(typed)).toEqual({
      controller: { name: 'Fjordlys AS' },
      activities: [
        {
          id: 'invoices',
          name: { nb: 'Faktura', en: 'Invoices' },
          categories: ['user.name'],
          bases: [{}, { article: '6(1)(f)' }],
          erasure: { kind: 'keep_minimum', exception: '17(3)(b)', keep_fields: ['user.name'] },
          obligation: {},
          automated_decisions: {},
        },
        { id: 'letters', name: { nb: 'Brev' } },
      ],
    });
  });

  it('drops what another answer made meaningless', () => {
    const erased = activity(0, {
      erasure: { kind: 'erase', exception: '17(3)(b)', keep_fields: ['user.name'] },
    });
    expect(tidy(erased).activities).toContainEqual(
      expect.objectContaining({ id: 'invoices', erasure: { kind: 'erase' } }),
    );
  });

  it('tells what changed in words, each with before and now', () => {
    const now = activity(0, { bases: [{ article: '6(1)(f)', law: 'bokføringsloven § 13' }] });
    expect(changes(doc, now, words)).toEqual([
      {
        title: 'Faktura',
        kind: 'changed',
        lines: [
          {
            label: 'Behandlingsgrunnlag 1 › Grunnlag',
            before: 'Rettslig plikt (artikkel 6 nr. 1 bokstav c)',
            now: 'Berettiget interesse (artikkel 6 nr. 1 bokstav f)',
          },
        ],
      },
    ]);
    expect(changes(doc, doc, words)).toEqual([]);
    const turned = { ...doc, activities: (doc.activities as object[]).toReversed() };
    expect(changes(doc, turned, words)).toEqual([
      {
        title: 'Behandlingsaktiviteter',
        kind: 'changed',
        lines: [{ label: 'Rekkefølge', before: 'Faktura, Brev', now: 'Brev, Faktura' }],
      },
    ]);
    const fewer = { ...doc, activities: (doc.activities as object[]).slice(0, 1) };
    expect(changes(doc, fewer, words)).toEqual([{ title: 'Brev', kind: 'removed', lines: [] }]);
    expect(changes(fewer, doc, words)).toEqual([{ title: 'Brev', kind: 'added', lines: [] }]);
  });

  it('takes in what somebody else saved meanwhile, and loses nothing that was typed', () => {
    const mine = activity(0, { name: { nb: 'Fakturaer' } });
    const theirs: Doc = {
      ...activity(1, { name: { nb: 'Post' } }),
      controller: { name: 'Fjordlys ASA' },
    };
    const both = merge(doc, mine, {
      ...theirs,
      activities: [...(theirs.activities as object[]), { id: 'new', name: { nb: 'Ny' } }],
    });
    expect(both.controller).toEqual({ name: 'Fjordlys ASA' });
    expect(
      (both.activities as { id: string; name: { nb: string } }[]).map((a) => a.name.nb),
    ).toEqual(['Fakturaer', 'Post', 'Ny']);
    // What they removed is gone, unless it was changed here.
    const without = { ...doc, activities: [] };
    expect(merge(doc, mine, without).activities).toEqual([
      expect.objectContaining({ id: 'invoices' }),
    ]);
  });

  it('gives a new activity a name of its own for the datasets', () => {
    expect(newId('Årsmøte og gjøremål!', [])).toBe('arsmote_og_gjoremal');
    expect(newId('Brev', ['brev', 'brev_2'])).toBe('brev_3');
    expect(newId('2026', [])).toBe('activity');
    expect(newId('x'.repeat(90), ['y'])).toMatch(/^[a-z][a-z0-9_]{0,63}$/);
  });
});
