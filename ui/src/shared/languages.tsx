import { type Locale, localeNames } from '../text/format';
import { useSharedTexts } from '../text/text';

/** Changes the language and nothing else: the page, its answers and its place stay. */
export function Languages({ offered }: { offered: readonly Locale[] }) {
  const { locale, setLocale, t } = useSharedTexts();
  if (offered.length < 2) return null;
  return (
    <nav aria-label={t('shared.language')} className="languages">
      <ul>
        {offered.map((each) => (
          <li key={each}>
            <button
              type="button"
              lang={each}
              aria-current={each === locale ? 'true' : undefined}
              onClick={() => setLocale(each)}
            >
              {localeNames[each]}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
