import { Alert, Link as DsLink, Heading, Tag } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { Answer } from '../case/answer';
import { Download } from '../case/download';
import { Messages } from '../case/messages';
import { QuestionForm } from '../case/question';
import { Told } from '../case/told';
import { Withdraw } from '../case/withdraw';
import { PersonPage, SignedInOnly } from '../personPage';
import { colorOf, isOpen, phaseText, type Request, requestKey, useRequest } from '../requests';
import type { Me } from '../session';
import { useText } from '../text';
import { AddressLine } from './address';

export function Case() {
  const { id } = useParams({ strict: false }) as { id: string };
  return <SignedInOnly>{(me) => <CaseOf id={id} me={me} />}</SignedInOnly>;
}

function CaseOf({ id, me }: { id: string; me: Me }) {
  const { t } = useText();
  const { data: request, error, refetch } = useRequest(id);
  if (!request) {
    return (
      <PersonPage title={t('case.title')} back="/cases">
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <Waiting />}
      </PersonPage>
    );
  }
  return <CasePage request={request} me={me} key={id} />;
}

function CasePage({ request, me }: { request: Request; me: Me }) {
  const { t, date } = useText();
  const client = useQueryClient();
  const changed = async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: requestKey(request.id) }),
      client.invalidateQueries({ queryKey: ['requests'] }),
    ]);
  };
  return (
    <PersonPage
      title={t(`right.${request.right}.case`)}
      windowTitle={`${t(`right.${request.right}.case`)} ${request.reference}`}
      back="/cases"
    >
      <div className="status">
        <p className="status-line">
          <Tag data-color={colorOf(request)}>{t(phaseText(request))}</Tag>
          <span className="quiet">{t('case.reference', { reference: request.reference })}</span>
        </p>
        {request.state_text !== t(phaseText(request)) && (
          <p className="state-text">{request.state_text}</p>
        )}
        {isOpen(request) && <Due request={request} />}
      </div>
      {request.erasure_waits_until && (
        <Alert data-color="warning">
          {t('case.erasureWaits', { date: date(request.erasure_waits_until) })}
        </Alert>
      )}
      {request.question && (
        <QuestionForm request={request} question={request.question} onSent={changed} />
      )}
      {request.package && (
        <Download id={request.id} email={me.email} held={request.package} onChanged={changed} />
      )}
      {(request.parts ?? []).map((part) => (
        <Download
          key={part.number}
          id={request.id}
          email={me.email}
          held={part.package}
          part={part}
          whole={request.answer !== undefined}
          onChanged={changed}
        />
      ))}
      {request.answer && (
        <Answer answer={request.answer} listed={(request.recipients?.length ?? 0) > 0} />
      )}
      {(me.address_changes_at || request.corrects_own_address) && <AddressLine me={me} />}
      <Told list={request.recipients ?? []} />
      <Messages request={request} onSent={changed} />
      <Asked request={request} />
      <Timeline request={request} />
      <Papers request={request} />
      {request.may_withdraw && <Withdraw request={request} email={me.email} onDone={changed} />}
    </PersonPage>
  );
}

function Due({ request }: { request: Request }) {
  const { t, date } = useText();
  return (
    <>
      <p className="due">{t('case.due', { date: date(request.due_on) })}</p>
      {request.due_reasons.length > 0 && (
        <details className="why">
          <summary>{t('case.why')}</summary>
          <ul className="plain">
            {request.due_reasons.map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Asked({ request }: { request: Request }) {
  const { t, instant } = useText();
  return (
    <section className="stack tight">
      <Heading level={2} data-size="sm">
        {t('case.asked')}
      </Heading>
      <ul className="plain">
        {request.asked.map((line) => (
          <li key={line} className="lines">
            {line}
          </li>
        ))}
      </ul>
      <p className="quiet">{t('case.received', { date: instant(request.received_at) })}</p>
    </section>
  );
}

function Timeline({ request }: { request: Request }) {
  const { t, instant } = useText();
  return (
    <section className="stack tight">
      <Heading level={2} data-size="sm">
        {t('case.timeline')}
      </Heading>
      <ol className="timeline">
        {request.timeline.map((event) => (
          <li key={`${event.at}${event.text}`}>
            <time dateTime={event.at}>{instant(event.at)}</time>
            <span>{event.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Papers({ request }: { request: Request }) {
  const { t, date } = useText();
  return (
    <section className="stack tight no-print">
      <Heading level={2} data-size="sm">
        {t('case.papers')}
      </Heading>
      <ul className="plain">
        <li>
          <Link to="/receipt/$id" params={{ id: request.id }}>
            {t('case.receipt')}
          </Link>
          {' · '}
          <DsLink
            href={`/api/v1/requests/${request.id}/letters/receipt`}
            download={`${request.reference}.pdf`}
          >
            {t('case.receipt.pdf')}
          </DsLink>
        </li>
        {request.answer?.letter && (
          <li>
            <DsLink
              href={`/api/v1/requests/${request.id}/letters/answer`}
              download={`${request.reference}.pdf`}
            >
              {t('case.letter')}
            </DsLink>
          </li>
        )}
        <li>
          <DsLink
            href={`/api/v1/requests/${request.id}/receipt`}
            download={`${request.reference}.txt`}
          >
            {t('case.proof')}
          </DsLink>
          <span className="quiet block">{t('case.proof.text')}</span>
        </li>
        {request.notice_date && (
          <li>
            <Link to="/notice" search={{ version: request.notice_version }}>
              {t('case.notice', {
                version: request.notice_version,
                date: date(request.notice_date),
              })}
            </Link>
          </li>
        )}
      </ul>
    </section>
  );
}
