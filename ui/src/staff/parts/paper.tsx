import { Button } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';
import { formatDate } from '../../text/format';
import { type Case, portalQuery } from '../api';
import { useT } from '../texts';
import { osloWall } from '../time';

/**
 * Prints one letter: from the office, to the person, about the case, and nothing else of the page.
 * It stands on the page only while the browser prints it.
 */
export function PrintLetter({
  c,
  label,
  children,
}: {
  c: Case;
  label: string;
  children: ReactNode;
}) {
  const { t } = useT();
  const [printing, setPrinting] = useState(false);
  useEffect(() => {
    if (!printing) return;
    const done = () => setPrinting(false);
    window.addEventListener('afterprint', done);
    window.print();
    return () => window.removeEventListener('afterprint', done);
  }, [printing]);
  return (
    <>
      <Button variant="secondary" data-size="sm" onClick={() => setPrinting(true)}>
        {t('paper.print')}
        <span className="visually-hidden">: {label}</span>
      </Button>
      {printing && createPortal(<Paper c={c}>{children}</Paper>, document.body)}
    </>
  );
}

function Paper({ c, children }: { c: Case; children: ReactNode }) {
  const { locale } = useT();
  const portal = useQuery(portalQuery);
  const from = portal.data;
  const language = c.locale ?? locale;
  return (
    <div className="paper" lang={language}>
      <header>
        <p>
          <strong>{from?.name}</strong>
          <span className="own-words">{from?.postal_address}</span>
          <span>{[from?.email, from?.phone].filter(Boolean).join(', ')}</span>
        </p>
        <p className="paper-to">
          <span>{c.name}</span>
          <span className="own-words">{c.postal_address}</span>
        </p>
        <p>
          <span>{formatDate(language, osloWall(new Date()).date)}</span>
          <span>{c.reference}</span>
        </p>
      </header>
      {children}
    </div>
  );
}
