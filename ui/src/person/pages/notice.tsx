import { Alert, Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { PersonPage } from '../personPage';
import { useText } from '../text';

type NoticeData = Schemas['Notice'];
type Change = Schemas['NoticeChange'];

/** The privacy notice as the register makes it now, or as it was in an older version. */
export function Notice() {
  const { t, locale } = useText();
  const { version } = useSearch({ strict: false });
  const { data, error, refetch } = useQuery({
    queryKey: ['notice', locale, version],
    queryFn: () =>
      unwrap(
        api.GET('/notice', {
          params: { query: version === undefined ? { locale } : { locale, version } },
        }),
      ),
  });
  return (
    <PersonPage title={t('notice.title')} back="/">
      <link rel="alternate" type="application/ld+json" href={linked(version)} />
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Waiting />}
      {data && <NoticeText notice={data} key={data.version} />}
    </PersonPage>
  );
}

function linked(version: number | undefined): string {
  return `/api/v1/notice.jsonld${version === undefined ? '' : `?version=${version}`}`;
}

function NoticeText({ notice }: { notice: NoticeData }) {
  const { t, date } = useText();
  return (
    <div className="notice-text stack">
      {!notice.current && <Older notice={notice} />}
      <div className="beside between">
        <p className="quiet">
          {t(notice.current ? 'notice.version' : 'notice.entry', {
            version: notice.version,
            date: date(notice.date),
          })}
        </p>
        <Button
          variant="secondary"
          data-size="sm"
          className="no-print"
          onClick={() => window.print()}
        >
          {t('notice.print')}
        </Button>
      </div>
      {notice.changes.length > 0 && <Changes changes={notice.changes} />}
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
      <Versions notice={notice} />
      <p className="no-print">
        <Link to="/">{t('notice.ask')}</Link>
      </p>
    </div>
  );
}

/** Says that this is not what applies now, and when it did. */
function Older({ notice }: { notice: NoticeData }) {
  const { t, date } = useText();
  const at = notice.versions.findIndex((each) => each.version === notice.version);
  const from = date(notice.date);
  const to = date(notice.versions[at - 1]?.date ?? notice.date);
  return (
    <Alert data-color="warning">
      <p>{from === to ? t('notice.older.day', { date: from }) : t('notice.older', { from, to })}</p>
      <p className="no-print">
        <Link to="/notice" search={{}}>
          {t('notice.now')}
        </Link>
      </p>
    </Alert>
  );
}

const kindColor = { added: 'success', removed: 'neutral', changed: 'info' } as const;

/** What this version says otherwise than the one before, activity by activity. */
function Changes({ changes }: { changes: readonly Change[] }) {
  const { t } = useText();
  return (
    <details className="why changes">
      <summary>{t('notice.changes')}</summary>
      <ul>
        {changes.map((change) => (
          <li key={change.id}>
            <div className="card-head">
              <strong>{change.title}</strong>
              <Tag data-color={kindColor[change.kind]} data-size="sm">
                {t(`notice.${change.kind}`)}
              </Tag>
            </div>
            {change.facts.length > 0 && (
              <dl>
                {change.facts.map((fact) => (
                  <div key={fact.label}>
                    <dt>{fact.label}</dt>
                    <Side name={t('notice.before')} values={fact.before} />
                    <Side name={t('notice.after')} values={fact.now} />
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Side({ name, values }: { name: string; values: readonly string[] }) {
  const { t } = useText();
  return (
    <dd>
      <span className="side">{name}</span>
      <span>
        {values.length === 0 ? (
          <em>{t('notice.nothing')}</em>
        ) : (
          values.map((value) => (
            <span key={value} className="block">
              {value}
            </span>
          ))
        )}
      </span>
    </dd>
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

/** Every version there has been, and the notice for machines. */
function Versions({ notice }: { notice: NoticeData }) {
  const { t, date } = useText();
  return (
    <section className="stack tight no-print" aria-labelledby="versions">
      <Heading level={2} data-size="sm" id="versions">
        {t('notice.versions')}
      </Heading>
      <ul className="plain">
        {notice.versions.map((each) => (
          <li key={each.version}>
            {each.version === notice.version ? (
              <span aria-current="page">
                {t('notice.entry', { version: each.version, date: date(each.date) })}{' '}
                {t('notice.here')}
              </span>
            ) : (
              <Link to="/notice" search={{ version: each.version }}>
                {t('notice.entry', { version: each.version, date: date(each.date) })}
              </Link>
            )}
          </li>
        ))}
      </ul>
      <p className="quiet">
        <a href={linked(notice.version)}>{t('notice.machine')}</a>
      </p>
    </section>
  );
}
