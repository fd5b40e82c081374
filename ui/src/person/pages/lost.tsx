import { Button } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { ProblemAlert } from '../../shared/problem';
import { PersonPage } from '../personPage';
import { useText } from '../text';

export function NotFound() {
  const { t } = useText();
  return (
    <PersonPage title={t('lost.title')}>
      <p>{t('lost.text')}</p>
      <p>
        <Link to="/">{t('lost.home')}</Link>
      </p>
      <p>
        <Link to="/follow">{t('footer.follow')}</Link>
      </p>
    </PersonPage>
  );
}

/** A page that could not be shown, most often because its code could not be fetched. */
export function Broken({ error }: { error: unknown }) {
  const { t } = useText();
  return (
    <div className="frame page stack">
      <h1 className="ds-heading" data-size="lg">
        {t('broken.title')}
      </h1>
      <ProblemAlert error={error} />
      <Button onClick={() => location.reload()}>{t('broken.reload')}</Button>
    </div>
  );
}
