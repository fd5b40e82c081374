import { Button, Dialog, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ApiError } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { type Case, sessionQuery } from '../api';
import { useAct } from '../gate';
import { useT } from '../texts';

/** How much of a proof must be left for the download to begin in time; milliseconds. */
const margin = 15_000;

/**
 * The package to print or to look over. The links are the browser's own, so the proof that the
 * server wants is given before they are shown. Each opening is logged on the server.
 */
export function PrintDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const client = useQueryClient();
  const session = useQuery(sessionQuery);
  const until = session.data?.stepped_up_until;
  const proved = until !== undefined && Date.parse(until) > Date.now() + margin;
  const prove = useAct(async () => {
    const fresh = await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
    const valid = fresh.stepped_up_until ? Date.parse(fresh.stepped_up_until) : 0;
    if (valid <= Date.now() + margin) throw new ApiError(403, needsCode);
  });
  const { act } = prove;
  useEffect(() => act(), [act]);
  const address = `/api/v1/staff/cases/${c.id}/package`;
  return (
    <Dialog open onClose={onClose} closeButton={t('shared.close')} aria-labelledby="print-title">
      <div className="stack">
        <Heading level={2} data-size="sm" id="print-title">
          {t('print.title')}
        </Heading>
        <Paragraph>{t('print.text')}</Paragraph>
        {proved ? (
          <ul className="choices">
            <li>
              <a
                className="ds-button"
                data-variant="primary"
                href={`${address}?form=html`}
                target="_blank"
                rel="noreferrer"
              >
                {t('print.page')}
              </a>
            </li>
            <li>
              <a
                className="ds-button"
                data-variant="secondary"
                href={`${address}?form=zip`}
                download
              >
                {t('print.zip')}
              </a>
            </li>
          </ul>
        ) : (
          <>
            <ProblemAlert error={prove.error} />
            {prove.busy ? <Waiting /> : <Button onClick={() => act()}>{t('print.prove')}</Button>}
          </>
        )}
      </div>
    </Dialog>
  );
}

/** What the server would say; the gate opens the code dialog for it. */
const needsCode = { type: 'about:blank', title: '', status: 403, code: 'step_up_required' };
