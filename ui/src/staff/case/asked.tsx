import type { Case } from '../api';
import { useT } from '../texts';
import { Section } from './section';

/** What the person asked for, in the person's own words where there are any. */
export function AskedSection({ c }: { c: Case }) {
  const { t } = useT();
  return (
    <Section title={t('asked.title')} id="asked">
      <div className="asked">
        {c.asked.map((line) => (
          <p key={line} className="own-words">
            {line}
          </p>
        ))}
      </div>
    </Section>
  );
}
