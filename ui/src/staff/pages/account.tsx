import { Button, Heading, Paragraph, Table } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { accountQuery, signInQuery } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { leave } from '../oidc';
import { ActDialog, TextInput } from '../parts/form';
import { SessionsTable } from '../parts/sessions';
import { ScrollTable } from '../parts/table';
import { makePasskey, NoPasskey, passkeysHere } from '../passkey';
import { useT } from '../texts';

/** How the member signs in, and where they are signed in. */
export function AccountPage() {
  const { t } = useT();
  const account = useQuery(accountQuery);
  return (
    <Page title={t('account.title')} suffix={t('app.name')} className="stack">
      <ProblemAlert error={account.error} onRetry={() => account.refetch()} />
      {account.isPending && <Waiting />}
      {account.data && (
        <>
          <Passkeys account={account.data} />
          <OIDC account={account.data} />
          <Sessions account={account.data} />
        </>
      )}
    </Page>
  );
}

function Passkeys({ account }: { account: Schemas['Account'] }) {
  const { t, date } = useT();
  const ways = useQuery(signInQuery);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Schemas['Passkey']>();
  const possible = passkeysHere() && ways.data?.passkeys;
  return (
    <section className="stack" aria-labelledby="passkeys-title">
      <Heading level={2} data-size="xs" id="passkeys-title">
        {t('passkey.title')}
      </Heading>
      <Paragraph>{t('passkey.lead')}</Paragraph>
      {account.passkeys.length > 0 && (
        <ScrollTable
          label={t('passkey.title')}
          head={[t('field.name'), t('passkey.added'), t('passkey.used'), t('common.acts')]}
        >
          {account.passkeys.map((each) => (
            <Table.Row key={each.id}>
              <Table.HeaderCell scope="row">{each.name}</Table.HeaderCell>
              <Table.Cell>{date(each.created_at)}</Table.Cell>
              <Table.Cell>{each.used_at ? date(each.used_at) : t('passkey.unused')}</Table.Cell>
              <Table.Cell>
                <Button variant="tertiary" data-size="sm" onClick={() => setRemoving(each)}>
                  {t('passkey.remove')}
                  <span className="visually-hidden">: {each.name}</span>
                </Button>
              </Table.Cell>
            </Table.Row>
          ))}
        </ScrollTable>
      )}
      {possible ? (
        <div className="buttons">
          <Button data-size="sm" onClick={() => setAdding(true)}>
            {t('passkey.add')}
          </Button>
        </div>
      ) : (
        ways.data && <Paragraph>{t('passkey.impossible')}</Paragraph>
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} />}
      {removing && <RemoveDialog passkey={removing} onClose={() => setRemoving(undefined)} />}
    </section>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const [name, setName] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const add = useAct(
    () => makePasskey(name.trim()),
    () => {
      cache.invalidateQueries({ queryKey: ['account'] });
      cache.invalidateQueries({ queryKey: ['session'] });
      say(t('passkey.add.done'));
      onClose();
    },
  );
  const submit = () => {
    const found = name.trim() ? [] : [{ field: 'passkey-name', message: t('passkey.name.need') }];
    setMissing(found);
    if (found.length === 0) add.act();
  };
  const aborted = add.error instanceof NoPasskey;
  const errors = missing.length > 0 ? missing : fieldErrors('passkey', add.error);
  return (
    <ActDialog
      title={t('passkey.add')}
      submit={t('passkey.add.submit')}
      busy={add.busy}
      error={missing.length > 0 || aborted ? undefined : add.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <TextInput
        id="passkey-name"
        label={t('passkey.name')}
        description={t('passkey.name.help')}
        maxLength={60}
        autoFocus
        value={name}
        onChange={setName}
        errors={errors}
      />
      <div role="status">{aborted && <Paragraph>{t('passkey.aborted')}</Paragraph>}</div>
    </ActDialog>
  );
}

function RemoveDialog({ passkey, onClose }: { passkey: Schemas['Passkey']; onClose: () => void }) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const remove = useAct(
    () =>
      unwrap(api.DELETE('/staff/account/passkeys/{id}', { params: { path: { id: passkey.id } } })),
    () => {
      cache.invalidateQueries({ queryKey: ['account'] });
      cache.invalidateQueries({ queryKey: ['session'] });
      say(t('passkey.remove.done', { name: passkey.name }));
      onClose();
    },
  );
  return (
    <ActDialog
      title={t('passkey.remove.title', { name: passkey.name })}
      submit={t('passkey.remove')}
      danger
      busy={remove.busy}
      error={remove.error}
      fields={[]}
      onSubmit={() => remove.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('passkey.remove.text')}</Paragraph>
    </ActDialog>
  );
}

/** Connects the member with the organisation's sign-in, where there is one. */
function OIDC({ account }: { account: Schemas['Account'] }) {
  const { t } = useT();
  const ways = useQuery(signInQuery);
  const link = useAct(() => leave(unwrap(api.POST('/staff/account/oidc/start'))));
  if (!ways.data?.oidc) return null;
  return (
    <section className="stack" aria-labelledby="oidc-title">
      <Heading level={2} data-size="xs" id="oidc-title">
        {t('sessions.oidc')}
      </Heading>
      <Paragraph>{t(account.oidc ? 'oidc.linked' : 'oidc.unlinked')}</Paragraph>
      <ProblemAlert error={link.error} />
      {!account.oidc && (
        <div className="buttons">
          <Button variant="secondary" data-size="sm" loading={link.busy} onClick={() => link.act()}>
            {t('oidc.link')}
          </Button>
        </div>
      )}
    </section>
  );
}

function Sessions({ account }: { account: Schemas['Account'] }) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const end = useAct(
    (id: string) =>
      unwrap(api.DELETE('/staff/account/sessions/{id}', { params: { path: { id } } })),
    () => {
      cache.invalidateQueries({ queryKey: ['account'] });
      say(t('sessions.ended'));
    },
  );
  return (
    <section className="stack" aria-labelledby="sessions-title">
      <Heading level={2} data-size="xs" id="sessions-title">
        {t('sessions.title')}
      </Heading>
      <Paragraph>{t('sessions.lead')}</Paragraph>
      <ProblemAlert error={end.error} />
      <SessionsTable sessions={account.sessions} onEnd={(id) => end.act(id)} />
    </section>
  );
}
