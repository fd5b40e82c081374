import type { Locale } from '../../text/format';
import type { StaffKey } from '../texts';
import {
  activityFields,
  type Field,
  type Fields,
  type Names,
  officeFields,
  type Part,
  rights,
} from './shape';

export type Doc = Part;
export interface Activity extends Part {
  id: string;
}
export type Text = Partial<Record<Locale, string>>;

export const asPart = (value: unknown): Part =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Part) : {};
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const asLine = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value);
export const activitiesOf = (doc: Doc) => asList(doc.activities) as readonly Activity[];
export const nameOf = (activity: Activity, locale: Locale): string => {
  const name = asPart(activity.name) as Text;
  return name[locale] || name.nb || activity.id;
};

function tidyField({ shape }: Field, value: unknown): unknown {
  switch (shape.kind) {
    case 'list': {
      const items = asList(value).map((item) => tidyPart(shape.fields, asPart(item)));
      return items.length > 0 ? items : undefined;
    }
    case 'part': {
      if (value === undefined || value === null) return undefined;
      const part = tidyPart(shape.fields, asPart(value));
      return shape.optional || Object.keys(part).length > 0 ? part : undefined;
    }
    case 'text':
    case 'maybe': {
      if (value === undefined || value === null) return undefined;
      const said = Object.entries(asPart(value)).filter(([, text]) => asLine(text).trim());
      return said.length > 0 || shape.kind === 'maybe' ? Object.fromEntries(said) : undefined;
    }
    case 'names':
      return asList(value).length > 0 ? value : undefined;
    case 'ids': {
      const ids = asList(value).map(String).filter(Boolean);
      return ids.length > 0 ? ids : undefined;
    }
    case 'flag':
      return value || undefined;
    case 'number':
      return value === '' || value === 0 ? undefined : value;
    default:
      return asLine(value).trim() || undefined;
  }
}

function tidyPart(fields: Fields, part: Part): Part {
  const out: Record<string, unknown> = {};
  for (const field of fields) {
    if (field.when && !field.when(part)) continue;
    const value = tidyField(field, part[field.key]);
    if (value !== undefined) out[field.key] = value;
  }
  return out;
}

/** The document without what says nothing. Items keep their places, so that what is said of them fits. */
export function tidy(doc: Doc): Doc {
  return {
    ...tidyPart(officeFields, doc),
    activities: activitiesOf(doc).map((each) => ({
      id: each.id,
      ...tidyPart(activityFields, each),
    })),
  };
}

/** A short name for the datasets that no other activity has: `kunderegister_2`. */
export function newId(name: string, taken: readonly string[]): string {
  const letters: Record<string, string> = { æ: 'ae', ø: 'o', å: 'a' };
  const slug = name
    .toLowerCase()
    .replace(/[æøå]/g, (letter) => letters[letter] ?? '')
    .normalize('NFD')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 56);
  const base = slug || 'activity';
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}_${n}`;
    if (!taken.includes(id)) return id;
  }
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/**
 * Somebody saved while this was written: their change stays wherever this one changed nothing, activity by
 * activity. Where both changed, this one stands; the list of changes shows it before it is saved.
 */
export function merge(base: Doc, mine: Doc, theirs: Doc): Doc {
  const out: Record<string, unknown> = {};
  for (const { key } of officeFields)
    out[key] = same(mine[key], base[key]) ? theirs[key] : mine[key];
  const before = new Map(activitiesOf(base).map((each) => [each.id, each]));
  const now = new Map(activitiesOf(theirs).map((each) => [each.id, each]));
  const kept = activitiesOf(mine).flatMap((each) => {
    const was = before.get(each.id);
    if (!was || !same(each, was)) return [each];
    const their = now.get(each.id);
    return their ? [their] : [];
  });
  const added = activitiesOf(theirs).filter((each) => !before.has(each.id));
  return {
    ...out,
    activities: [...kept, ...added.filter((a) => !kept.some((k) => k.id === a.id))],
  };
}

/** How things are called, for the list of changes. */
export interface Words {
  t(key: StaffKey): string;
  locale: Locale;
  name(of: Names, key: string): string;
  country(code: string): string;
}

type Line = readonly [label: string, text: string];

const languages: readonly (readonly [Locale, StaffKey])[] = [
  ['nb', 'reg.nb'],
  ['nn', 'reg.nn'],
  ['en', 'reg.en'],
];

function linesOf(fields: Fields, part: Part, words: Words, before: string): Line[] {
  return fields.flatMap((field): Line[] => {
    const value = part[field.key];
    const label = before + words.t(field.label);
    const { shape } = field;
    if (value === undefined) return [];
    switch (shape.kind) {
      case 'list':
        return asList(value).flatMap((item, at) =>
          linesOf(shape.fields, asPart(item), words, `${label} ${at + 1} › `),
        );
      case 'part': {
        const lines = linesOf(shape.fields, asPart(value), words, `${label} › `);
        return lines.length > 0 ? lines : [[label, words.t('reg.yes')]];
      }
      case 'text':
      case 'maybe':
        return languages.flatMap(([locale, name]): Line[] => {
          const text = (asPart(value) as Text)[locale];
          return text ? [[`${label}, ${words.t(name).toLowerCase()}`, text]] : [];
        });
      case 'names':
        return [
          [
            label,
            asList(value)
              .map((key) => words.name(shape.of, String(key)))
              .join(', '),
          ],
        ];
      case 'ids':
        return [[label, asList(value).map(String).join(', ')]];
      case 'flag':
        return [[label, words.t('reg.yes')]];
      case 'country':
        return [[label, words.country(String(value))]];
      case 'choice': {
        const option = shape.options.find(([key]) => key === value);
        return [[label, option ? words.t(option[1]) : String(value)]];
      }
      default:
        return [[label, String(value)]];
    }
  });
}

export interface Change {
  /** Of the organisation as a whole, or the name of an activity. */
  title: string;
  kind: 'added' | 'removed' | 'changed';
  lines: { label: string; before?: string; now?: string }[];
}

function compare(before: readonly Line[], now: readonly Line[]): Change['lines'] {
  const was = new Map(before);
  const is = new Map(now);
  const labels = [...new Set([...is.keys(), ...was.keys()])];
  return labels
    .filter((label) => was.get(label) !== is.get(label))
    .map((label) => {
      const [old, fresh] = [was.get(label), is.get(label)];
      return {
        label,
        ...(old === undefined ? {} : { before: old }),
        ...(fresh === undefined ? {} : { now: fresh }),
      };
    });
}

/** What one register says otherwise than another, in words. */
export function changes(before: Doc, now: Doc, words: Words): Change[] {
  const [old, fresh] = [tidy(before), tidy(now)];
  const found: Change[] = [];
  for (const field of officeFields) {
    const lines = compare(linesOf([field], old, words, ''), linesOf([field], fresh, words, ''));
    if (lines.length > 0) found.push({ title: words.t(field.label), kind: 'changed', lines });
  }
  const was = new Map(activitiesOf(old).map((each) => [each.id, each]));
  const is = new Map(activitiesOf(fresh).map((each) => [each.id, each]));
  for (const each of activitiesOf(fresh)) {
    const one = was.get(each.id);
    const title = nameOf(each, words.locale);
    if (!one) {
      found.push({ title, kind: 'added', lines: [] });
      continue;
    }
    const lines = compare(
      linesOf(activityFields, one, words, ''),
      linesOf(activityFields, each, words, ''),
    );
    if (lines.length > 0) found.push({ title, kind: 'changed', lines });
  }
  for (const each of activitiesOf(old)) {
    if (!is.has(each.id)) {
      found.push({ title: nameOf(each, words.locale), kind: 'removed', lines: [] });
    }
  }
  const order = (doc: Doc, other: Map<string, Activity>) =>
    activitiesOf(doc).flatMap((each) => (other.has(each.id) ? [each.id] : []));
  const [oldOrder, newOrder] = [order(old, is), order(fresh, was)];
  if (!same(oldOrder, newOrder)) {
    const names = (ids: string[]) =>
      ids.map((id) => nameOf(is.get(id) ?? { id }, words.locale)).join(', ');
    found.push({
      title: words.t('register.activities'),
      kind: 'changed',
      lines: [{ label: words.t('reg.order'), before: names(oldOrder), now: names(newOrder) }],
    });
  }
  return found;
}

/** A name of one of the lists that are part of this page. */
export function rightName(key: string, t: Words['t']): string {
  const right = rights.find(([each]) => each === key);
  return right ? t(right[1]) : key;
}
