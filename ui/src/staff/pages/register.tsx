import { Alert, Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { registerQuery, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { Scroll } from '../parts/scroll';
import { YamlArea } from '../parts/yaml';
import { RegisterEditor } from '../register/editor';
import { RegisterVersions } from '../register/versions';
import { useT } from '../texts';

type Register = Schemas['Register'];
type View = { shows: 'register' | 'form' | 'yaml' | 'versions'; first?: string };

/** The record of processing activities: what we hold, why, and for how long. */
export function RegisterPage() {
  const { t, instant } = useT();
  const register = useQuery(registerQuery);
  const mayEdit = usePermission('edit_register');
  const [view, setView] = useState<View>({ shows: 'register' });
  const read = () => setView({ shows: 'register' });
  const data = register.data;
  return (
    <Page title={t('register.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('register.lead')}</Paragraph>
      <ProblemAlert error={register.error} onRetry={() => register.refetch()} />
      {register.isPending && <Waiting />}
      {data && (
        <>
          <p className="under">
            {data.changed_at
              ? t('register.version.by', {
                  version: data.version,
                  at: instant(data.changed_at),
                  who: data.changed_by ?? '',
                })
              : t('register.version', { version: data.version })}
          </p>
          {view.shows === 'form' && (
            <RegisterEditor register={data} first={view.first} onClose={read} />
          )}
          {view.shows === 'yaml' && <Editor register={data} onClose={read} />}
          {(view.shows === 'register' || view.shows === 'versions') && (
            <div className="buttons">
              {mayEdit && (
                <>
                  <Button onClick={() => setView({ shows: 'form' })}>{t('register.edit')}</Button>
                  <Button variant="secondary" onClick={() => setView({ shows: 'yaml' })}>
                    {t('reg.yaml')}
                  </Button>
                </>
              )}
              <Button
                variant="secondary"
                onClick={() =>
                  setView({ shows: view.shows === 'versions' ? 'register' : 'versions' })
                }
              >
                {t(view.shows === 'versions' ? 'reg.versions.close' : 'reg.versions')}
              </Button>
            </div>
          )}
          {view.shows === 'versions' && <RegisterVersions current={data} />}
          {view.shows === 'register' && (
            <>
              <Gaps register={data} />
              <Activities
                register={data}
                {...(mayEdit
                  ? { onEdit: (id: string) => setView({ shows: 'form', first: id }) }
                  : {})}
              />
            </>
          )}
        </>
      )}
    </Page>
  );
}

/** What the register lacks. Gaps warn; those that stop a decision or an answer say so. */
export function Gaps({ register }: { register: Register }) {
  const { t, n, number } = useT();
  if (register.gaps.length === 0) return <Paragraph>{t('register.whole')}</Paragraph>;
  const stops = register.gaps.filter(stopping).length;
  return (
    <section className="stack callout" aria-labelledby="gaps-title">
      <Heading level={2} data-size="xs" id="gaps-title">
        {n('register.gaps', register.gaps.length)}
      </Heading>
      <Paragraph>{stops > 0 ? n('register.stops', stops) : t('register.warns')}</Paragraph>
      {gapsByActivity(register).map(({ id, name, gaps }) => (
        <details key={id} className="ds-details plain" open={gaps.some(stopping)}>
          <summary>
            {name} ({number(gaps.length)})
          </summary>
          <ul className="ds-details__content gaps">
            {gaps.map((gap) => (
              <li key={`${gap.field ?? ''}/${gap.text}`}>
                {gap.contradicts && <Tag data-color="danger">{t('register.contradicts')}</Tag>}
                {stopping(gap) && (
                  <Tag data-color="warning">
                    {t(gap.blocks ? 'register.blocks' : 'register.answers')}
                  </Tag>
                )}
                <span>{gap.text}</span>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </section>
  );
}

/** Whether a decision, or the answer to a request for access, waits for it. */
export const stopping = (gap: Pick<Register['gaps'][number], 'blocks' | 'answers'>) =>
  gap.blocks || gap.answers;

/** The gaps of each activity together, those that stop something before those that warn. */
export function gapsByActivity(register: Pick<Register, 'gaps' | 'activities'>) {
  const names = new Map(register.activities.map((each) => [each.id, each.name]));
  const found = new Map<string, Register['gaps']>();
  for (const gap of register.gaps) {
    found.set(gap.activity, [...(found.get(gap.activity) ?? []), gap]);
  }
  const stops = (gap: Register['gaps'][number]) => Number(Boolean(stopping(gap)));
  return [...found]
    .map(([id, gaps]) => ({
      id,
      name: names.get(id) ?? id,
      gaps: gaps.toSorted((a, b) => stops(b) - stops(a)),
    }))
    .toSorted((a, b) => Math.max(...b.gaps.map(stops)) - Math.max(...a.gaps.map(stops)));
}

function Activities({ register, onEdit }: { register: Register; onEdit?: (id: string) => void }) {
  const { t } = useT();
  const gaps = new Set(register.gaps.map((gap) => gap.activity));
  return (
    <section className="stack" aria-labelledby="activities-title">
      <Heading level={2} data-size="xs" id="activities-title">
        {t('register.activities')}
      </Heading>
      <ul className="activities">
        {register.activities.map((each) => (
          <li key={each.id} className="section">
            <div className="section-head">
              <Heading level={3} data-size="2xs">
                {each.name}
              </Heading>
              {gaps.has(each.id) && <Tag data-color="warning">{t('register.gap')}</Tag>}
            </div>
            <p>{each.purpose}</p>
            <dl className="facts">
              <Fact name={t('register.basis')} values={each.bases} />
              <Fact
                name={t('register.retention')}
                values={each.retention ? [each.retention] : []}
              />
              <Fact name={t('register.sources')} values={each.sources ?? []} />
              <Fact name={t('register.recipients')} values={each.recipients ?? []} />
            </dl>
            {onEdit && (
              <div>
                <Button variant="secondary" data-size="sm" onClick={() => onEdit(each.id)}>
                  {t('reg.edit')}
                  <span className="ds-sr-only"> {each.name}</span>
                </Button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fact({ name, values }: { name: string; values: readonly string[] }) {
  const { t } = useT();
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {values.length > 1 ? (
          <ul className="plain-list">
            {values.map((value) => (
              <li key={value}>{value}</li>
            ))}
          </ul>
        ) : (
          (values[0] ?? t('register.none'))
        )}
      </dd>
    </>
  );
}

/** The register as YAML. It is saved whole, as a new version on top of the one that was read. */
function Editor({ register, onClose }: { register: Register; onClose: () => void }) {
  const { t } = useT();
  const client = useQueryClient();
  const say = useNotice();
  const [yaml, setYaml] = useState(register.yaml);
  const [base, setBase] = useState(register.version);
  const save = useAct(
    () => unwrap(api.PUT('/staff/register', { body: { yaml, base_version: base } })),
    (answer) => {
      client.setQueryData(registerQuery.queryKey, answer);
      say(t('register.saved', { version: answer.version }));
      onClose();
    },
  );
  const conflict = save.error instanceof ApiError && save.error.status === 409;
  const messages = fieldErrors('register', save.error).map((each) => each.message);
  return (
    <section className="stack editor" aria-labelledby="editor-title">
      <Heading level={2} data-size="xs" id="editor-title">
        {t('reg.yaml')}
      </Heading>
      {!conflict && <ProblemAlert error={save.error} focus={messages.length === 0} />}
      {conflict && (
        <Conflict
          error={save.error}
          base={base}
          onRebase={(version) => {
            setBase(version);
            save.reset();
          }}
        />
      )}
      <YamlArea
        id="register-yaml"
        label={t('register.yaml')}
        description={t('register.yaml.help')}
        value={yaml}
        onChange={setYaml}
        messages={messages}
        rows={24}
      />
      <div className="buttons">
        <Button loading={save.busy} onClick={() => save.act()}>
          {t('register.save')}
        </Button>
        <Button variant="secondary" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </section>
  );
}

interface ConflictProps {
  error: unknown;
  base: number;
  onRebase: (version: number) => void;
}

/** Somebody saved meanwhile: both texts stand side by side, and nothing is overwritten unseen. */
function Conflict({ error, base, onRebase }: ConflictProps) {
  const { t } = useT();
  const latest = useQuery({ ...registerQuery, staleTime: 0, refetchOnMount: 'always' });
  return (
    <div className="stack">
      <ProblemAlert error={error} focus />
      {latest.data && latest.data.version !== base && (
        <Alert data-color="warning">
          <Heading level={3} data-size="2xs">
            {t('register.conflict', { version: latest.data.version })}
          </Heading>
          <Paragraph>{t('register.conflict.text')}</Paragraph>
          <details className="ds-details plain">
            <summary>{t('register.conflict.show', { version: latest.data.version })}</summary>
            <div className="ds-details__content">
              <Scroll label={t('register.yaml')}>
                <pre>{latest.data.yaml}</pre>
              </Scroll>
            </div>
          </details>
          <Button
            variant="secondary"
            data-size="sm"
            onClick={() => onRebase(latest.data?.version ?? base)}
          >
            {t('register.conflict.use')}
          </Button>
        </Alert>
      )}
    </div>
  );
}
