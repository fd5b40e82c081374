import {
  Alert,
  Button,
  Heading,
  Paragraph,
  Table,
  Tag,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { clientsQuery, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { CheckLine } from '../parts/check';
import { ActDialog, Failure, TextInput } from '../parts/form';
import { ScrollTable } from '../parts/table';
import { type StaffKey, useT } from '../texts';

type Scope = Schemas['Scope'];

const scopes: readonly (readonly [Scope, StaffKey])[] = [
  ['intake', 'clients.may.intake'],
  ['restriction:read', 'clients.may.restriction'],
];

/** Systems that may register requests by themselves. */
export function ClientsPage() {
  const { t, date } = useT();
  const clients = useQuery(clientsQuery);
  const mayManage = usePermission('manage_members');
  const [revoking, setRevoking] = useState<Schemas['Client']>();
  const [rotating, setRotating] = useState<Schemas['Client']>();
  const [rotated, setRotated] = useState<Schemas['ClientCreated']>();
  return (
    <Page title={t('clients.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('clients.lead')}</Paragraph>
      <ProblemAlert error={clients.error} onRetry={() => clients.refetch()} />
      {clients.isPending && <Waiting />}
      {clients.data?.clients.length === 0 && <Paragraph>{t('clients.none')}</Paragraph>}
      {clients.data && clients.data.clients.length > 0 && (
        <ScrollTable
          label={t('clients.title')}
          head={[
            t('field.name'),
            t('clients.id'),
            t('clients.may'),
            t('clients.since'),
            t('members.state'),
            t('common.acts'),
          ]}
        >
          {clients.data.clients.map((each) => (
            <Table.Row key={each.id}>
              <Table.HeaderCell scope="row">{each.name}</Table.HeaderCell>
              <Table.Cell>
                <code>{each.id}</code>
              </Table.Cell>
              <Table.Cell>
                {scopes
                  .filter(([scope]) => each.scopes.includes(scope))
                  .map(([, text]) => t(text))
                  .join(', ')}
              </Table.Cell>
              <Table.Cell>{each.created_at && date(each.created_at)}</Table.Cell>
              <Table.Cell>
                <Tag data-color={each.active ? 'success' : 'neutral'}>
                  {t(each.active ? 'clients.active' : 'clients.revoked')}
                </Tag>
              </Table.Cell>
              <Table.Cell>
                {each.active && mayManage && (
                  <div className="buttons">
                    <Button variant="tertiary" data-size="sm" onClick={() => setRotating(each)}>
                      {t('clients.rotate')}
                      <span className="visually-hidden">: {each.name}</span>
                    </Button>
                    <Button variant="tertiary" data-size="sm" onClick={() => setRevoking(each)}>
                      {t('clients.revoke')}
                      <span className="visually-hidden">: {each.name}</span>
                    </Button>
                  </div>
                )}
              </Table.Cell>
            </Table.Row>
          ))}
        </ScrollTable>
      )}
      <div role="status">
        {rotated && <Secret made={rotated} onHide={() => setRotated(undefined)} />}
      </div>
      {mayManage && <AddClient />}
      {rotating && (
        <RotateDialog
          client={rotating}
          onDone={(made) => {
            setRotated(made);
            setRotating(undefined);
          }}
          onClose={() => setRotating(undefined)}
        />
      )}
      {revoking && <RevokeDialog client={revoking} onClose={() => setRevoking(undefined)} />}
    </Page>
  );
}

function AddClient() {
  const { t } = useT();
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<readonly Scope[]>(['intake']);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const [made, setMade] = useState<Schemas['ClientCreated']>();
  const add = useAct(
    () => unwrap(api.POST('/staff/clients', { body: { name: name.trim(), scopes: [...chosen] } })),
    (answer) => {
      setMade(answer);
      setName('');
      cache.invalidateQueries({ queryKey: ['clients'] });
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!name.trim()) found.push({ field: 'client-name', message: t('clients.need') });
    if (chosen.length === 0) found.push({ field: 'client-scopes', message: t('clients.may.need') });
    setMissing(found);
    if (found.length === 0) add.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('client', add.error);
  const scopesWrong = errorOf(errors, 'client-scopes');
  return (
    <section className="stack" aria-labelledby="client-add">
      <Heading level={2} data-size="xs" id="client-add">
        {t('clients.add')}
      </Heading>
      <div role="status">{made && <Secret made={made} onHide={() => setMade(undefined)} />}</div>
      <form onSubmit={submit} noValidate className="stack form">
        <Failure error={missing.length > 0 ? undefined : add.error} fields={errors} />
        <TextInput
          id="client-name"
          label={t('clients.name')}
          description={t('clients.name.help')}
          maxLength={60}
          value={name}
          onChange={setName}
          errors={errors}
        />
        <fieldset className="ds-fieldset" id="client-scopes" tabIndex={-1}>
          <legend className="ds-label">{t('clients.may')}</legend>
          {scopesWrong && <ValidationMessage>{scopesWrong}</ValidationMessage>}
          {scopes.map(([scope, text]) => (
            <CheckLine
              key={scope}
              id={`client-scope-${scope.replace(':', '-')}`}
              label={t(text)}
              checked={chosen.includes(scope)}
              onChange={(on) =>
                setChosen(on ? [...chosen, scope] : chosen.filter((each) => each !== scope))
              }
            />
          ))}
        </fieldset>
        <div className="buttons">
          <Button type="submit" data-size="sm" loading={add.busy}>
            {t('clients.submit')}
          </Button>
        </div>
      </form>
    </section>
  );
}

/** The secret, this once: it is not kept anywhere that it could be read again. */
function Secret({ made, onHide }: { made: Schemas['ClientCreated']; onHide: () => void }) {
  const { t, date } = useT();
  return (
    <Alert data-color="success">
      <Heading level={3} data-size="2xs">
        {t('clients.secret')}
      </Heading>
      <Paragraph>{t('clients.secret.text')}</Paragraph>
      {made.earlier_until && (
        <Paragraph>{t('clients.rotate.until', { date: date(made.earlier_until) })}</Paragraph>
      )}
      <dl className="facts">
        <dt>client_id</dt>
        <dd>
          <code className="break">{made.client_id}</code>
        </dd>
        <dt>client_secret</dt>
        <dd>
          <code className="break">{made.client_secret}</code>
        </dd>
      </dl>
      <div className="buttons">
        <Button
          variant="secondary"
          data-size="sm"
          onClick={() => navigator.clipboard.writeText(made.client_secret)}
        >
          {t('clients.copy')}
        </Button>
        <Button variant="tertiary" data-size="sm" onClick={onHide}>
          {t('clients.hide')}
        </Button>
      </div>
    </Alert>
  );
}

function RotateDialog({
  client,
  onDone,
  onClose,
}: {
  client: Schemas['Client'];
  onDone: (made: Schemas['ClientCreated']) => void;
  onClose: () => void;
}) {
  const { t } = useT();
  const rotate = useAct(
    () => unwrap(api.POST('/staff/clients/{id}/rotate', { params: { path: { id: client.id } } })),
    onDone,
  );
  return (
    <ActDialog
      title={t('clients.rotate.title', { name: client.name })}
      submit={t('clients.rotate')}
      busy={rotate.busy}
      error={rotate.error}
      fields={[]}
      onSubmit={() => rotate.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('clients.rotate.text')}</Paragraph>
    </ActDialog>
  );
}

function RevokeDialog({ client, onClose }: { client: Schemas['Client']; onClose: () => void }) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const revoke = useAct(
    () => unwrap(api.DELETE('/staff/clients/{id}', { params: { path: { id: client.id } } })),
    () => {
      cache.invalidateQueries({ queryKey: ['clients'] });
      say(t('clients.revoked.done', { name: client.name }));
      onClose();
    },
  );
  return (
    <ActDialog
      title={t('clients.revoke.title', { name: client.name })}
      submit={t('clients.revoke')}
      danger
      busy={revoke.busy}
      error={revoke.error}
      fields={[]}
      onSubmit={() => revoke.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('clients.revoke.text')}</Paragraph>
    </ActDialog>
  );
}
