import { Button, Table } from '@digdir/designsystemet-react';
import type { Schemas } from '../../api/client';
import { useT } from '../texts';
import { ScrollTable } from './table';

const methods = {
  password: 'sessions.password',
  passkey: 'sessions.passkey',
  oidc: 'sessions.oidc',
} as const;

interface SessionsProps {
  sessions: readonly Schemas['SignedIn'][];
  onEnd?: (id: string) => void;
}

/** Where a member is signed in. */
export function SessionsTable({ sessions, onEnd }: SessionsProps) {
  const { t, instant } = useT();
  return (
    <ScrollTable
      label={t('sessions.title')}
      head={[
        t('sessions.device'),
        t('sessions.method'),
        t('sessions.began'),
        t('sessions.seen'),
        ...(onEnd ? [t('common.acts')] : []),
      ]}
    >
      {sessions.map((each) => {
        const device = each.device || t('sessions.unknown');
        return (
          <Table.Row key={each.id}>
            <Table.HeaderCell scope="row">{device}</Table.HeaderCell>
            <Table.Cell>{t(methods[each.method])}</Table.Cell>
            <Table.Cell>{instant(each.created_at)}</Table.Cell>
            <Table.Cell>{each.current ? t('sessions.here') : instant(each.seen_at)}</Table.Cell>
            {onEnd && (
              <Table.Cell>
                {!each.current && (
                  <Button variant="tertiary" data-size="sm" onClick={() => onEnd(each.id)}>
                    {t('signin.out')}
                    <span className="visually-hidden">: {device}</span>
                  </Button>
                )}
              </Table.Cell>
            )}
          </Table.Row>
        );
      })}
    </ScrollTable>
  );
}
