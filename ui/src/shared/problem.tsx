import { Alert, Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useEffect, useRef } from 'react';
import { ApiError } from '../api/client';
import { useSharedTexts } from '../text/text';

/** The sentences for a failure: the server's own when it gave one. */
export function useFailure(error: unknown): { title: string; text: string; instance?: string } {
  const { t } = useSharedTexts();
  if (error instanceof ApiError && error.offline) {
    return { title: t('shared.offline.title'), text: t('shared.offline.text') };
  }
  if (error instanceof ApiError && error.problem) {
    const { title, instance } = error.problem;
    return { title: t('shared.problem.title'), text: title, ...(instance ? { instance } : {}) };
  }
  return { title: t('shared.failed.title'), text: t('shared.failed.text') };
}

interface ProblemProps {
  error: unknown;
  onRetry?: () => void;
  /** Moves the focus here when the failure answers something the person just did. */
  focus?: boolean;
}

/** A failure, read aloud at once. Shows nothing when there is none. */
export function ProblemAlert({ error, onRetry, focus = false }: ProblemProps) {
  const { t } = useSharedTexts();
  const { title, text, instance } = useFailure(error);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (error && focus) box.current?.focus();
  }, [error, focus]);
  if (!error) return null;
  return (
    <Alert data-color="danger" role="alert" ref={box} tabIndex={-1}>
      <Heading level={2} data-size="xs">
        {title}
      </Heading>
      <Paragraph>{text}</Paragraph>
      {instance && (
        <Paragraph data-size="sm">{t('shared.problem.instance', { instance })}</Paragraph>
      )}
      {onRetry && (
        <Button variant="secondary" data-size="sm" onClick={onRetry}>
          {t('shared.retry')}
        </Button>
      )}
    </Alert>
  );
}
