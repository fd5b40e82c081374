import { Button, Heading } from '@digdir/designsystemet-react';
import { Link, useParams } from '@tanstack/react-router';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { PersonPage, SignedInOnly } from '../personPage';
import { usePortal } from '../portal';
import { type Request, useRequest } from '../requests';
import { useText } from '../text';

/** "We have received your request": to read now, to print, to keep. */
export function Receipt() {
  const { id } = useParams({ strict: false }) as { id: string };
  return <SignedInOnly>{(me) => <ReceiptOf id={id} email={me.email} />}</SignedInOnly>;
}

function ReceiptOf({ id, email }: { id: string; email: string }) {
  const { t } = useText();
  const { data: request, error, refetch } = useRequest(id);
  return (
    <PersonPage title={t('receipt.title')} size="xl">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!request && !error && <Waiting />}
      {request && <Facts request={request} email={email} />}
    </PersonPage>
  );
}

function Facts({ request, email }: { request: Request; email: string }) {
  const { t, date, instant } = useText();
  const { name } = usePortal();
  return (
    <>
      <p className="due">{t('receipt.due', { date: date(request.due_on) })}</p>
      <dl className="facts-list">
        <div>
          <dt>{t('receipt.reference')}</dt>
          <dd className="reference">{request.reference}</dd>
        </div>
        <div>
          <dt>{t('receipt.right')}</dt>
          <dd>{t(`right.${request.right}.case`)}</dd>
        </div>
        <div>
          <dt>{t('receipt.received')}</dt>
          <dd>{instant(request.received_at)}</dd>
        </div>
        <div>
          <dt>{t('receipt.to')}</dt>
          <dd>{name}</dd>
        </div>
        <div>
          <dt>{t('receipt.from')}</dt>
          <dd className="address">{email}</dd>
        </div>
        <div>
          <dt>{t('receipt.asked')}</dt>
          <dd>
            <ul className="plain">
              {request.asked.map((line) => (
                <li key={line} className="lines">
                  {line}
                </li>
              ))}
            </ul>
          </dd>
        </div>
        {request.notice_date && (
          <div>
            <dt>{t('receipt.notice')}</dt>
            <dd>
              <Link to="/notice" search={{ version: request.notice_version }}>
                {t('notice.entry', {
                  version: request.notice_version,
                  date: date(request.notice_date),
                })}
              </Link>
            </dd>
          </div>
        )}
      </dl>
      <section className="stack tight">
        <Heading level={2} data-size="xs">
          {t('receipt.next')}
        </Heading>
        <ul className="plain">
          <li>{t('receipt.mail', { email })}</li>
          <li>{t(`receipt.next.${request.right}`)}</li>
          <li>{t('receipt.change')}</li>
          <li>{t('receipt.complain')}</li>
        </ul>
      </section>
      <div className="actions no-print">
        <Button asChild>
          <Link to="/cases/$id" params={{ id: request.id }}>
            {t('receipt.case')}
          </Link>
        </Button>
        <Button variant="secondary" asChild>
          <a
            href={`/api/v1/requests/${request.id}/letters/receipt`}
            download={`${request.reference}.pdf`}
          >
            {t('receipt.pdf')}
          </a>
        </Button>
        <Button variant="secondary" onClick={() => window.print()}>
          {t('receipt.print')}
        </Button>
      </div>
    </>
  );
}
