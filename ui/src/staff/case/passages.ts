/**
 * Passages of a text, counted in characters (code points) as the contract counts them. A browser
 * counts in UTF-16 units, and shows the two characters of a line end as one.
 */
export interface Passage {
  from: number;
  to: number;
}

/** A text by its characters. */
export function characters(text: string): string[] {
  return Array.from(text);
}

/** The character of a text that stands at a place of what a text field shows of it. */
export function characterAt(text: readonly string[], shown: number): number {
  let units = 0;
  for (let at = 0; at < text.length; at++) {
    if (units >= shown) return at;
    if (text[at] === '\r' && text[at + 1] === '\n') continue;
    units += text[at]?.length ?? 0;
  }
  return text.length;
}

/** Passages with one more. What overlaps or touches becomes one; they are in the order of the text. */
export function withPassage(list: readonly Passage[], added: Passage): Passage[] {
  let { from, to } = added;
  const apart = list.filter((each) => {
    if (each.to < from || each.from > to) return true;
    from = Math.min(from, each.from);
    to = Math.max(to, each.to);
    return false;
  });
  return [...apart, { from, to }].sort((a, b) => a.from - b.from);
}

/** Every place in a text at which the same stands as in a passage. */
export function everywhere(text: readonly string[], { from, to }: Passage): Passage[] {
  const found: Passage[] = [];
  const wanted = text.slice(from, to);
  if (wanted.length === 0) return found;
  for (let at = 0; at + wanted.length <= text.length; ) {
    if (wanted.every((char, i) => text[at + i] === char)) {
      found.push({ from: at, to: at + wanted.length });
      at += wanted.length;
    } else {
      at++;
    }
  }
  return found;
}

/** A text in parts: what is left of it, and null where a passage is taken out. */
export function withoutPassages(
  text: readonly string[],
  list: readonly Passage[],
): (string | null)[] {
  const parts: (string | null)[] = [];
  let at = 0;
  for (const { from, to } of list) {
    if (from > at) parts.push(text.slice(at, from).join(''));
    parts.push(null);
    at = to;
  }
  if (at < text.length) parts.push(text.slice(at).join(''));
  return parts;
}
