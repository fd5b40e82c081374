import { Button, Heading } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { PersonPage } from '../personPage';
import { usePortal } from '../portal';
import { useText } from '../text';
import { NotFound } from './lost';

/** Whom one can play in the demo. */
export function Demo() {
  const { demo } = usePortal();
  return demo ? <People /> : <NotFound />;
}

function People() {
  const { t } = useText();
  const { name } = usePortal();
  const { data, error, refetch } = useQuery({
    queryKey: ['demo'],
    queryFn: () => unwrap(api.GET('/demo')),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <PersonPage title={t('demo.title')} back="/">
      <p>{t('demo.text', { name })}</p>
      <ol className="plain steps">
        <li>{t('demo.step1')}</li>
        <li>{t('demo.step2')}</li>
        <li>{t('demo.step3')}</li>
        <li>{t('demo.step4')}</li>
      </ol>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && (
        <>
          <Heading level={2} data-size="sm">
            {t('demo.persons')}
          </Heading>
          <ul className="cards">
            {data.people.map((person) => (
              <Person key={person.email} person={person} />
            ))}
          </ul>
        </>
      )}
      <Heading level={2} data-size="sm">
        {t('demo.office')}
      </Heading>
      <p>{t('demo.office.text')}</p>
      <p>
        <a href="/staff">{t('demo.staff')}</a>
      </p>
    </PersonPage>
  );
}

function Person({ person }: { person: Schemas['Demo']['people'][number] }) {
  const { t } = useText();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(person.email);
    setCopied(true);
  };
  return (
    <li>
      <h3>{person.name}</h3>
      <p>{person.what}</p>
      <p className="copy">
        <code className="address">{person.email}</code>
        <Button
          variant="secondary"
          data-size="sm"
          onClick={() => void copy().catch(() => setCopied(false))}
        >
          {t(copied ? 'demo.copied' : 'demo.copy')}
          <span className="visually-hidden"> {person.email}</span>
        </Button>
      </p>
    </li>
  );
}

/** The mails that the demo would have sent. */
export function Mailbox() {
  const { demo } = usePortal();
  return demo ? <Mails /> : <NotFound />;
}

function Mails() {
  const { t } = useText();
  const { data, error, refetch } = useQuery({
    queryKey: ['demo', 'mail'],
    queryFn: () => unwrap(api.GET('/demo/mailbox')),
    refetchInterval: 2000,
    staleTime: 0,
  });
  const [search, setSearch] = useState('');
  const mails = data?.mails.filter((mail) => mail.to.toLowerCase().includes(search.toLowerCase()));
  return (
    <PersonPage title={t('mailbox.title')} back="/demo">
      <p>{t('mailbox.text')}</p>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && data.mails.length > 5 && (
        <label className="filter">
          <span>{t('mailbox.filter')}</span>
          <input
            className="ds-input"
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </label>
      )}
      {data && mails?.length === 0 && <p>{t('mailbox.none')}</p>}
      {mails && mails.length > 0 && (
        <ul className="cards mails">
          {mails.map((mail, index) => (
            <Mail key={mail.id} mail={mail} open={index === 0} />
          ))}
        </ul>
      )}
    </PersonPage>
  );
}

function Mail({ mail, open }: { mail: Schemas['DemoMail']; open: boolean }) {
  const { t, instant } = useText();
  return (
    <li>
      <details open={open}>
        <summary>
          <strong>{mail.subject}</strong>
          <span className="quiet beside">
            <span>{t('mailbox.to', { to: mail.to })}</span>
            <span>{instant(mail.at)}</span>
          </span>
        </summary>
        <MailText text={mail.text} />
      </details>
    </li>
  );
}

/** A mail's text, with its addresses as links; those of this portal open in this window. */
function MailText({ text }: { text: string }) {
  const navigate = useNavigate();
  const parts = text.split(/(https?:\/\/\S+)/);
  return (
    <p className="lines mail-text">
      {parts.map((part, index) => {
        // The parts never change their order: a mail is never edited.
        const key = `${index}`;
        if (index % 2 === 0) return part;
        const url = new URL(part);
        const local = url.origin === location.origin;
        return (
          <a
            key={key}
            href={part}
            onClick={(event) => {
              if (!local || event.ctrlKey || event.metaKey) return;
              event.preventDefault();
              void navigate({ to: url.pathname, hash: url.hash.slice(1) });
            }}
          >
            {part}
          </a>
        );
      })}
    </p>
  );
}
