import { Button, Paragraph, Table, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { memberSessionsQuery, membersQuery, sessionQuery, usePermission } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { ActDialog } from '../parts/form';
import { Invitations, RecoverDialog } from '../parts/invitations';
import { SessionsTable } from '../parts/sessions';
import { ScrollTable } from '../parts/table';
import { roleText, useT } from '../texts';

/** Who works here, and who is invited. */
export function MembersPage() {
  const { t, n } = useT();
  const members = useQuery(membersQuery);
  const session = useQuery(sessionQuery);
  const approvers = session.data?.approvers;
  const mayManage = usePermission('manage_members');
  const mayRead = usePermission('read_members');
  const [ending, setEnding] = useState<Schemas['Member']>();
  const [recovering, setRecovering] = useState<Schemas['Member']>();
  return (
    <Page title={t('members.title')} suffix={t('app.name')} className="stack">
      {approvers !== undefined && (
        <Paragraph>
          {approvers === 1 ? t('members.alone') : n('members.approvers', approvers)}
        </Paragraph>
      )}
      <ProblemAlert error={members.error} onRetry={() => members.refetch()} />
      {members.isPending && <Waiting />}
      {members.data && (
        <ScrollTable
          label={t('members.title')}
          head={[
            t('field.name'),
            t('field.email'),
            t('members.roles'),
            t('members.state'),
            ...(mayManage ? [t('common.acts')] : []),
          ]}
        >
          {members.data.members.map((member) => (
            <Table.Row key={member.id}>
              <Table.HeaderCell scope="row">{member.name}</Table.HeaderCell>
              <Table.Cell>{member.email}</Table.Cell>
              <Table.Cell>{member.roles.map((role) => t(roleText[role])).join(', ')}</Table.Cell>
              <Table.Cell>
                <Tag data-color={member.active ? 'success' : 'neutral'}>
                  {t(member.active ? 'members.active' : 'members.inactive')}
                </Tag>
              </Table.Cell>
              {mayManage && (
                <Table.Cell>
                  {member.active && (
                    <div className="buttons">
                      <Button variant="tertiary" data-size="sm" onClick={() => setEnding(member)}>
                        {t('sessions.end')}
                        <span className="visually-hidden">: {member.name}</span>
                      </Button>
                      {member.id !== session.data?.member.id && (
                        <Button
                          variant="tertiary"
                          data-size="sm"
                          onClick={() => setRecovering(member)}
                        >
                          {t('recover.submit')}
                          <span className="visually-hidden">: {member.name}</span>
                        </Button>
                      )}
                    </div>
                  )}
                </Table.Cell>
              )}
            </Table.Row>
          ))}
        </ScrollTable>
      )}
      {mayRead && <Invitations />}
      {recovering && <RecoverDialog member={recovering} onClose={() => setRecovering(undefined)} />}
      {ending && <EndDialog member={ending} onClose={() => setEnding(undefined)} />}
    </Page>
  );
}

function EndDialog({ member, onClose }: { member: Schemas['Member']; onClose: () => void }) {
  const { t } = useT();
  const cache = useQueryClient();
  const say = useNotice();
  const sessions = useQuery(memberSessionsQuery(member.id));
  const end = useAct(
    () =>
      unwrap(api.DELETE('/staff/members/{id}/sessions', { params: { path: { id: member.id } } })),
    () => {
      cache.invalidateQueries({ queryKey: ['member-sessions', member.id] });
      say(t('sessions.end.done', { name: member.name }));
      onClose();
    },
  );
  return (
    <ActDialog
      title={t('sessions.end.title', { name: member.name })}
      submit={t('sessions.end')}
      danger
      busy={end.busy}
      error={end.error ?? sessions.error}
      fields={[]}
      disabled={sessions.data?.sessions.length === 0}
      onSubmit={() => end.act()}
      onCancel={onClose}
    >
      {sessions.isPending && <Waiting />}
      {sessions.data?.sessions.length === 0 && <Paragraph>{t('sessions.none')}</Paragraph>}
      {sessions.data && sessions.data.sessions.length > 0 && (
        <SessionsTable sessions={sessions.data.sessions} />
      )}
    </ActDialog>
  );
}
