import { Button, Link as DsLink } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Right } from '../api/client';
import { keep } from './kept';
import { apart, keptStanding } from './standing';
import { useText } from './text';

/** For whom this is, when it is not for oneself as any person; a quiet way to say so otherwise. */
export function ForWhomLine({ right, onCleared }: { right: Right; onCleared?: () => void }) {
  const { t } = useText();
  const [standing, setStanding] = useState(() => keptStanding(right));
  const change = (
    <DsLink asChild>
      <Link to="/for/$right" params={{ right }}>
        {t(standing ? 'for.change' : 'for.link')}
      </Link>
    </DsLink>
  );
  if (!standing) return <p className="quiet">{change}</p>;
  const clear = () => {
    keep('standing', undefined);
    setStanding(undefined);
    onCleared?.();
  };
  return (
    <div className="for-whom">
      <p>
        {t('for.now')}{' '}
        <strong>
          {t(`for.${standing.kind}`)}
          {standing.name ? `: ${standing.name}` : ''}
        </strong>
      </p>
      {apart(standing) && <p className="quiet">{t('for.about')}</p>}
      <p className="actions">
        {change}
        <Button variant="tertiary" data-size="sm" type="button" onClick={clear}>
          {t('for.clear')}
        </Button>
      </p>
    </div>
  );
}
