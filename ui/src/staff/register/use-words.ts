import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { taxonomyQuery } from '../api';
import { useT } from '../texts';
import { activitiesOf, type Doc, nameOf, rightName, type Words } from './document';
import type { Setting } from './fields';
import { rights } from './shape';

/** The names that can be picked, in the member's language; undefined until they are there. */
export function useSetting(doc: Doc): Omit<Setting, 'findings'> | undefined {
  const { t, locale } = useT();
  const taxonomy = useQuery({
    ...taxonomyQuery,
    queryKey: [...taxonomyQuery.queryKey, locale],
  }).data;
  const countries = useMemo(() => countryNames(locale), [locale]);
  return useMemo(
    () =>
      taxonomy && {
        countries,
        names: {
          categories: taxonomy.categories.map(({ key, text }) => [key, text] as const),
          persons: taxonomy.persons.map(({ key, text }) => [key, text] as const),
          activities: activitiesOf(doc).map((each) => [each.id, nameOf(each, locale)] as const),
          rights: rights.map(([key, text]) => [key, t(text)] as const),
        },
      },
    [taxonomy, countries, doc, locale, t],
  );
}

/** How things are called in a list of changes. */
export function useWords(setting: Omit<Setting, 'findings'> | undefined): Words {
  const { t, locale } = useT();
  return useMemo(() => {
    const names = Object.fromEntries(
      Object.entries(setting?.names ?? {}).map(([of, all]) => [of, new Map(all)]),
    );
    const countries = new Map(setting?.countries);
    return {
      t,
      locale,
      name: (of, key) => (of === 'rights' ? rightName(key, t) : (names[of]?.get(key) ?? key)),
      country: (code) => countries.get(code) ?? code,
    };
  }, [setting, t, locale]);
}

/** The countries of the world by name: whatever two letters the browser has a name for. */
function countryNames(locale: string): [string, string][] {
  const names = new Intl.DisplayNames([locale], { type: 'region', fallback: 'none' });
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const no = new Set(['EU', 'EZ', 'UN', 'XA', 'XB', 'ZZ', 'QO']);
  const seen = new Set<string>();
  return letters
    .flatMap((a) => letters.map((b) => a + b))
    .flatMap((code): [string, string][] => {
      const name = no.has(code) ? undefined : names.of(code);
      if (!name || seen.has(name)) return [];
      seen.add(name);
      return [[code, name]];
    })
    .sort((a, b) => a[1].localeCompare(b[1], locale));
}
