import { Alert, Button, Heading } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Right, unwrap } from '../api/client';
import { ProblemAlert } from '../shared/problem';
import { isOpen, useRequests } from './requests';
import { keptStanding } from './standing';
import { useText } from './text';

/** While the same has been asked and not been answered: a reminder is no new request. */
export function AskedBefore({ right }: { right: Right }) {
  const { t } = useText();
  const open = useRequests().data?.find((each) => each.right === right && isOpen(each));
  const [state, setState] = useState<'busy' | 'done'>();
  const [failure, setFailure] = useState<unknown>();
  if (!open || keptStanding(right)) return null;
  const remind = async () => {
    setState('busy');
    setFailure(undefined);
    try {
      await unwrap(api.POST('/requests/{id}/remind', { params: { path: { id: open.id } } }));
      setState('done');
    } catch (error) {
      setState(undefined);
      setFailure(error);
    }
  };
  return (
    <Alert data-color="info">
      <Heading level={2} data-size="xs">
        {t('remind.title')}
      </Heading>
      <p>{t('remind.text', { reference: open.reference })}</p>
      <ProblemAlert error={failure} />
      <div className="actions">
        {state === 'done' ? (
          <p role="status">{t('remind.done')}</p>
        ) : (
          <Button
            variant="secondary"
            data-size="sm"
            loading={state === 'busy'}
            onClick={() => void remind()}
          >
            {t('remind.do')}
          </Button>
        )}
        <Link to="/cases/$id" params={{ id: open.id }}>
          {t('remind.open')}
        </Link>
      </div>
    </Alert>
  );
}
