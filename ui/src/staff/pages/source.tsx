import { Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { ColleagueFields, noColleague } from '../parts/colleague';
import { Failure, TextArea } from '../parts/form';
import { YamlArea } from '../parts/yaml';
import { useT, wordOf } from '../texts';
import { kindText, sourceColor } from './sources';

type Source = Schemas['Source'];

const key = (id: string) => ['source', id];

/** One source: its health, what the check saw, and its annotation. */
export function SourcePage() {
  const { id } = useParams({ from: '/sources/$id' });
  const source = useQuery({
    queryKey: key(id),
    queryFn: () => unwrap(api.GET('/staff/sources/{id}', { params: { path: { id } } })),
  });
  if (source.data) return <SourceView key={id} source={source.data} />;
  if (source.error) return <ProblemAlert error={source.error} onRetry={() => source.refetch()} />;
  return <Waiting />;
}

function SourceView({ source }: { source: Source }) {
  const { t } = useT();
  const settings = usePermission('edit_settings');
  const databases = usePermission('manage_sources');
  const own = source.kind === 'manual' || source.kind === 'file';
  const mayChange = own ? settings : databases;
  const kind = wordOf(kindText, source.kind);
  return (
    <Page
      title={source.title ?? source.name}
      suffix={t('app.name')}
      className="stack readable"
      over={
        <p className="crumb">
          <Link to="/sources" className="ds-link">
            {t('source.back')}
          </Link>
        </p>
      }
    >
      <p className="marks">
        <Tag data-color="neutral">{kind ? t(kind) : source.kind}</Tag>
        {source.enabled ? (
          source.state !== 'unknown' && (
            <Tag data-color={sourceColor[source.state]}>{t(`sources.state.${source.state}`)}</Tag>
          )
        ) : (
          <Tag data-color="warning">{t('sources.off')}</Tag>
        )}
      </p>
      <Paragraph>{source.state_text}</Paragraph>
      {source.location && <p className="under break">{source.location}</p>}
      {source.kind !== 'manual' && <Check source={source} />}
      {mayChange && <Change source={source} />}
    </Page>
  );
}

const levelColor = { ok: 'success', warn: 'warning', error: 'danger' } as const;

const levelText = { ok: 'check.right', warn: 'check.warn', error: 'check.error' } as const;

/** Tries the connection and holds the annotation against the live tables. */
function Check({ source }: { source: Source }) {
  const { t } = useT();
  const client = useQueryClient();
  const [seen, setSeen] = useState<Schemas['SourceCheck']>();
  const check = useAct(
    () => unwrap(api.POST('/staff/sources/{id}/check', { params: { path: { id: source.id } } })),
    (answer) => {
      setSeen(answer);
      client.invalidateQueries({ queryKey: key(source.id) });
      client.invalidateQueries({ queryKey: ['sources'] });
    },
  );
  return (
    <section className="stack" aria-labelledby="check-title">
      <Heading level={2} data-size="xs" id="check-title">
        {t('check.title')}
      </Heading>
      <div>
        <Button variant="secondary" data-size="sm" loading={check.busy} onClick={() => check.act()}>
          {t('check.do')}
        </Button>
      </div>
      <ProblemAlert error={check.error} focus />
      <div role="status">
        {seen && (
          <>
            <p>
              <strong>{t(seen.ok ? 'check.ok' : 'check.wrong')}</strong>
            </p>
            <ul className="systems">
              {seen.lines.map((line) => (
                <li key={line.text}>
                  <Tag data-color={levelColor[line.level]}>{t(levelText[line.level])}</Tag>
                  <span>{line.text}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </section>
  );
}

function Change({ source }: { source: Source }) {
  const { t } = useT();
  const client = useQueryClient();
  const say = useNotice();
  const [dataset, setDataset] = useState(source.dataset ?? '');
  const [instructions, setInstructions] = useState(source.instructions ?? '');
  const [colleague, setColleague] = useState(source.colleague ?? noColleague);
  const save = useAct(
    (body: {
      dataset?: string;
      enabled?: boolean;
      instructions?: string;
      colleague?: Schemas['Colleague'];
    }) =>
      unwrap(
        api.PUT('/staff/sources/{id}', {
          params: { path: { id: source.id } },
          body: { ...body, base_version: source.version },
        }),
      ),
    (answer) => {
      client.setQueryData(key(source.id), answer);
      client.invalidateQueries({ queryKey: ['sources'] });
      say(t('source.saved', { version: answer.version }));
    },
  );
  const errors = fieldErrors('source', save.error);
  const manual = source.kind === 'manual';
  return (
    <section className="stack" aria-labelledby="change-title">
      <Heading level={2} data-size="xs" id="change-title">
        {t(manual ? 'source.instructions' : 'source.dataset')}
      </Heading>
      <Failure error={save.error} fields={errors.filter((e) => e.field !== 'source-dataset')} />
      {manual ? (
        <>
          <TextArea
            id="source-instructions"
            label={t('sources.instructions')}
            description={t('sources.instructions.help')}
            maxLength={2_000}
            value={instructions}
            onChange={setInstructions}
            errors={errors}
          />
          <ColleagueFields value={colleague} onChange={setColleague} errors={errors} />
        </>
      ) : (
        <YamlArea
          id="source-dataset"
          label={t('sources.dataset')}
          description={t('source.version', { version: source.version })}
          value={dataset}
          onChange={setDataset}
          messages={errors.filter((e) => e.field === 'source-dataset').map((e) => e.message)}
        />
      )}
      <div className="buttons">
        <Button
          data-size="sm"
          loading={save.busy}
          onClick={() => save.act(manual ? { instructions, colleague } : { dataset })}
        >
          {t('common.save')}
        </Button>
        <Button
          variant="secondary"
          data-size="sm"
          onClick={() => save.act({ enabled: !source.enabled })}
        >
          {t(source.enabled ? 'source.off' : 'source.on')}
        </Button>
      </div>
    </section>
  );
}
