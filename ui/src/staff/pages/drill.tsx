import { Button, Heading, Paragraph, Table, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { drillsQuery } from '../api';
import { useAct } from '../gate';
import { ScrollTable } from '../parts/table';
import { rightText, useT } from '../texts';

/** A rehearsal of the whole case, for an office that gets few requests. */
export function DrillPage() {
  const { t } = useT();
  const drills = useQuery(drillsQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const start = useAct(
    (right: 'access' | 'erasure') => unwrap(api.POST('/staff/drills', { body: { right } })),
    ({ id }) => {
      client.invalidateQueries({ queryKey: ['drills'] });
      client.invalidateQueries({ queryKey: ['inbox'] });
      navigate({ to: '/cases/$id', params: { id } });
    },
  );
  return (
    <Page title={t('drill.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('drill.lead')}</Paragraph>
      <Paragraph>{t('drill.safe')}</Paragraph>
      <ProblemAlert error={start.error} />
      <div className="buttons">
        <Button loading={start.busy} onClick={() => start.act('access')}>
          {t('drill.access')}
        </Button>
        <Button variant="secondary" loading={start.busy} onClick={() => start.act('erasure')}>
          {t('drill.erasure')}
        </Button>
      </div>
      <Paragraph data-size="sm">{t('drill.two')}</Paragraph>
      <ProblemAlert error={drills.error} onRetry={() => drills.refetch()} />
      {drills.isPending && <Waiting />}
      {drills.data && drills.data.drills.length > 0 && <Results drills={drills.data.drills} />}
    </Page>
  );
}

/** How each went. */
function Results({ drills }: { drills: readonly Schemas['Drill'][] }) {
  const { t, n, date } = useT();
  return (
    <section className="section stack" aria-labelledby="drills-title">
      <Heading level={2} data-size="xs" id="drills-title">
        {t('drill.earlier')}
      </Heading>
      <ScrollTable
        label={t('drill.earlier')}
        head={[t('report.case'), t('drill.started'), t('drill.state'), t('drill.result')]}
      >
        {drills.map((drill) => (
          <Table.Row key={drill.id}>
            <Table.HeaderCell scope="row">
              <Link to="/cases/$id" params={{ id: drill.id }} className="ds-link">
                {drill.reference}
              </Link>{' '}
              <span className="under-inline">{t(rightText[drill.right])}</span>
            </Table.HeaderCell>
            <Table.Cell>{date(drill.started_on)}</Table.Cell>
            <Table.Cell>{drill.step}</Table.Cell>
            <Table.Cell>
              {drill.open ? (
                t('drill.going')
              ) : (
                <>
                  <Tag data-color={drill.in_time ? 'success' : 'danger'}>
                    {t(drill.in_time ? 'report.in_time' : 'report.late')}
                  </Tag>{' '}
                  {n('drill.took', drill.days)}
                </>
              )}
            </Table.Cell>
          </Table.Row>
        ))}
      </ScrollTable>
    </section>
  );
}
