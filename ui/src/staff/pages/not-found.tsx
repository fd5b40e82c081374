import { Paragraph } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { Page } from '../../shared/page';
import { useT } from '../texts';

export function NotFoundPage() {
  const { t } = useT();
  return (
    <Page title={t('missing.title')} suffix={t('app.name')} className="stack">
      <Paragraph>
        <Link to="/" className="ds-link">
          {t('missing.back')}
        </Link>
      </Paragraph>
    </Page>
  );
}
