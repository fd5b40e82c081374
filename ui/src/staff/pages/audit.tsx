import { Button, Paragraph, Table } from '@digdir/designsystemet-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { usePermission } from '../api';
import { useAct } from '../gate';
import { save } from '../parts/save';
import { Scroll } from '../parts/scroll';
import { ScrollTable } from '../parts/table';
import { useT } from '../texts';

/** Everything that was done, in the log that cannot be changed unseen. */
export function AuditPage() {
  const { t, n, instant, number } = useT();
  const page = useInfiniteQuery({
    queryKey: ['audit'],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/staff/audit', {
          params: { query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    getNextPageParam: (last) => last.next,
  });
  const first = page.data?.pages[0];
  return (
    <Page title={t('audit.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('audit.lead')}</Paragraph>
      <ProblemAlert error={page.error} onRetry={() => page.refetch()} />
      {page.isPending && <Waiting />}
      {first && <p className="under">{n('audit.size', first.size)}</p>}
      {page.data && (
        <ScrollTable
          label={t('audit.title')}
          head={[
            t('audit.number'),
            t('log.at'),
            t('log.who'),
            t('log.what'),
            t('audit.case'),
            t('log.proof'),
          ]}
        >
          {page.data.pages
            .flatMap((each) => each.leaves)
            .map((leaf) => (
              <Table.Row key={leaf.index}>
                <Table.Cell className="num">{number(leaf.index)}</Table.Cell>
                <Table.Cell className="nowrap">{instant(leaf.at)}</Table.Cell>
                <Table.Cell>
                  <Actor actor={leaf.actor} />
                </Table.Cell>
                <Table.Cell>{t(`audit.act.${leaf.action}`)}</Table.Cell>
                <Table.Cell>
                  {leaf.request && /^[0-9a-f]{32}$/.test(leaf.request) ? (
                    <Link to="/cases/$id" params={{ id: leaf.request }} className="ds-link">
                      {t('audit.open')}
                      <span className="visually-hidden"> {leaf.index}</span>
                    </Link>
                  ) : (
                    leaf.request
                  )}
                </Table.Cell>
                <Table.Cell>
                  <code className="hash">{leaf.hash.slice(0, 16)}…</code>
                </Table.Cell>
              </Table.Row>
            ))}
        </ScrollTable>
      )}
      {page.hasNextPage && (
        <div>
          <Button
            variant="secondary"
            loading={page.isFetchingNextPage}
            onClick={() => page.fetchNextPage()}
          >
            {t('common.more')}
          </Button>
        </div>
      )}
      {first?.checkpoint && (
        <details className="ds-details plain">
          <summary>{t('audit.checkpoint')}</summary>
          <div className="ds-details__content stack">
            <Paragraph>{t('audit.checkpoint.text')}</Paragraph>
            <Scroll label={t('audit.checkpoint')}>
              <pre>{first.checkpoint}</pre>
            </Scroll>
          </div>
        </details>
      )}
      <Take />
    </Page>
  );
}

/** The whole log as a file, for an auditor who has no portal. */
function Take() {
  const { t } = useT();
  const take = useAct(
    () => unwrap(api.POST('/staff/audit/export', { parseAs: 'blob' })),
    (log: unknown) => {
      if (log instanceof Blob) save(log, 'mininfo-log.jsonl');
    },
  );
  if (!usePermission('export_audit')) return null;
  return (
    <div className="stack">
      <ProblemAlert error={take.error} />
      <div>
        <Button variant="secondary" loading={take.busy} onClick={() => take.act()}>
          {t('audit.take')}
        </Button>
      </div>
    </div>
  );
}

/** Who did it, in words; what this page does not know is shown as it stands in the log. */
function Actor({ actor }: { actor: string }) {
  const { t } = useT();
  const number = /^member\.(\d+)$/.exec(actor)?.[1];
  if (number) return t('audit.who.member', { number });
  const word = actors.find((each) => each === actor);
  return word ? t(`audit.who.${word}`) : <code>{actor}</code>;
}

const actors = ['system', 'person', 'colleague', 'recipient', 'client'] as const;
