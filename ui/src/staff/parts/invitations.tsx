import {
  Button,
  Heading,
  Paragraph,
  Table,
  Tag,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { localeNames } from '../../text/format';
import { invitationsQuery, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { roleText, type StaffKey, useT } from '../texts';
import { CheckLine } from './check';
import { ActDialog, Pick, TextInput } from './form';
import { ScrollTable } from './table';

type Invitation = Schemas['Invitation'];
type Role = Schemas['Member']['roles'][number];

const stateText: Record<Invitation['state'], StaffKey> = {
  to_confirm: 'invite.to_confirm',
  waiting: 'invite.waiting',
  sending: 'invite.sending',
  sent: 'invite.sent',
};

/** Who is invited and who is to get a new sign-in, and what can be done about it. */
export function Invitations() {
  const { t, date } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const list = useQuery(invitationsQuery);
  const mayManage = usePermission('manage_members');
  const mayConfirm = usePermission('confirm_change');
  const [inviting, setInviting] = useState(false);
  const [revoking, setRevoking] = useState<Invitation>();
  const again = () => cache.invalidateQueries({ queryKey: ['invitations'] });
  const at = (id: string) => ({ params: { path: { id } } });
  const confirm = useAct(
    (each: Invitation) => unwrap(api.POST('/staff/invitations/{id}/confirm', at(each.id))),
    (_, each) => {
      again();
      say(t('invite.confirm.done', { name: each.name }));
    },
  );
  const resend = useAct(
    (each: Invitation) => unwrap(api.POST('/staff/invitations/{id}/resend', at(each.id))),
    (_, each) => {
      again();
      say(t('invite.resend.done', { name: each.name }));
    },
  );
  const revoke = useAct(
    (each: Invitation) => unwrap(api.DELETE('/staff/invitations/{id}', at(each.id))),
    (_, each) => {
      again();
      setRevoking(undefined);
      say(t('invite.revoke.done', { name: each.name }));
    },
  );
  const waiting = list.data?.invitations ?? [];
  return (
    <section className="stack" aria-labelledby="invitations">
      <Heading level={2} data-size="xs" id="invitations">
        {t('invite.title')}
      </Heading>
      <Paragraph>{t('invite.lead')}</Paragraph>
      <ProblemAlert error={list.error ?? confirm.error ?? resend.error} />
      {waiting.length > 0 && (
        <ScrollTable
          label={t('invite.title')}
          head={[
            t('field.name'),
            t('field.email'),
            t('members.roles'),
            t('members.state'),
            t('common.acts'),
          ]}
        >
          {waiting.map((each) => (
            <Table.Row key={each.id}>
              <Table.HeaderCell scope="row">{each.name}</Table.HeaderCell>
              <Table.Cell>{each.email}</Table.Cell>
              <Table.Cell>{each.roles.map((role) => t(roleText[role])).join(', ')}</Table.Cell>
              <Table.Cell>
                <Tag data-color={each.state === 'sent' ? 'info' : 'warning'}>
                  {t(stateText[each.state])}
                </Tag>
                {each.recovery && <Paragraph data-size="sm">{t('invite.recovery')}</Paragraph>}
                {each.expires_at && (
                  <Paragraph data-size="sm">
                    {t('invite.until', { date: date(each.expires_at) })}
                  </Paragraph>
                )}
                {each.state === 'waiting' && each.opens_at && (
                  <Paragraph data-size="sm">
                    {t('invite.opens', { date: date(each.opens_at) })}
                  </Paragraph>
                )}
              </Table.Cell>
              <Table.Cell>
                <div className="buttons">
                  {each.may_confirm && (
                    <Button data-size="sm" onClick={() => confirm.act(each)}>
                      {t('invite.confirm')}
                      <span className="visually-hidden">: {each.name}</span>
                    </Button>
                  )}
                  {mayManage && each.state === 'sent' && (
                    <Button variant="tertiary" data-size="sm" onClick={() => resend.act(each)}>
                      {t('invite.resend')}
                      <span className="visually-hidden">: {each.name}</span>
                    </Button>
                  )}
                  {mayConfirm && (
                    <Button variant="tertiary" data-size="sm" onClick={() => setRevoking(each)}>
                      {t('invite.revoke')}
                      <span className="visually-hidden">: {each.name}</span>
                    </Button>
                  )}
                </div>
              </Table.Cell>
            </Table.Row>
          ))}
        </ScrollTable>
      )}
      {mayManage && (
        <div className="buttons">
          <Button data-size="sm" onClick={() => setInviting(true)}>
            {t('invite.add')}
          </Button>
        </div>
      )}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
      {revoking && (
        <ActDialog
          title={t('invite.revoke.title', { name: revoking.name })}
          submit={t('invite.revoke')}
          danger
          busy={revoke.busy}
          error={revoke.error}
          fields={[]}
          onSubmit={() => revoke.act(revoking)}
          onCancel={() => setRevoking(undefined)}
        >
          <Paragraph>{t('invite.revoke.text')}</Paragraph>
        </ActDialog>
      )}
    </section>
  );
}

function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t, locale: mine } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [locale, setLocale] = useState<Schemas['Locale']>(mine);
  const [roles, setRoles] = useState<readonly Role[]>(['case_handler']);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const invite = useAct(
    () =>
      unwrap(
        api.POST('/staff/invitations', {
          body: { name: name.trim(), email: email.trim(), locale, roles: [...roles] },
        }),
      ),
    (made) => {
      cache.invalidateQueries({ queryKey: ['invitations'] });
      say(t(made.state === 'to_confirm' ? 'invite.proposed' : 'invite.done', { name: made.name }));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!name.trim()) found.push({ field: 'invite-name', message: t('invite.need.name') });
    if (!email.includes('@'))
      found.push({ field: 'invite-email', message: t('invite.need.email') });
    if (roles.length === 0) found.push({ field: 'invite-roles', message: t('invite.need.role') });
    setMissing(found);
    if (found.length === 0) invite.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('invite', invite.error);
  const rolesWrong = errorOf(errors, 'invite-roles');
  return (
    <ActDialog
      title={t('invite.add')}
      submit={t('invite.submit')}
      busy={invite.busy}
      error={missing.length > 0 ? undefined : invite.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('invite.text')}</Paragraph>
      <TextInput
        id="invite-name"
        label={t('field.name')}
        maxLength={200}
        autoFocus
        value={name}
        onChange={setName}
        errors={errors}
      />
      <TextInput
        id="invite-email"
        type="email"
        label={t('field.email')}
        maxLength={254}
        value={email}
        onChange={setEmail}
        errors={errors}
      />
      <Pick
        id="invite-locale"
        label={t('invite.locale')}
        value={locale}
        onChange={(value) => setLocale(value as Schemas['Locale'])}
        options={Object.entries(localeNames)}
        errors={errors}
      />
      <fieldset className="ds-fieldset" id="invite-roles" tabIndex={-1}>
        <legend className="ds-label">{t('members.roles')}</legend>
        {rolesWrong && <ValidationMessage>{rolesWrong}</ValidationMessage>}
        {(Object.keys(roleText) as Role[]).map((role) => (
          <CheckLine
            key={role}
            id={`invite-role-${role.replace('_', '-')}`}
            label={t(roleText[role])}
            checked={roles.includes(role)}
            onChange={(on) =>
              setRoles(on ? [...roles, role] : roles.filter((each) => each !== role))
            }
          />
        ))}
      </fieldset>
    </ActDialog>
  );
}

/** Lets a member who has lost what they sign in with set it anew. */
export function RecoverDialog({
  member,
  onClose,
}: {
  member: Schemas['Member'];
  onClose: () => void;
}) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const recover = useAct(
    () => unwrap(api.POST('/staff/members/{id}/recover', { params: { path: { id: member.id } } })),
    (made) => {
      cache.invalidateQueries({ queryKey: ['invitations'] });
      say(t(made.opens_at ? 'recover.waits' : 'recover.proposed', { name: member.name }));
      onClose();
    },
  );
  return (
    <ActDialog
      title={t('recover.title', { name: member.name })}
      submit={t('recover.submit')}
      busy={recover.busy}
      error={recover.error}
      fields={[]}
      onSubmit={() => recover.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('recover.text')}</Paragraph>
      <Paragraph>{t('recover.who')}</Paragraph>
    </ActDialog>
  );
}
