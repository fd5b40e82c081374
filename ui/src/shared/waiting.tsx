import { Spinner } from '@digdir/designsystemet-react';
import { useEffect, useState } from 'react';
import { useSharedTexts } from '../text/text';

/** Shown while something is fetched; appears only when it takes long enough to be noticed. */
export function Waiting({ label, delay = 300 }: { label?: string; delay?: number }) {
  const { t } = useSharedTexts();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), delay);
    return () => clearTimeout(timer);
  }, [delay]);
  const text = label ?? t('shared.loading');
  return (
    <div role="status" className="waiting">
      {late && (
        <>
          <Spinner aria-hidden data-size="sm" />
          <span>{text}</span>
        </>
      )}
    </div>
  );
}
