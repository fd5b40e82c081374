import { Button, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import type { Case } from '../api';
import { can } from '../can';
import { useT } from '../texts';
import { PauseDialog } from './pause';
import { Section } from './section';

/** Nothing was found: ask once for an older address, and only then say so. */
export function NothingSection({ c }: { c: Case }) {
  const { t } = useT();
  const [asking, setAsking] = useState(false);
  const pause = can(c, 'pause');
  const answer = can(c, 'answer');
  const asked = c.asked_older_contact;
  const words = asked ? 'nothing.asked' : answer.allowed ? 'nothing.ask.paper' : 'nothing.ask';
  return (
    <Section id="nothing" title={t('nothing.title')} className="callout">
      <Paragraph>{t(words)}</Paragraph>
      {pause.allowed && (
        <div>
          <Button variant={asked ? 'secondary' : 'primary'} onClick={() => setAsking(true)}>
            {t('nothing.ask.do')}
          </Button>
        </div>
      )}
      {asking && <PauseDialog c={c} kind="older_contact" onClose={() => setAsking(false)} />}
    </Section>
  );
}
