import { ApiError, type Schemas } from '../api/client';
import type { Locale } from '../text/format';

export type Letters = Schemas['Letters'];
export type Wording = Schemas['LetterWording'];
export type Placed = Wording['parts'][number];
type Kind = Schemas['LetterKind'];

/** Own wordings by letter and language: `access/nb`. */
export type Wordings = Readonly<Record<string, Wording>>;

export function wordingsOf(letters: Letters): Wordings {
  return Object.fromEntries(
    letters.wordings.map((each) => [`${each.letter}/${each.locale}`, each]),
  );
}

/** A letter as it is built in: all its parts in their order, nothing worded. */
export function startOf(kind: Kind, locale: Locale): Wording {
  return {
    letter: kind.letter,
    locale,
    title: '',
    parts: kind.parts.map(({ part }) => ({ part, heading: '', intro: '' })),
  };
}

/** Whether a wording says nothing else than what is built in. */
export function plain(kind: Kind, wording: Wording): boolean {
  return (
    !wording.title?.trim() &&
    wording.parts.every(
      (each, i) =>
        each.part === kind.parts[i]?.part && !each.heading?.trim() && !each.intro?.trim(),
    )
  );
}

/** The parts with one of them moved by a place. */
export function moved(parts: readonly Placed[], from: number, by: -1 | 1): Placed[] {
  const to = from + by;
  const here = parts[from];
  const there = parts[to];
  if (!here || !there) return [...parts];
  return parts.map((each, i) => (i === from ? there : i === to ? here : each));
}

export const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Somebody saved meanwhile: theirs stands wherever this one changed nothing. */
export function merge(base: Wordings, mine: Wordings, theirs: Wordings): Wordings {
  const out: Record<string, Wording> = {};
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs), ...Object.keys(base)])) {
    const kept = same(mine[key], base[key]) ? theirs[key] : mine[key];
    if (kept) out[key] = kept;
  }
  return out;
}

/** What stands in braces and is none of the fields there are, with the input that holds it. */
export function unknownFields(wording: Wording, known: readonly string[]) {
  const found: { field: string; name: string }[] = [];
  const look = (field: string, text: string | undefined) => {
    for (const [, name = ''] of (text ?? '').matchAll(/\{([^{}]*)\}/g)) {
      if (!known.includes(name)) found.push({ field, name });
    }
  };
  look('title', wording.title);
  for (const each of wording.parts) {
    look(`${each.part}-heading`, each.heading);
    look(`${each.part}-intro`, each.intro);
  }
  return found;
}

/** What the server says of a file, as `line: what`. */
export function lineMessages(error: unknown): string[] {
  if (!(error instanceof ApiError) || error.code !== 'letter_template') return [];
  const said = /\b(?:Linje|Line) (\d+): (.*)$/.exec(error.problem?.title ?? '');
  return said ? [`${said[1]}: ${said[2]}`] : [];
}
