/** The languages of the portal; bokmål is the first. */
export type Locale = 'nb' | 'nn' | 'en';

export const locales: readonly Locale[] = ['nb', 'nn', 'en'];

/** Each language's own name, as the switch shows it. */
export const localeNames: Record<Locale, string> = { nb: 'Bokmål', nn: 'Nynorsk', en: 'English' };

export type Catalogue = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, string | number>>;

const tags: Record<Locale, string> = { nb: 'nb-NO', nn: 'nn-NO', en: 'en-GB' };

/** The civil calendar that the office and its people live by. */
const zone = 'Europe/Oslo';

/** Puts values in the {places} of a text. A place without a value stays visible. */
export function fill(text: string, values?: Values): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (place, name: string) =>
    name in values ? String(values[name]) : place,
  );
}

/** The language of a list of preferences ("nn-NO", "en") that the portal speaks best. */
export function preferred(languages: readonly string[]): Locale {
  for (const tag of languages) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'no') return 'nb';
    const found = locales.find((l) => l === primary);
    if (found) return found;
  }
  return 'nb';
}

/** "one" or "other": which form of a counted text a number takes. */
export function pluralForm(locale: Locale, count: number): 'one' | 'other' {
  return new Intl.PluralRules(tags[locale]).select(count) === 'one' ? 'one' : 'other';
}

/** A civil date ("2026-12-22") or an instant as a date in words. */
export function formatDate(locale: Locale, value: string): string {
  const civil = /^\d{4}-\d{2}-\d{2}$/.test(value);
  return new Intl.DateTimeFormat(tags[locale], {
    dateStyle: 'long',
    timeZone: civil ? 'UTC' : zone,
  }).format(new Date(value));
}

/** A date in figures, for tables and narrow places. */
export function formatShortDate(locale: Locale, value: string): string {
  const civil = /^\d{4}-\d{2}-\d{2}$/.test(value);
  return new Intl.DateTimeFormat(tags[locale], {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: civil ? 'UTC' : zone,
  }).format(new Date(value));
}

/** An instant with date and time of day. */
export function formatInstant(locale: Locale, value: string): string {
  return new Intl.DateTimeFormat(tags[locale], {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: zone,
  }).format(new Date(value));
}

export function formatNumber(locale: Locale, value: number): string {
  return new Intl.NumberFormat(tags[locale]).format(value);
}

/** A size in bytes as people say it. */
export function formatSize(locale: Locale, bytes: number): string {
  const [unit, divisor] =
    bytes >= 1_000_000 ? (['megabyte', 1_000_000] as const) : (['kilobyte', 1_000] as const);
  return new Intl.NumberFormat(tags[locale], {
    style: 'unit',
    unit,
    maximumFractionDigits: unit === 'megabyte' ? 1 : 0,
  }).format(Math.max(bytes / divisor, unit === 'kilobyte' ? 1 : 0));
}
