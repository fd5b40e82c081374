import { Heading, Paragraph } from '@digdir/designsystemet-react';
import { Page } from '../../shared/page';
import { useT } from '../texts';

const steps = [
  'arrives',
  'search',
  'over',
  'send',
  'erase',
  'clock',
  'refuse',
  'waits',
  'drill',
] as const;

/** How a case runs, for whoever does this three times a year. */
export function HelpPage() {
  const { t } = useT();
  return (
    <Page title={t('help.title')} suffix={t('app.name')} className="stack readable">
      <Paragraph>{t('help.lead')}</Paragraph>
      {steps.map((step) => (
        <section key={step} id={step} className="stack">
          <Heading level={2} data-size="xs">
            {t(`help.${step}`)}
          </Heading>
          <Paragraph>{t(`help.${step}.text`)}</Paragraph>
        </section>
      ))}
    </Page>
  );
}
