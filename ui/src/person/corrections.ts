import type { Schemas } from '../api/client';
import type { RectificationDraft } from './kept';

export type MyField = Schemas['MyField'];

export interface KeyedField extends Omit<MyField, 'ref'> {
  key: string;
  /** The sealed references of all the places where it stands. */
  refs: string[];
}

/**
 * The fields as a person can tell them apart: the same value under the same name in the same system
 * is one, wherever it stands. Each gets a name that stays the same when it is read again, as a sealed
 * reference is new each time; different values under one name are told apart by their order.
 */
export function keyed(fields: readonly MyField[]): KeyedField[] {
  const names = new Map<string, KeyedField[]>();
  const found: KeyedField[] = [];
  for (const { ref, ...field } of fields) {
    const name = [field.purpose, field.system ?? '', field.label].join('\u001f');
    const alike = names.get(name) ?? [];
    const same = alike.find((each) => each.value === field.value);
    if (same) {
      same.refs.push(ref);
      continue;
    }
    const next = { ...field, refs: [ref], key: `${name}\u001f${alike.length}` };
    names.set(name, [...alike, next]);
    found.push(next);
  }
  return found;
}

/** The fields by the purpose they are held for, in the order they came. */
export function byPurpose(fields: readonly KeyedField[]): [string, KeyedField[]][] {
  const groups = new Map<string, KeyedField[]>();
  for (const field of fields) {
    const group = groups.get(field.purpose);
    if (group) group.push(field);
    else groups.set(field.purpose, [field]);
  }
  return [...groups];
}

export interface Change {
  field: KeyedField;
  newValue: string;
}

/** The fields that were said to be wrong and got another value. */
export function changes(draft: RectificationDraft, fields: readonly KeyedField[]): Change[] {
  return fields.flatMap((field) => {
    const newValue = draft.values[field.key]?.trim();
    return newValue && newValue !== field.value.trim() ? [{ field, newValue }] : [];
  });
}

/** What is sent for the changes: the new value in each place. */
export function corrections(changed: readonly Change[]): Schemas['Correction'][] {
  return changed.flatMap(({ field, newValue }) =>
    field.refs.map((ref) => ({ ref, new_value: newValue })),
  );
}

/** The fields that were said to be wrong but got no other value. */
export function unfinished(draft: RectificationDraft, fields: readonly KeyedField[]): KeyedField[] {
  const done = new Set(changes(draft, fields).map((change) => change.field));
  return fields.filter((field) => field.key in draft.values && !done.has(field));
}
