import { Button, Table, Tag } from '@digdir/designsystemet-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { type Case, type Finding, type FindingGroup, usePermission } from '../api';
import { ScrollTable } from '../parts/table';
import { type StaffKey, useT } from '../texts';
import { CorrectDialog, correctable, mayCorrect } from './correct';
import { mayRedact, RedactDialog, redactable } from './redact';
import { type Shown, UnmaskDialog } from './unmask';

/** The columns of a page of rows: each field that any row has, in the order they first come. */
export function columnsOf(rows: readonly Finding[]): { name: string; label: string }[] {
  const found = new Map<string, string>();
  for (const row of rows) {
    for (const field of row.fields) {
      if (!found.has(field.name)) found.set(field.name, field.label ?? field.name);
    }
  }
  return [...found].map(([name, label]) => ({ name, label }));
}

const otherText: Record<string, StaffKey> = {
  'other.email': 'rows.other.email',
  'other.phone_number': 'rows.other.phone',
  'other.national_id': 'rows.other.national',
  'other.name': 'rows.other.name',
  'other.number': 'rows.other.number',
};

/** What of other known persons stands in a row's texts, in words, each once. */
export function othersIn(row: Finding): StaffKey[] {
  const marks = row.fields.flatMap((field) => field.marks ?? []);
  return Object.entries(otherText).flatMap(([mark, key]) => (marks.includes(mark) ? [key] : []));
}

/** The rows themselves. They are fetched when they are opened, and each reading is logged. */
export function Rows({ c, group }: { c: Case; group: FindingGroup }) {
  const { t, number } = useT();
  const [correcting, setCorrecting] = useState<Finding>();
  const [redacting, setRedacting] = useState<Finding>();
  const [unmasking, setUnmasking] = useState<Finding>();
  // What was hidden is shown until the rows are closed, and kept nowhere.
  const [shown, setShown] = useState<Readonly<Record<string, Shown>>>({});
  const mayUnmask = usePermission('unmask');
  const page = useInfiniteQuery({
    queryKey: ['rows', c.id, group.id],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/staff/cases/{id}/findings', {
          params: {
            path: { id: c.id },
            query: { group: group.id, limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (last) => last.next,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (page.error) return <ProblemAlert error={page.error} onRetry={() => page.refetch()} />;
  if (!page.data) return <Waiting />;
  const rows = page.data.pages.flatMap((each) => each.findings);
  const columns = columnsOf(rows);
  const marked = rows.some((row) => row.shared || row.third_party);
  const offer = mayCorrect(c) && rows.some((row) => correctable(row).length > 0);
  const redact = mayRedact(c, group) && rows.some((row) => redactable(row).length > 0);
  return (
    <div className="stack">
      <ScrollTable
        label={t('rows.label', { name: group.title })}
        head={[
          ...(offer ? [t('correct.column')] : []),
          ...(redact ? [t('redact.column')] : []),
          ...(marked ? [t('rows.mark')] : []),
          ...columns.map((column) => column.label),
        ]}
        className="rows"
      >
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            columns={columns}
            marked={marked}
            shown={shown[row.id]}
            {...(mayUnmask ? { onUnmask: setUnmasking } : {})}
            {...(offer ? { onCorrect: setCorrecting } : {})}
            {...(redact ? { onRedact: setRedacting } : {})}
          />
        ))}
      </ScrollTable>
      <p className="rows-foot">
        <span>{t('rows.shown', { shown: number(rows.length), count: number(group.count) })}</span>
        {page.hasNextPage && (
          <Button
            variant="secondary"
            data-size="sm"
            loading={page.isFetchingNextPage}
            onClick={() => page.fetchNextPage()}
          >
            {t('common.more')}
          </Button>
        )}
      </p>
      {correcting && (
        <CorrectDialog
          c={c}
          group={group.id}
          row={correcting}
          onClose={() => setCorrecting(undefined)}
        />
      )}
      {unmasking && (
        <UnmaskDialog
          c={c}
          group={group.id}
          row={unmasking}
          onShown={(values) => setShown((before) => ({ ...before, [unmasking.id]: values }))}
          onClose={() => setUnmasking(undefined)}
        />
      )}
      {redacting && (
        <RedactDialog c={c} group={group} row={redacting} onClose={() => setRedacting(undefined)} />
      )}
    </div>
  );
}

interface RowProps {
  row: Finding;
  /** Left out where nothing of the group can be corrected now. */
  onCorrect?: (row: Finding) => void;
  /** Left out where nothing of the group can be redacted now. */
  onRedact?: (row: Finding) => void;
  /** Left out where nobody may see what is hidden. */
  onUnmask?: (row: Finding) => void;
  columns: readonly { name: string }[];
  marked: boolean;
  shown: Shown | undefined;
}

function Row({ row, columns, marked, shown, onCorrect, onRedact, onUnmask }: RowProps) {
  const { t } = useT();
  return (
    <Table.Row data-mark={row.third_party || row.shared ? '' : undefined}>
      {onCorrect && (
        <Table.Cell>
          {correctable(row).length > 0 && (
            <Button variant="secondary" data-size="sm" onClick={() => onCorrect(row)}>
              {t('correct.open')}
              <span className="visually-hidden">: {row.key}</span>
            </Button>
          )}
        </Table.Cell>
      )}
      {onRedact && (
        <Table.Cell>
          {redactable(row).length > 0 && (
            <Button variant="secondary" data-size="sm" onClick={() => onRedact(row)}>
              {t('redact.open')}
              <span className="visually-hidden">: {row.key}</span>
            </Button>
          )}
        </Table.Cell>
      )}
      {marked && (
        <Table.Cell>
          {row.third_party && <Tag data-color="warning">{t('rows.others')}</Tag>}
          {row.shared && <Tag data-color="warning">{t('rows.shared')}</Tag>}
          {othersIn(row).map((key) => (
            <p key={key} className="under">
              {t(key)}.
            </p>
          ))}
        </Table.Cell>
      )}
      {columns.map(({ name }) => {
        const field = row.fields.find((each) => each.name === name);
        return (
          <Table.Cell key={name}>
            {field?.masked && shown?.[name] === undefined ? (
              <Hidden row={row} label={field.label ?? name} onUnmask={onUnmask} />
            ) : (
              (shown?.[name] ?? field?.value ?? '')
            )}
            {field?.marks?.includes('redacted') && (
              <Tag data-color="success">{t('redact.part')}</Tag>
            )}
            {field?.marks?.includes('changed') && (
              <Tag data-color="warning">{t('redact.changed')}</Tag>
            )}
          </Table.Cell>
        );
      })}
    </Table.Row>
  );
}

function Hidden({
  row,
  label,
  onUnmask,
}: {
  row: Finding;
  label: string;
  onUnmask: ((row: Finding) => void) | undefined;
}) {
  const { t } = useT();
  if (!onUnmask) return <span className="under">{t('unmask.hidden')}</span>;
  return (
    <Button variant="secondary" data-size="sm" onClick={() => onUnmask(row)}>
      {t('unmask.open')}
      <span className="visually-hidden">
        : {label}, {row.key}
      </span>
    </Button>
  );
}
