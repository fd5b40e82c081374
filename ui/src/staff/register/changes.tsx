import { Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useT } from '../texts';
import type { Change } from './document';

const kindText = {
  added: 'reg.change.added',
  removed: 'reg.change.removed',
  changed: 'reg.change.changed',
} as const;

/** What one version of the register says otherwise than another. */
export function Changes({ changes, level }: { changes: readonly Change[]; level: 3 | 4 | 5 }) {
  const { t } = useT();
  if (changes.length === 0) return <Paragraph>{t('reg.change.none')}</Paragraph>;
  return (
    <div className="stack reg-changes">
      {changes.map((change) => (
        <section key={`${change.kind}/${change.title}`} className="stack">
          <div className="section-head">
            <Heading level={level} data-size="2xs">
              {change.title}
            </Heading>
            <Tag data-color={change.kind === 'removed' ? 'warning' : 'info'}>
              {t(kindText[change.kind])}
            </Tag>
          </div>
          {change.lines.length > 0 && (
            <dl>
              {change.lines.map(({ label, before, now }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>
                    {before !== undefined && (
                      <del>
                        <span className="ds-sr-only">{t('reg.change.before')}: </span>
                        {before}
                      </del>
                    )}
                    {now !== undefined && (
                      <ins>
                        <span className="ds-sr-only">{t('reg.change.now')}: </span>
                        {now}
                      </ins>
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </section>
      ))}
    </div>
  );
}
