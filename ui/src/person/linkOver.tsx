import { ApiError } from '../api/client';
import { useFailure } from '../shared/problem';
import { PersonPage } from './personPage';
import { useText } from './text';

/** Whether what a mailed link led to is over: nothing went wrong, and to try again leads nowhere. */
export const isOver = (failure: unknown) => failure instanceof ApiError && failure.status === 410;

/** Says that a mailed link has done its work, in the server's words. */
export function LinkOver({ failure }: { failure: unknown }) {
  const { t } = useText();
  const { text } = useFailure(failure);
  return (
    <PersonPage key="over" title={t('link.over')}>
      <p>{text}</p>
    </PersonPage>
  );
}
