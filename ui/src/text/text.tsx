import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { setApiLanguage } from '../api/client';
import {
  type Catalogue,
  fill,
  formatDate,
  formatInstant,
  formatNumber,
  formatShortDate,
  formatSize,
  type Locale,
  locales,
  pluralForm,
  preferred,
  type Values,
} from './format';
import type { SharedKey } from './shared.nb';

/** A counted text has two keys, `name_one` and `name_other`; it is asked for by `name`. */
type Counted<K extends string> = K extends `${infer Base}_other` ? Base : never;

export interface Texts<K extends string> {
  locale: Locale;
  setLocale(locale: Locale): void;
  /** The text of a key with its {places} filled. */
  t(key: K, values?: Values): string;
  /** The counted text of a key; {count} is filled with the number. */
  n(key: Counted<K>, count: number, values?: Values): string;
  date(value: string): string;
  shortDate(value: string): string;
  instant(value: string): string;
  number(value: number): string;
  size(bytes: number): string;
}

export type Loaders = Record<Locale, () => Promise<Catalogue>>;

const storageKey = 'mininfo.language';

function initialLocale(): Locale {
  try {
    const kept = localStorage.getItem(storageKey);
    if (locales.includes(kept as Locale)) return kept as Locale;
  } catch {
    // Storage is closed: the browser's own language will do.
  }
  return preferred(navigator.languages);
}

function keepLocale(locale: Locale): void {
  try {
    localStorage.setItem(storageKey, locale);
  } catch {
    // Storage is closed: the choice lasts as long as the page.
  }
}

const Context = createContext<Texts<string> | undefined>(undefined);

interface Loaded {
  locale: Locale;
  catalogue: Catalogue;
}

/** Gives all below it the texts of the chosen language; shows nothing until they are there. */
export function TextProvider({ loaders, children }: { loaders: Loaders; children: ReactNode }) {
  const [wanted, setWanted] = useState(initialLocale);
  const [loaded, setLoaded] = useState<Loaded>();
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    let current = true;
    loaders[wanted]().then(
      (catalogue) => {
        if (!current) return;
        document.documentElement.lang = wanted;
        setApiLanguage(wanted);
        setLoaded({ locale: wanted, catalogue });
      },
      // The language that is on the screen stays.
      () => current && setFailed(true),
    );
    return () => {
      current = false;
    };
  }, [wanted, loaders]);

  const setLocale = useCallback((locale: Locale) => {
    keepLocale(locale);
    setWanted(locale);
  }, []);
  const texts = useMemo(() => loaded && makeTexts(loaded, setLocale), [loaded, setLocale]);
  if (!texts) return failed && <Unreachable />;
  return <Context value={texts}>{children}</Context>;
}

/** The one text that cannot be fetched: there is no network to fetch it over. */
function Unreachable() {
  return (
    <main>
      <p lang="nb">Vi får ikke kontakt. Sjekk nettet ditt og last siden på nytt.</p>
      <p lang="nn">Vi får ikkje kontakt. Sjekk nettet ditt og last sida på nytt.</p>
      <p lang="en">We cannot get through. Check your connection and load the page again.</p>
    </main>
  );
}

/** The functions of one language. */
export function makeTexts(
  { locale, catalogue }: Loaded,
  setLocale: (l: Locale) => void,
): Texts<string> {
  const t = (key: string, values?: Values) => fill(catalogue[key] ?? key, values);
  return {
    locale,
    setLocale,
    t,
    n: (key, count, values) =>
      t(`${key}_${pluralForm(locale, count)}`, { count: formatNumber(locale, count), ...values }),
    date: (value) => formatDate(locale, value),
    shortDate: (value) => formatShortDate(locale, value),
    instant: (value) => formatInstant(locale, value),
    number: (value) => formatNumber(locale, value),
    size: (bytes) => formatSize(locale, bytes),
  };
}

/** The texts, for the keys of one catalogue. Each application wraps it with its own key type. */
export function useTexts<K extends string>(): Texts<K> {
  const texts = useContext(Context);
  if (!texts) throw new Error('useTexts is used outside a TextProvider');
  return texts as unknown as Texts<K>;
}

/** The texts that both applications have, for components in src/shared. */
export function useSharedTexts(): Texts<SharedKey> {
  return useTexts<SharedKey>();
}
