import { Button, Heading } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { registerQuery, registerVersionQuery, registerVersionsQuery, usePermission } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { useT } from '../texts';
import { Changes } from './changes';
import { changes } from './document';
import { useSetting, useWords } from './use-words';

type Version = Schemas['RegisterVersion'];

/** Who changed the register when and why; what each version changed; and an older one put back. */
export function RegisterVersions({ current }: { current: Schemas['Register'] }) {
  const { t } = useT();
  const versions = useQuery(registerVersionsQuery);
  return (
    <section className="stack" aria-labelledby="versions-title">
      <Heading level={2} data-size="xs" id="versions-title">
        {t('reg.versions')}
      </Heading>
      <ProblemAlert error={versions.error} onRetry={() => versions.refetch()} />
      {versions.isPending && <Waiting />}
      <ol className="reg-versions" reversed>
        {versions.data?.versions.map((version) => (
          <li key={version.version} className="section stack">
            <OneVersion version={version} current={current} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function OneVersion({ version, current }: { version: Version; current: Schemas['Register'] }) {
  const { t, instant } = useT();
  const [open, setOpen] = useState(false);
  const mayEdit = usePermission('edit_register');
  const { version: number } = version;
  return (
    <>
      <p>
        <strong>{t('register.version', { version: number })}</strong>
        {' · '}
        {t('reg.version.by', { at: instant(version.changed_at), who: version.changed_by })}
      </p>
      {version.comment && <p className="own-words">{version.comment}</p>}
      {number > 1 && (
        <details
          className="ds-details plain"
          open={open}
          onToggle={(event) => setOpen(event.currentTarget.open)}
        >
          <summary>{t('reg.version.changes')}</summary>
          {open && (
            <div className="ds-details__content">
              <Between before={number - 1} now={number} />
            </div>
          )}
        </details>
      )}
      {mayEdit && number !== current.version && <Restore number={number} current={current} />}
    </>
  );
}

function Between({ before, now }: { before: number; now: number }) {
  const old = useQuery(registerVersionQuery(before));
  const fresh = useQuery(registerVersionQuery(now));
  const setting = useSetting(fresh.data?.document ?? {});
  const words = useWords(setting);
  const error = old.error ?? fresh.error;
  if (error) return <ProblemAlert error={error} />;
  if (!old.data || !fresh.data || !setting) return <Waiting />;
  return <Changes level={3} changes={changes(old.data.document, fresh.data.document, words)} />;
}

function Restore({ number, current }: { number: number; current: Schemas['Register'] }) {
  const { t } = useT();
  const client = useQueryClient();
  const say = useNotice();
  const restore = useAct(
    async () => {
      const old = await client.fetchQuery(registerVersionQuery(number));
      return unwrap(
        api.PUT('/staff/register', {
          body: {
            yaml: old.yaml,
            base_version: current.version,
            comment: t('reg.restored', { version: number }),
          },
        }),
      );
    },
    (answer) => {
      client.setQueryData(registerQuery.queryKey, answer);
      client.invalidateQueries({ queryKey: registerVersionsQuery.queryKey });
      say(t('register.saved', { version: answer.version }));
    },
  );
  return (
    <>
      <ProblemAlert error={restore.error} focus />
      <div>
        <Button
          variant="secondary"
          data-size="sm"
          loading={restore.busy}
          onClick={() => restore.act()}
        >
          {t('reg.restore', { version: number })}
        </Button>
      </div>
    </>
  );
}
