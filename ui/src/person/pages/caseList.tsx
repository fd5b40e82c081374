import { Heading, Tag } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { PersonPage, SignedInOnly } from '../personPage';
import { colorOf, isOpen, phaseText, type RequestSummary, useRequests } from '../requests';
import type { Me } from '../session';
import { useText } from '../text';
import { AddressLine } from './address';

export function Cases() {
  return <SignedInOnly>{(me) => <CaseList me={me} />}</SignedInOnly>;
}

function CaseList({ me }: { me: Me }) {
  const { t } = useText();
  const { data: requests, error, refetch } = useRequests();
  return (
    <PersonPage title={t('cases.title')} back="/">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!requests && !error && <Waiting />}
      {requests?.length === 0 && <p>{t('cases.none')}</p>}
      {requests && requests.length > 0 && <Groups requests={requests} />}
      {requests && requests.length > 0 && <AddressLine me={me} />}
      <p className="quiet">{t('cases.older')}</p>
      <p>
        <Link to="/">{t('cases.new')}</Link>
      </p>
    </PersonPage>
  );
}

function Groups({ requests }: { requests: readonly RequestSummary[] }) {
  const { t } = useText();
  const open = requests.filter(isOpen);
  const done = requests.filter((request) => !isOpen(request));
  return (
    <>
      <Group title={t('cases.open')} requests={open} />
      <Group title={t('cases.done')} requests={done} />
    </>
  );
}

function Group({ title, requests }: { title: string; requests: readonly RequestSummary[] }) {
  if (requests.length === 0) return null;
  return (
    <section className="stack tight">
      <Heading level={2} data-size="xs">
        {title}
      </Heading>
      <ul className="cards">
        {requests.map((request) => (
          <Row key={request.id} request={request} />
        ))}
      </ul>
    </section>
  );
}

function Row({ request }: { request: RequestSummary }) {
  const { t, n, date } = useText();
  return (
    <li className="clickable">
      <div className="card-head">
        <h3>
          <Link to="/cases/$id" params={{ id: request.id }}>
            {t(`right.${request.right}.case`)}
          </Link>
        </h3>
        <Tag data-color={colorOf(request)}>{t(phaseText(request))}</Tag>
      </div>
      {isOpen(request) && <p>{t('case.due', { date: date(request.due_on) })}</p>}
      {request.waits_for_you && <p className="notice">{t('cases.waits')}</p>}
      {(request.unread_messages ?? 0) > 0 && (
        <p className="notice">{n('cases.unread', request.unread_messages ?? 0)}</p>
      )}
      <p className="quiet beside">
        <span>{t('cases.asked', { date: date(request.received_at) })}</span>
        <span className="nowrap">{request.reference}</span>
      </p>
    </li>
  );
}
