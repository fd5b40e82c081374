import { Button, Details, Heading, Paragraph, Table, Tag } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { fieldErrors, filled } from '../form';
import { useAct } from '../gate';
import { useT } from '../texts';
import { Failure, Pick, TextInput } from './form';

export type Scan = Schemas['SourceScan'];
type Collection = Scan['collections'][number];
type Column = Collection['fields'][number];
type Choice = NonNullable<Schemas['NewScan']['choices']>[number];

/** How the database is reached, as it was typed. */
export interface Connection {
  name: string;
  kind: Schemas['NewScan']['kind'];
  dsn: string;
  activity: string;
}

export function askScan(c: Connection, choices: readonly Choice[] = [], person = '') {
  return unwrap(
    api.POST('/staff/sources/scan', {
      body: {
        name: c.name.trim(),
        kind: c.kind,
        dsn: c.dsn.trim(),
        ...filled('activity', c.activity),
        ...(person.trim() ? { person: person.trim() } : {}),
        ...(choices.length > 0 ? { choices: [...choices] } : {}),
      },
    }),
  );
}

/** What somebody has decided about the tables, by table and column. */
export interface Decisions {
  out: ReadonlySet<string>;
  /** "table\ncolumn" → category, or empty for nothing about people. */
  category: ReadonlyMap<string, string>;
}

export const undecided: Decisions = { out: new Set(), category: new Map() };

const at = (table: string, column: string) => `${table}\n${column}`;

/** Decisions in the form that the server takes. */
export function choicesOf(d: Decisions): Choice[] {
  const tables = [...d.out].map((table) => ({ table, out: true }));
  const columns = [...d.category].map(([key, category]) => {
    const [table = '', field = ''] = key.split('\n');
    return { table, field, category };
  });
  return [...tables, ...columns];
}

/** What a column is taken for: the decision, else the proposal. */
export function chosen(d: Decisions, table: string, column: Column): string {
  return d.category.get(at(table, column.name)) ?? column.category;
}

/** A column that a person should look at: it holds something, may hold something, or leads on. */
export function telling(column: Column): boolean {
  return Boolean(
    column.category || column.asked || column.inside.length > 0 || column.leads_to.length > 0,
  );
}

interface ReviewProps {
  connection: Connection;
  scan: Scan;
  onSaved: (source: Schemas['Source']) => void;
}

/** Confirms a proposal table by table, tries it with somebody known, and saves. */
export function ScanReview({ connection, scan, onSaved }: ReviewProps) {
  const { t } = useT();
  const [step, setStep] = useState(0);
  const [decisions, setDecisions] = useState(undecided);
  const heading = useRef<HTMLHeadingElement>(null);
  const arrived = useRef(-1);
  useEffect(() => {
    if (arrived.current !== step) heading.current?.focus();
    arrived.current = step;
  }, [step]);
  const tables = scan.collections;
  const table = tables[step];
  const decide = (name: string, column: string, category: string) =>
    setDecisions((d) => ({ ...d, category: new Map(d.category).set(at(name, column), category) }));
  const take = (name: string, out: boolean) => {
    setDecisions((d) => {
      const next = new Set(d.out);
      if (out) next.add(name);
      else next.delete(name);
      return { ...d, out: next };
    });
    setStep(step + 1);
  };
  return (
    <div className="stack">
      <Paragraph>
        {t('scan.summary', { system: scan.system, tables: scan.tables, found: tables.length })}
      </Paragraph>
      {table ? (
        <>
          <Heading level={4} data-size="2xs" ref={heading} tabIndex={-1}>
            {t('scan.step', { at: step + 1, of: tables.length, table: table.name })}
          </Heading>
          <OneTable table={table} scan={scan} decisions={decisions} onDecide={decide} />
          <div className="buttons">
            <Button data-size="sm" onClick={() => take(table.name, false)}>
              {t('scan.yes')}
            </Button>
            <Button data-size="sm" variant="secondary" onClick={() => take(table.name, true)}>
              {t('scan.skip')}
            </Button>
            {step > 0 && (
              <Button data-size="sm" variant="tertiary" onClick={() => setStep(step - 1)}>
                {t('scan.back')}
              </Button>
            )}
            {tables.length - step > 1 && (
              <Button data-size="sm" variant="tertiary" onClick={() => setStep(tables.length)}>
                {t('scan.all')}
              </Button>
            )}
          </div>
        </>
      ) : (
        <>
          <Heading level={4} data-size="2xs" ref={heading} tabIndex={-1}>
            {t(tables.length > 0 ? 'scan.try' : 'scan.none')}
          </Heading>
          <LeftOut scan={scan} out={decisions.out} />
          {tables.length > 0 && (
            <Finish
              connection={connection}
              choices={choicesOf(decisions)}
              onAgain={() => setStep(0)}
              onSaved={onSaved}
            />
          )}
        </>
      )}
    </div>
  );
}

interface TableProps {
  table: Collection;
  scan: Scan;
  decisions: Decisions;
  onDecide: (table: string, column: string, category: string) => void;
}

function OneTable({ table, scan, decisions, onDecide }: TableProps) {
  const { t, n } = useT();
  const shown = table.fields.filter(telling);
  const rest = table.fields.filter((f) => !telling(f));
  return (
    <>
      <p className="under">{[table.about, ...table.notes].join('. ')}</p>
      <Columns table={table} columns={shown} {...{ scan, decisions, onDecide }} />
      {rest.length > 0 && (
        <Details>
          <Details.Summary>{n('scan.rest', rest.length)}</Details.Summary>
          <Details.Content>
            <Columns
              table={table}
              columns={rest}
              caption={t('scan.rest.caption', { table: table.name })}
              {...{ scan, decisions, onDecide }}
            />
          </Details.Content>
        </Details>
      )}
    </>
  );
}

interface ColumnsProps extends TableProps {
  columns: readonly Column[];
  caption?: string;
}

function Columns({ table, columns, scan, decisions, onDecide, caption }: ColumnsProps) {
  const { t, locale } = useT();
  const options = [
    ['', t('scan.nobody')] as const,
    ...scan.categories
      .toSorted((a, b) => a.text.localeCompare(b.text, locale))
      .map((c) => [c.key, c.text] as const),
  ];
  return (
    <div className="scroll scan-columns">
      <Table data-size="sm">
        <caption className="visually-hidden">
          {caption ?? t('scan.columns', { table: table.name })}
        </caption>
        <Table.Head>
          <Table.Row>
            <Table.HeaderCell scope="col">{t('scan.column')}</Table.HeaderCell>
            <Table.HeaderCell scope="col">{t('scan.holds')}</Table.HeaderCell>
          </Table.Row>
        </Table.Head>
        <Table.Body>
          {columns.map((column) => (
            <Table.Row key={column.name}>
              <Table.HeaderCell scope="row" className="break">
                {column.name}
              </Table.HeaderCell>
              <Table.Cell>
                <div className="scan-cell">
                  {(column.category || column.asked || column.leads_to.length === 0) && (
                    <Pick
                      id={`scan-${table.name}-${column.name}`}
                      label={t('scan.holds.of', { column: column.name })}
                      className="bare-label"
                      value={chosen(decisions, table.name, column)}
                      onChange={(category) => onDecide(table.name, column.name, category)}
                      options={options}
                    />
                  )}
                  <div>
                    <Why column={column} scan={scan} />
                  </div>
                </div>
              </Table.Cell>
            </Table.Row>
          ))}
        </Table.Body>
      </Table>
    </div>
  );
}

const sureColor = { sure: 'success', likely: 'info', unsure: 'warning' } as const;

/** What a proposal rests on, in words. */
function Why({ column, scan }: { column: Column; scan: Scan }) {
  const { t } = useT();
  const asked = scan.categories.find((c) => c.key === column.asked)?.text;
  return (
    <>
      {(column.category || column.asked) && (
        <Tag data-size="sm" data-color={sureColor[column.confidence]}>
          <span className="phrase">{column.confidence_text}</span>
        </Tag>
      )}
      {asked && <p>{t('scan.maybe', { what: asked })}</p>}
      {column.because.length > 0 && <p className="under">{column.because.join('; ')}</p>}
      {column.identity && <p className="under">{t('scan.identity')}</p>}
      {column.inside.length > 0 && (
        <p className="under">{t('scan.inside', { what: column.inside.join(', ') })}</p>
      )}
      {column.leads_to.map((to) => (
        <p key={to.to} className="under break">
          {t(to.asked ? 'scan.leads.not' : 'scan.leads', { to: to.to })} ({to.because})
        </p>
      ))}
    </>
  );
}

function LeftOut({ scan, out }: { scan: Scan; out: ReadonlySet<string> }) {
  const { t, n } = useT();
  const list = [
    ...[...out].map((name) => ({ name, reason: t('scan.out.yours') })),
    ...scan.left_out,
  ];
  if (list.length === 0) return null;
  return (
    <Details>
      <Details.Summary>{n('scan.left', list.length)}</Details.Summary>
      <Details.Content>
        <ul>
          {list.map((each) => (
            <li key={each.name} className="break">
              {each.name}: {each.reason}
            </li>
          ))}
        </ul>
      </Details.Content>
    </Details>
  );
}

interface FinishProps {
  connection: Connection;
  choices: Choice[];
  onAgain: () => void;
  onSaved: (source: Schemas['Source']) => void;
}

/** Tries the description with somebody whose data are known, then saves it. */
function Finish({ connection, choices, onAgain, onSaved }: FinishProps) {
  const { t } = useT();
  const [person, setPerson] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const [found, setFound] = useState<Scan['found']>();
  const attempt = useAct(
    () => askScan(connection, choices, person),
    (scan) => setFound(scan.found),
  );
  const save = useAct(async () => {
    const { dataset } = await askScan(connection, choices);
    return unwrap(
      api.POST('/staff/sources', {
        body: {
          name: connection.name.trim(),
          kind: connection.kind,
          dsn: connection.dsn.trim(),
          dataset,
          ...filled('activity', connection.activity),
        },
      }),
    );
  }, onSaved);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const need = person.trim() ? [] : [{ field: 'scan-person', message: t('scan.need.person') }];
    setMissing(need);
    if (need.length === 0) attempt.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('scan', attempt.error);
  return (
    <>
      <form onSubmit={submit} noValidate className="stack form">
        <Failure error={missing.length > 0 ? undefined : attempt.error} fields={errors} />
        <TextInput
          id="scan-person"
          type="email"
          label={t('scan.person')}
          description={t('scan.person.help')}
          maxLength={320}
          autoComplete="off"
          value={person}
          onChange={setPerson}
          errors={errors}
        />
        <div className="buttons">
          <Button type="submit" data-size="sm" variant="secondary" loading={attempt.busy}>
            {t('scan.try.do')}
          </Button>
        </div>
      </form>
      <div role="status">{found && <Found found={found} />}</div>
      <ProblemAlert error={save.error} focus />
      <div className="buttons">
        <Button data-size="sm" loading={save.busy} onClick={() => save.act()}>
          {t('scan.save')}
        </Button>
        <Button data-size="sm" variant="tertiary" onClick={onAgain}>
          {t('scan.again')}
        </Button>
      </div>
    </>
  );
}

function Found({ found }: { found: NonNullable<Scan['found']> }) {
  const { t, n } = useT();
  const rows = found.rows.filter((each) => each.count > 0);
  return (
    <>
      <p>
        <strong>{t(rows.length > 0 ? 'scan.found' : 'scan.found.none')}</strong>
      </p>
      {rows.length > 0 && (
        <ul>
          {rows.map((each) => (
            <li key={each.collection}>
              {each.collection}: {n('scan.rows', each.count)}
            </li>
          ))}
        </ul>
      )}
      {found.incomplete && <p>{t('scan.found.incomplete')}</p>}
    </>
  );
}
