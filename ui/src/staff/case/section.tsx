import { Button, Heading } from '@digdir/designsystemet-react';
import { type ReactNode, useId } from 'react';
import type { Leave } from '../can';

interface SectionProps {
  id?: string;
  title: string;
  /** What stands at the end of the heading's line. */
  end?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** One part of the case page, which links and the list of what remains can lead to. */
export function Section({ id, title, end, className = '', children }: SectionProps) {
  const heading = useId();
  return (
    <section
      id={id}
      className={`section stack ${className}`}
      aria-labelledby={heading}
      tabIndex={-1}
    >
      <div className="section-head">
        <Heading level={2} data-size="xs" id={heading}>
          {title}
        </Heading>
        {end}
      </div>
      {children}
    </section>
  );
}

interface ActButtonProps {
  may: Leave;
  onClick: () => void;
  children: ReactNode;
  variant?: 'primary' | 'secondary' | 'tertiary';
  busy?: boolean;
}

/** A button for an act: not there when the act is not offered, closed with its reason when not allowed. */
export function ActButton({
  may,
  onClick,
  children,
  variant = 'secondary',
  busy = false,
}: ActButtonProps) {
  const reason = useId();
  if (!may.offered) return null;
  return (
    <span className="act">
      <Button
        variant={variant}
        data-size="sm"
        disabled={!may.allowed}
        loading={busy}
        aria-describedby={may.whyNot ? reason : undefined}
        onClick={onClick}
      >
        {children}
      </Button>
      {may.whyNot && (
        <span className="why-not" id={reason}>
          {may.whyNot}
        </span>
      )}
    </span>
  );
}
