import { ErrorSummary } from '@digdir/designsystemet-react';
import { type ComponentRef, useEffect, useRef } from 'react';
import { useSharedTexts } from '../text/text';

export interface FieldError {
  /** The id of the field's input. */
  field: string;
  message: string;
}

/**
 * The list of what must be put right, each line a link to its field. It takes the focus each time
 * a new list comes, so give it a new array for each attempt to send.
 */
export function Errors({ errors }: { errors: readonly FieldError[] }) {
  const { t } = useSharedTexts();
  const box = useRef<ComponentRef<typeof ErrorSummary>>(null);
  useEffect(() => {
    if (errors.length > 0) box.current?.focus();
  }, [errors]);
  if (errors.length === 0) return null;
  return (
    <ErrorSummary ref={box} tabIndex={-1}>
      <ErrorSummary.Heading>{t('shared.errors')}</ErrorSummary.Heading>
      <ErrorSummary.List>
        {errors.map((error) => (
          <ErrorSummary.Item key={error.field}>
            <ErrorSummary.Link
              href={`#${error.field}`}
              onClick={(event) => {
                event.preventDefault();
                const target = document.getElementById(error.field);
                target?.focus();
                target?.scrollIntoView({ block: 'center' });
              }}
            >
              {error.message}
            </ErrorSummary.Link>
          </ErrorSummary.Item>
        ))}
      </ErrorSummary.List>
    </ErrorSummary>
  );
}

/** The message for one field in a list of errors. */
export function errorOf(errors: readonly FieldError[], field: string): string | undefined {
  return errors.find((error) => error.field === field)?.message;
}
