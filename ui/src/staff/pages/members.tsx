import { Paragraph, Table, Tag } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { membersQuery, sessionQuery } from '../api';
import { ScrollTable } from '../parts/table';
import { roleText, useT } from '../texts';

/** Who works here. Members are made on the server, by its owner. */
export function MembersPage() {
  const { t, n } = useT();
  const members = useQuery(membersQuery);
  const session = useQuery(sessionQuery);
  const approvers = session.data?.approvers;
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
          head={[t('field.name'), t('field.email'), t('members.roles'), t('members.state')]}
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
            </Table.Row>
          ))}
        </ScrollTable>
      )}
      <Paragraph>{t('members.add')}</Paragraph>
      <p>
        <code>mininfo staff add</code>
      </p>
    </Page>
  );
}
