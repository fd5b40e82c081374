import { Alert, Heading } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { ProblemAlert } from '../shared/problem';
import { wasReceived } from './send';
import { useText } from './text';

/** Why a request was not filed. */
export function SendFailure({ error }: { error: unknown }) {
  const { t } = useText();
  if (!wasReceived(error)) return <ProblemAlert error={error} focus />;
  return (
    <Alert data-color="info" role="alert">
      <div className="stack tight">
        <Heading level={2} data-size="xs">
          {t('request.already')}
        </Heading>
        <p>{t('request.already.text')}</p>
        <p>
          <Link to="/cases">{t('session.cases')}</Link>
        </p>
      </div>
    </Alert>
  );
}
