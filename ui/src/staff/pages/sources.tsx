import { Button, Heading, Paragraph, Radio, Tag } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schemas } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { sourcesQuery, usePermission } from '../api';
import { AddSource, type SourceForm, sourceForms } from '../parts/add-source';
import { type StaffKey, useT, wordOf } from '../texts';

export const kindText: Record<
  | 'manual'
  | 'postgres'
  | 'mysql'
  | 'sqlserver'
  | 'mongodb'
  | 'sqlite'
  | 'log'
  | 'mailbox'
  | 'webhook'
  | 'file',
  StaffKey
> = {
  manual: 'source.kind.manual',
  postgres: 'source.kind.postgres',
  mysql: 'source.kind.mysql',
  sqlserver: 'source.kind.sqlserver',
  mongodb: 'source.kind.mongodb',
  sqlite: 'source.kind.sqlite',
  log: 'source.kind.log',
  mailbox: 'source.kind.mailbox',
  webhook: 'source.kind.webhook',
  file: 'source.kind.file',
};

export const sourceColor = { ok: 'success', failing: 'danger', unknown: 'neutral' } as const;

/** Where the office looks: systems, files and the places that a person looks in. */
export function SourcesPage() {
  const { t } = useT();
  const sources = useQuery(sourcesQuery);
  const settings = usePermission('edit_settings');
  const databases = usePermission('manage_sources');
  const offered = sourceForms.filter((form) => (form === 'database' ? databases : settings));
  const [adding, setAdding] = useState<SourceForm>();
  return (
    <Page title={t('sources.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('sources.lead')}</Paragraph>
      <ProblemAlert error={sources.error} onRetry={() => sources.refetch()} />
      {sources.isPending && <Waiting />}
      {sources.data && <SourceList sources={sources.data.sources} />}
      {offered.length > 0 && (
        <section className="stack add-source" aria-labelledby="add-title">
          <Heading level={2} data-size="xs" id="add-title">
            {t('sources.add')}
          </Heading>
          <fieldset className="ds-fieldset">
            <legend className="ds-label">{t('sources.add.what')}</legend>
            {offered.map((form) => (
              <Radio
                key={form}
                name="source-form"
                label={t(`sources.add.${form}`)}
                description={t(`sources.add.${form}.help`)}
                value={form}
                checked={adding === form}
                onChange={() => setAdding(form)}
              />
            ))}
          </fieldset>
          {adding && (
            <AddSource key={adding} form={adding} level={3} onDone={() => setAdding(undefined)} />
          )}
          {adding && (
            <div>
              <Button variant="tertiary" data-size="sm" onClick={() => setAdding(undefined)}>
                {t('common.cancel')}
              </Button>
            </div>
          )}
        </section>
      )}
    </Page>
  );
}

export function SourceList({ sources }: { sources: readonly Schemas['Source'][] }) {
  const { t, n } = useT();
  if (sources.length === 0) return <Paragraph>{t('sources.none')}</Paragraph>;
  return (
    <ul className="cards">
      {sources.map((source) => {
        const kind = wordOf(kindText, source.kind);
        return (
          <li key={source.id} className="card-line">
            <div>
              <p className="group-name">
                <Link to="/sources/$id" params={{ id: source.id }} className="ds-link">
                  {source.title ?? source.name}
                </Link>
                <span className="under-inline">{kind ? t(kind) : source.kind}</span>
              </p>
              <p className="under">
                {[
                  source.location,
                  source.collections !== undefined && n('sources.collections', source.collections),
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </p>
              <p>{source.state_text}</p>
            </div>
            <div className="marks">
              {!source.enabled && <Tag data-color="neutral">{t('sources.off')}</Tag>}
              {source.restored && <Tag data-color="warning">{t('sources.restored')}</Tag>}
              {source.drift && <Tag data-color="warning">{t('sources.drift')}</Tag>}
              {source.enabled && source.state !== 'unknown' && (
                <Tag data-color={sourceColor[source.state]}>
                  {t(`sources.state.${source.state}`)}
                </Tag>
              )}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
