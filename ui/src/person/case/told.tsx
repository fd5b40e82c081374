import { Heading } from '@digdir/designsystemet-react';
import type { Schemas } from '../../api/client';
import { useText } from '../text';

/** Who got the data and is told what was done with them (Art. 19), and how far that has come. */
export function Told({ list }: { list: NonNullable<Schemas['Request']['recipients']> }) {
  const { t, date } = useText();
  if (list.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="told">
      <Heading level={2} data-size="xs" id="told">
        {t('told.title')}
      </Heading>
      <p className="quiet">{t('told.text')}</p>
      <ul className="plain">
        {list.map((each) => (
          <li key={each.name}>
            <strong>{each.name}</strong>
            {each.activities.length > 0 && ` (${each.activities.join(', ')})`}
            <br />
            <span className="own-words">
              {t('told.line', { text: each.text, date: date(each.at) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
