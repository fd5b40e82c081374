import { Heading, Paragraph } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { Contact } from '../contact';
import { PersonPage } from '../personPage';
import { useText } from '../text';

/** The privacy notice, as the register has it now. */
export function Notice() {
  const { t, locale } = useText();
  const { data, error, refetch } = useQuery({
    queryKey: ['notice', locale],
    queryFn: () => unwrap(api.GET('/notice', { params: { query: { locale } } })),
  });
  return (
    <PersonPage title={t('notice.title')} back="/">
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && <NoticeText notice={data} />}
    </PersonPage>
  );
}

function NoticeText({ notice }: { notice: Schemas['Notice'] }) {
  const { t, date } = useText();
  return (
    <div className="notice-text stack">
      <p className="lines">{notice.controller}</p>
      <p className="quiet">
        {t('notice.version', { version: notice.version, date: date(notice.date) })}
      </p>
      <nav aria-label={t('notice.contents')} className="contents no-print">
        <h2>{t('notice.contents')}</h2>
        <ul>
          {notice.sections.map((section) => (
            <li key={section.id}>
              <a href={`#${section.id}`}>{section.title}</a>
            </li>
          ))}
        </ul>
      </nav>
      {notice.sections.map((section) => (
        <Section key={section.id} section={section} />
      ))}
      <p className="no-print">
        <Link to="/">{t('notice.ask')}</Link>
      </p>
    </div>
  );
}

function Section({ section }: { section: Schemas['NoticeSection'] }) {
  return (
    <section className="stack tight" aria-labelledby={section.id}>
      <Heading level={2} data-size="sm" id={section.id} tabIndex={-1}>
        {section.title}
      </Heading>
      {section.paragraphs.map((paragraph) => (
        <Paragraph key={paragraph}>{paragraph}</Paragraph>
      ))}
      {section.facts && section.facts.length > 0 && (
        <dl className="facts-list">
          {section.facts.map((fact) => (
            <div key={fact.label}>
              <dt>{fact.label}</dt>
              {fact.values.map((value) => (
                <dd key={value}>{value}</dd>
              ))}
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

/** "I ask for someone else": not here, but with the office. */
export function Other() {
  const { t } = useText();
  return (
    <PersonPage title={t('other.title')} back="/">
      <p>{t('other.text')}</p>
      <Heading level={2} data-size="xs">
        {t('other.who')}
      </Heading>
      <ul className="plain">
        <li>{t('other.child')}</li>
        <li>{t('other.guardian')}</li>
        <li>{t('other.proxy')}</li>
        <li>{t('other.dead')}</li>
      </ul>
      <p>{t('other.how')}</p>
      <p>{t('other.noId')}</p>
      <Contact />
    </PersonPage>
  );
}
