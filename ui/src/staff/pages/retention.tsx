import { Button, Checkbox, Heading, Paragraph, Table } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { retentionQuery, usePermission } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { ActDialog, Failure } from '../parts/form';
import { ScrollTable } from '../parts/table';
import { useT } from '../texts';

type Retention = Schemas['Retention'];
type Group = Schemas['RetentionGroup'];

/** What has passed its time in the systems, and what the portal erases of its own. */
export function RetentionPage() {
  const { t } = useT();
  const retention = useQuery(retentionQuery);
  return (
    <Page title={t('retention.title')} suffix={t('app.name')} className="stack">
      <Paragraph>{t('retention.lead')}</Paragraph>
      <ProblemAlert error={retention.error} onRetry={() => retention.refetch()} />
      {retention.isPending && <Waiting />}
      {retention.data && <Found retention={retention.data} />}
      {retention.data && <Own own={retention.data.own} />}
    </Page>
  );
}

const goes = (g: Group) => g.deleted + g.anonymised > 0;
const open = (g: Group) => g.look + g.undated + g.held + g.later + g.kept > 0 || g.no_date;

function Found({ retention }: { retention: Retention }) {
  const { t, n, date } = useT();
  const going = retention.groups.filter(goes);
  const left = retention.groups.filter(open);
  return (
    <>
      <section className="stack" aria-labelledby="retention-goes">
        <Heading level={2} data-size="sm" id="retention-goes">
          {going.length > 0 && retention.state === 'ready'
            ? n('retention.rows', retention.rows)
            : t(`retention.state.${retention.state}`)}
        </Heading>
        {retention.made_at && (
          <p className="under">{t('retention.made', { date: date(retention.made_at) })}</p>
        )}
        {retention.waiting.length > 0 && (
          <Paragraph>{t('retention.waiting', { names: retention.waiting.join(', ') })}</Paragraph>
        )}
        {retention.state === 'ready' && (
          <>
            <ul className="retention">
              {going.map((g) => (
                <Going key={keyOf(g)} group={g} plan={retention} />
              ))}
            </ul>
            {retention.problems.length > 0 && (
              <ul>
                {retention.problems.map((text) => (
                  <li key={text}>{text}</li>
                ))}
              </ul>
            )}
          </>
        )}
        <Approve retention={retention} />
        {retention.last_at && (
          <p className="under">
            {n('retention.last', retention.last_rows ?? 0, { date: date(retention.last_at) })}
          </p>
        )}
      </section>
      {left.length > 0 && (
        <section className="stack" aria-labelledby="retention-left">
          <Heading level={2} data-size="sm" id="retention-left">
            {t('retention.left')}
          </Heading>
          <ul className="retention">
            {left.map((g) => (
              <li key={keyOf(g)}>
                <Named group={g} />
                <Left group={g} />
                <Technical group={g} />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const keyOf = (g: Group) => [g.source, g.collection, ...g.activities.map((a) => a.id)].join(' ');

/** What the rows are there for, and where they lie, as the office calls it. */
const named = (g: Group) => g.activities.map((a) => a.name).join(', ');
const place = (g: Group) => `${g.title}, ${g.place}`;

function Named({ group }: { group: Group }) {
  return (
    <>
      <strong>{named(group)}</strong>
      <div className="under">{place(group)}</div>
    </>
  );
}

/** What the system and the register themselves call it, for whoever looks the rows up there. */
function Technical({ group }: { group: Group }) {
  const { t } = useT();
  return (
    <details className="ds-details plain">
      <summary>
        {t('retention.technical')}
        <span className="visually-hidden">
          : {named(group)}, {place(group)}
        </span>
      </summary>
      <dl className="ds-details__content facts">
        <dt>{t('retention.technical.source')}</dt>
        <dd>
          <code>{group.source}</code>
        </dd>
        <dt>{t('retention.technical.collection')}</dt>
        <dd>
          <code>{group.collection}</code>
        </dd>
        <dt>{t('retention.technical.activity')}</dt>
        <dd>
          <code>{group.activities.map((a) => a.id).join(', ')}</code>
        </dd>
      </dl>
    </details>
  );
}

function Left({ group }: { group: Group }) {
  const { t, n } = useT();
  return (
    <>
      {group.look > 0 && <div>{n('retention.look', group.look)}</div>}
      {group.undated > 0 && <div>{n('retention.undated', group.undated)}</div>}
      {group.held > 0 && <div>{n('retention.held', group.held)}</div>}
      {group.later > 0 && <div>{n('retention.later', group.later)}</div>}
      {group.kept > 0 && <div>{n('retention.kept', group.kept)}</div>}
      {group.no_date && <div>{t('retention.no_date')}</div>}
    </>
  );
}

function Going({ group, plan }: { group: Group; plan: Retention }) {
  const { t, n, date } = useT();
  const mayLook = usePermission('unmask');
  const look = useAct(() =>
    unwrap(
      api.GET('/staff/retention/{id}/rows', {
        params: {
          path: { id: plan.id ?? '' },
          query: { source: group.source, collection: group.collection },
        },
      }),
    ).then((answer) => setRows(answer.rows)),
  );
  const [rows, setRows] = useState<Schemas['RetentionRow'][]>();
  return (
    <li>
      <Named group={group} />
      {group.deleted > 0 && <div>{n('retention.deleted', group.deleted)}</div>}
      {group.anonymised > 0 && <div>{n('retention.anonymised', group.anonymised)}</div>}
      {group.oldest && <div>{t('retention.oldest', { date: date(group.oldest) })}</div>}
      {group.activities.map(
        (a) =>
          a.how_long && (
            <div key={a.id} className="under">
              {group.activities.length > 1 && `${a.name}: `}
              {a.how_long}
            </div>
          ),
      )}
      <Failure error={look.error} fields={[]} />
      {mayLook && !rows && (
        <Button variant="secondary" data-size="sm" loading={look.busy} onClick={() => look.act()}>
          {t('retention.sample')}
          <span className="visually-hidden">
            : {named(group)}, {place(group)}
          </span>
        </Button>
      )}
      {rows && (
        <ul>
          {rows.map((row) => (
            <li key={row.key}>{row.key}</li>
          ))}
        </ul>
      )}
      <Technical group={group} />
    </li>
  );
}

/** The word of one member: the first looks it through, the second has it carried out. */
function Approve({ retention }: { retention: Retention }) {
  const { t } = useT();
  const cache = useQueryClient();
  const notice = useNotice();
  const mayApprove = usePermission('approve');
  const mayAsk = usePermission('collect');
  const [asking, setAsking] = useState(false);
  const [sure, setSure] = useState(false);
  const ask = useAct(
    () => unwrap(api.POST('/staff/retention')),
    () => notice(t('retention.asked')),
  );
  const last = retention.alone || retention.looked;
  const approve = useAct(
    () =>
      unwrap(
        api.POST('/staff/retention/{id}/approve', {
          params: { path: { id: retention.id ?? '' } },
          body: { digest: retention.digest ?? '', confirmed: retention.alone },
        }),
      ),
    (answer) => {
      setAsking(false);
      cache.setQueryData(retentionQuery.queryKey, answer);
      notice(t(last ? 'retention.approved' : 'retention.looked'));
    },
  );
  const mine = retention.looked && retention.mine && !retention.alone;
  return (
    <>
      {retention.state === 'ready' && mine && <Paragraph>{t('retention.mine')}</Paragraph>}
      <Failure error={ask.error} fields={[]} />
      <div className="buttons">
        {retention.state === 'ready' && mayApprove && !mine && !retention.blocked && (
          <Button data-size="sm" onClick={() => setAsking(true)}>
            {t(last ? 'retention.approve' : 'retention.first')}
          </Button>
        )}
        {retention.state !== 'approved' && mayAsk && (
          <Button variant="secondary" data-size="sm" loading={ask.busy} onClick={() => ask.act()}>
            {t('retention.again')}
          </Button>
        )}
      </div>
      {asking && (
        <ActDialog
          title={t(last ? 'retention.approve' : 'retention.first')}
          submit={t(last ? 'retention.approve' : 'retention.first')}
          danger={last}
          busy={approve.busy}
          error={approve.error}
          fields={[]}
          disabled={retention.alone && !sure}
          onSubmit={() => approve.act()}
          onCancel={() => setAsking(false)}
        >
          <Paragraph>{t(last ? 'retention.approve.text' : 'retention.first.text')}</Paragraph>
          {retention.alone && (
            <Checkbox
              label={t('retention.alone')}
              checked={sure}
              onChange={(event) => setSure(event.target.checked)}
            />
          )}
        </ActDialog>
      )}
    </>
  );
}

/** What the portal itself keeps, for how long, and when it was last looked through. */
function Own({ own }: { own: Schemas['OwnRetention'][] }) {
  const { t, n, date } = useT();
  return (
    <section className="stack" aria-labelledby="retention-own">
      <Heading level={2} data-size="sm" id="retention-own">
        {t('retention.own')}
      </Heading>
      <Paragraph>{t('retention.own.lead')}</Paragraph>
      <ScrollTable
        label={t('retention.own')}
        head={[t('retention.own.what'), t('retention.own.keep'), t('retention.own.last')]}
      >
        {own.map((c) => (
          <Table.Row key={c.code}>
            <Table.HeaderCell scope="row">{c.name}</Table.HeaderCell>
            <Table.Cell>{c.keep}</Table.Cell>
            <Table.Cell>
              {c.last_at &&
                (c.gone
                  ? n('retention.own.gone', c.gone, { date: date(c.last_at) })
                  : date(c.last_at))}
              {c.next_at && (
                <div className="under">{t('retention.own.next', { date: date(c.next_at) })}</div>
              )}
            </Table.Cell>
          </Table.Row>
        ))}
      </ScrollTable>
    </section>
  );
}
