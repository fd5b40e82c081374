import { Button } from '@digdir/designsystemet-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { keptAny, readKept } from '../kept';
import { PersonPage } from '../personPage';
import { useMe } from '../session';
import { useText } from '../text';

/** The session is over, or there was none. What was typed is still in this window. */
export function Ended() {
  const { t } = useText();
  const me = useMe();
  const navigate = useNavigate();
  useEffect(() => {
    if (me) void navigate({ to: readKept('resume') ?? '/cases', replace: true });
  }, [me, navigate]);
  return (
    <PersonPage title={t('ended.title')}>
      <p>{t(keptAny() ? 'ended.text' : 'ended.fresh')}</p>
      <div className="actions">
        <Button asChild>
          <Link to="/follow">{t('ended.again')}</Link>
        </Button>
      </div>
    </PersonPage>
  );
}

export function SignedOut() {
  const { t } = useText();
  return (
    <PersonPage title={t('out.title')}>
      <p>{t('out.text')}</p>
      <p>
        <Link to="/">{t('lost.home')}</Link>
      </p>
    </PersonPage>
  );
}
