import { Alert, Button, Checkbox, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { Right, Schemas } from '../../api/client';
import { api, unwrap } from '../../api/client';
import { useChanges } from '../../shared/changes';
import { Page } from '../../shared/page';
import { whilePresent } from '../../shared/presence';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import {
  type CaseSummary,
  calm,
  type InboxFilter,
  informingQuery,
  registerQuery,
  sourcesQuery,
  usePermission,
  type View,
  views,
} from '../api';
import { Bulk, type Chosen, useChosen } from '../parts/bulk';
import { Pick } from '../parts/form';
import { DaysLeft } from '../parts/status';
import { channelText, rights, rightText, type StaffKey, useT } from '../texts';

const viewText: Record<View, StaffKey> = {
  open: 'inbox.view.open',
  new: 'inbox.view.new',
  mine: 'inbox.view.mine',
  waiting: 'inbox.view.waiting',
  due_this_week: 'inbox.view.week',
  overdue: 'inbox.view.overdue',
  done: 'inbox.view.done',
  all: 'inbox.view.all',
};

function useCases(filter: InboxFilter) {
  const client = useQueryClient();
  const followed = useChanges('/api/v1/staff/changes', () => {
    void client.invalidateQueries({ queryKey: ['inbox'] });
  });
  return useInfiniteQuery({
    queryKey: ['inbox', filter],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/staff/cases', {
          params: {
            query: {
              view: filter.view,
              ...(filter.right ? { right: filter.right } : {}),
              ...(filter.q ? { q: filter.q } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next,
    refetchInterval: () => !followed && whilePresent(calm),
  });
}

/** All cases that need somebody, due first. */
export function InboxPage() {
  const { t, n } = useT();
  const search = useSearch({ from: '/' });
  const filter: InboxFilter = { ...search, view: search.view ?? 'open' };
  const mayFile = usePermission('file_on_behalf');
  const page = useCases(filter);
  const cases = page.data?.pages.flatMap((each) => each.cases) ?? [];
  const chosen = useChosen(cases);
  const counts = page.data?.pages[0]?.counts;
  const filtered = Boolean(filter.q || filter.right);
  const none = page.isSuccess && cases.length === 0;
  // Whether any request ever came: the views before this one do not say.
  const first = useQuery({
    queryKey: ['inbox', 'first'],
    queryFn: () =>
      unwrap(api.GET('/staff/cases', { params: { query: { view: 'all', limit: 1 } } })),
    enabled: none && !filtered && filter.view === 'open',
  });
  if (none && first.data?.cases.length === 0) {
    return (
      <Page title={t('inbox.title')} suffix={t('app.name')} className="stack inbox">
        <Drift />
        <Empty />
      </Page>
    );
  }
  return (
    <Page title={t('inbox.title')} suffix={t('app.name')} className="stack inbox">
      <div className="inbox-tools">
        <SearchForm key={filter.q ?? ''} filter={filter} />
        {mayFile && (
          <Link to="/cases/new" className="ds-button" data-variant="primary">
            {t('inbox.register')}
          </Link>
        )}
      </div>
      <Drift />
      <Tabs filter={filter} counts={counts} />
      <ProblemAlert error={page.error} onRetry={() => page.refetch()} />
      <p role="status" className="visually-hidden">
        {page.isSuccess ? n('inbox.hits', cases.length) : ''}
      </p>
      {page.isPending && <Waiting />}
      {cases.length > 0 && <Bulk cases={cases} chosen={chosen} />}
      {cases.length > 0 && <CaseList cases={cases} chosen={chosen} />}
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
      {none && <Paragraph>{t(filtered ? 'inbox.none.filtered' : noneText(filter.view))}</Paragraph>}
    </Page>
  );
}

/** Systems that hold more about people than is described, or again what was erased. */
function Drift() {
  const mayRead = usePermission('read_sources');
  const sources = useQuery({ ...sourcesQuery, enabled: mayRead });
  const all = sources.data?.sources ?? [];
  return (
    <>
      <Systems said="inbox.restored" sources={all.filter((source) => source.restored)} />
      <Systems said="inbox.drift" sources={all.filter((source) => source.drift)} />
      <Unanswerable />
      <ToInform />
    </>
  );
}

/** What the register has to say before a request for access can be answered, while there is time. */
function Unanswerable() {
  const { t, n } = useT();
  const mayEdit = usePermission('edit_register');
  const register = useQuery({ ...registerQuery, enabled: mayEdit });
  const gaps = register.data?.gaps.filter((gap) => gap.answers) ?? [];
  const count = new Set(gaps.map((gap) => gap.activity)).size;
  if (count === 0) return null;
  return (
    <Alert data-color="info">
      {n('inbox.answers', count)}{' '}
      <Link to="/register" className="ds-link">
        {t('inbox.answers.link')}
      </Link>
    </Alert>
  );
}

function Systems({ said, sources }: { said: StaffKey; sources: readonly Schemas['Source'][] }) {
  const { t } = useT();
  if (sources.length === 0) return null;
  return (
    <Alert data-color="warning">
      {t(said)}{' '}
      {sources.map((source) => (
        <span key={source.id} className="under-inline">
          <Link to="/sources/$id" params={{ id: source.id }} className="ds-link">
            {source.name}
          </Link>
        </span>
      ))}
    </Alert>
  );
}

/** People whose data came from others wait to be informed of it. */
function ToInform() {
  const { t, n } = useT();
  const lists = useQuery({ ...informingQuery, enabled: usePermission('edit_register') });
  const waiting = (lists.data?.lists ?? []).filter((each) => !each.done_at);
  if (waiting.length === 0) return null;
  const people = waiting.reduce((sum, each) => sum + each.people, 0);
  return (
    <Alert data-color={waiting.some((each) => each.late) ? 'warning' : 'info'}>
      {n('inbox.inform', people)}{' '}
      <Link to="/informing" className="ds-link">
        {t('inbox.inform.see')}
      </Link>
    </Alert>
  );
}

/** An empty inbox says that nobody needs to watch it. */
function noneText(view: View): StaffKey {
  return view === 'open' || view === 'new' ? 'inbox.none.open' : 'inbox.none.view';
}

function SearchForm({ filter }: { filter: InboxFilter }) {
  const { t } = useT();
  const navigate = useNavigate({ from: '/' });
  const [q, setQ] = useState(filter.q ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate({
      search: ({ q: _, ...rest }: InboxFilter) => ({
        ...rest,
        ...(q.trim() ? { q: q.trim() } : {}),
      }),
    });
  };
  return (
    <search>
      <form onSubmit={submit} className="search">
        <label htmlFor="inbox-q" className="ds-label">
          {t('inbox.search')}
        </label>
        <div className="search-line">
          <input
            id="inbox-q"
            type="search"
            className="ds-input"
            value={q}
            maxLength={200}
            onChange={(event) => setQ(event.target.value)}
          />
          <Button type="submit" variant="secondary">
            {t('inbox.search.submit')}
          </Button>
        </div>
      </form>
      <Pick
        id="inbox-right"
        label={t('inbox.right')}
        value={filter.right ?? ''}
        onChange={(right) =>
          navigate({
            search: ({ right: _, ...rest }: InboxFilter) => ({
              ...rest,
              ...(right ? { right: right as Right } : {}),
            }),
          })
        }
        options={[
          ['', t('inbox.right.any')],
          ...rights.map((each) => [each, t(rightText[each])] as const),
        ]}
      />
    </search>
  );
}

/** The views as links: each is an address of its own, and the one shown says so. */
function Tabs({
  filter,
  counts,
}: {
  filter: InboxFilter;
  counts: Record<string, number> | undefined;
}) {
  const { t, number } = useT();
  const list = useRef<HTMLUListElement>(null);
  // The tab that is shown must be seen when the row of tabs is wider than the window.
  // biome-ignore lint/correctness/useExhaustiveDependencies: again when another view is shown
  useEffect(() => {
    const shown = list.current?.querySelector<HTMLElement>('[aria-current]');
    if (shown && list.current)
      list.current.scrollLeft = shown.offsetLeft - list.current.offsetLeft - 16;
  }, [filter.view]);
  return (
    <nav aria-label={t('inbox.views')} className="tabs">
      <ul ref={list}>
        {views.map((view) => (
          <li key={view}>
            <Link
              to="/"
              search={({ view: _, ...rest }) => ({ ...rest, ...(view === 'open' ? {} : { view }) })}
              aria-current={view === filter.view ? 'page' : undefined}
              data-alarm={view === 'overdue' && (counts?.[view] ?? 0) > 0 ? '' : undefined}
              // Else the router marks every view whose filters are a part of these.
              activeOptions={{ exact: true }}
            >
              {t(viewText[view])}
              {counts?.[view] !== undefined && (
                <span className="count">{number(counts[view])}</span>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function CaseList({ cases, chosen }: { cases: readonly CaseSummary[]; chosen: Chosen }) {
  const { t } = useT();
  return (
    <table className="ds-table cases" data-size="sm" data-choice={chosen.offered ? '' : undefined}>
      <caption className="visually-hidden">{t('inbox.caption')}</caption>
      <thead>
        <tr>
          {chosen.offered && (
            <td>
              <span className="visually-hidden">{t('bulk.col')}</span>
            </td>
          )}
          <th scope="col">{t('inbox.col.case')}</th>
          <th scope="col">{t('inbox.col.who')}</th>
          <th scope="col">{t('inbox.col.step')}</th>
          <th scope="col">{t('inbox.col.next')}</th>
          <th scope="col">{t('inbox.col.due')}</th>
        </tr>
      </thead>
      <tbody>
        {cases.map((each) => (
          <CaseRow key={each.id} row={each} chosen={chosen} />
        ))}
      </tbody>
    </table>
  );
}

function CaseRow({ row, chosen }: { row: CaseSummary; chosen: Chosen }) {
  const { t, n, date } = useT();
  return (
    <tr data-badge={row.badge}>
      {chosen.offered && (
        <td className="cell-choose">
          <Checkbox
            value={row.id}
            aria-label={t('bulk.one', { reference: row.reference })}
            checked={chosen.has(row.id)}
            onChange={(event) => chosen.choose([row.id], event.target.checked)}
          />
        </td>
      )}
      <th scope="row" className="cell-case">
        <Link to="/cases/$id" params={{ id: row.id }} className="row-link">
          {row.reference}
        </Link>
        <span className="under">
          {t(rightText[row.right])}
          {row.channel !== 'web' && ` · ${t(channelText[row.channel])}`}
        </span>
      </th>
      <td className="cell-who">
        {row.drill && <Tag data-color="info">{t('drill.tag')}</Tag>} {row.who || t('inbox.nobody')}
        {!row.verified && <span className="under">{t('inbox.unverified')}</span>}
      </td>
      <td className="cell-step">
        {row.step_text}
        {row.assigned_to && <span className="under">{row.assigned_to}</span>}
      </td>
      <td className="cell-next">
        {row.urgent && <Tag data-color="danger">{t('inbox.urgent')}</Tag>}
        {row.needs_human ? <Tag data-color="danger">{t('inbox.stopped')}</Tag> : row.next_text}
        {(row.unread_messages ?? 0) > 0 && (
          <Tag data-color="info">{n('inbox.unread', row.unread_messages ?? 0)}</Tag>
        )}
      </td>
      <td className="cell-due">
        <DaysLeft badge={row.badge} days_left={row.days_left} />
        <span className="under">{date(row.due_on)}</span>
      </td>
    </tr>
  );
}

/** An office that has three requests a year reads here what will happen when one comes. */
function Empty() {
  const { t } = useT();
  return (
    <section className="empty stack" aria-labelledby="empty-title">
      <Heading level={2} data-size="sm" id="empty-title">
        {t('empty.title')}
      </Heading>
      <Paragraph>{t('empty.lead')}</Paragraph>
      <ol className="steps">
        <li>{t('empty.1')}</li>
        <li>{t('empty.2')}</li>
        <li>{t('empty.3')}</li>
      </ol>
      <Paragraph>
        {t('empty.other')}{' '}
        <Link to="/cases/new" className="ds-link">
          {t('empty.register')}
        </Link>
      </Paragraph>
    </section>
  );
}
