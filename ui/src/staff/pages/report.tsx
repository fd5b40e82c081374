import { Button, Heading, Table } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { Schemas } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { drillsQuery, reportQuery } from '../api';
import { type Bar, Bars } from '../parts/bars';
import { TextInput } from '../parts/form';
import { Scroll } from '../parts/scroll';
import { ScrollTable } from '../parts/table';
import { channelText, outcomeText, rightText, type StaffKey, useT, wordOf } from '../texts';

type Report = Schemas['Report'];
type Count = Schemas['Count'];

/** How the office did in a period, in numbers. */
export function ReportPage() {
  const { t } = useT();
  const { from = '', to = '' } = useSearch({ from: '/report' });
  const report = useQuery(reportQuery(from, to));
  return (
    <Page title={t('report.title')} suffix={t('app.name')} className="stack">
      <Period
        key={`${report.data?.from}/${report.data?.to}`}
        from={report.data?.from ?? from}
        to={report.data?.to ?? to}
      />
      <ProblemAlert error={report.error} onRetry={() => report.refetch()} />
      {report.isPending && <Waiting />}
      {report.data && <Numbers report={report.data} />}
    </Page>
  );
}

function Period({ from, to }: { from: string; to: string }) {
  const { t } = useT();
  const navigate = useNavigate({ from: '/report' });
  const [first, setFirst] = useState(from);
  const [last, setLast] = useState(to);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    navigate({ search: { ...(first ? { from: first } : {}), ...(last ? { to: last } : {}) } });
  };
  return (
    <form onSubmit={submit} className="period">
      <TextInput
        id="report-from"
        type="date"
        label={t('report.from')}
        value={first}
        onChange={setFirst}
        errors={[]}
      />
      <TextInput
        id="report-to"
        type="date"
        label={t('report.to')}
        value={last}
        onChange={setLast}
        errors={[]}
      />
      <Button type="submit" variant="secondary">
        {t('report.show')}
      </Button>
    </form>
  );
}

function Numbers({ report }: { report: Report }) {
  const { t, date, number } = useT();
  const figures = [
    [t('report.received'), report.received],
    [t('report.answered'), report.answered],
    [t('report.in_time'), report.in_time],
    [t('report.on_pause'), report.on_pause > 0 ? report.on_pause : undefined],
    [t('report.late'), report.late],
    [t('report.open'), report.open],
    [t('report.median'), report.days?.median],
    [t('report.mean'), report.days?.mean],
    [t('report.p90'), report.days?.p90],
    [t('report.extended'), report.extended],
    [t('report.paused'), report.paused],
    [t('report.paused_days'), report.paused > 0 ? report.paused_days : undefined],
    [t('report.in_parts'), report.in_parts > 0 ? report.in_parts : undefined],
    [t('report.corrected'), report.corrected > 0 ? report.corrected : undefined],
  ] as const;
  return (
    <div className="stack report">
      <p className="under">
        {t('report.period', { from: date(report.from), to: date(report.to) })}
      </p>
      <dl className="figures">
        {figures.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{number(value)}</dd>
            </div>
          ),
        )}
      </dl>
      <LastDrill />
      <Months months={report.by_month} />
      <Due due={report.due} />
      {report.answers.length > 0 && <Answers answers={report.answers} />}
      {report.outcomes.length > 0 && <Outcomes rights={report.outcomes} />}
      <div className="two">
        <Breakdown title={t('report.by_right')} counts={report.by_right} words={rightText} />
        <Breakdown title={t('report.by_channel')} counts={report.by_channel} words={channelText} />
        <Breakdown title={t('report.by_outcome')} counts={report.by_outcome} words={outcomeText} />
        {report.by_ground.length > 0 && (
          <Breakdown title={t('report.by_ground')} counts={report.by_ground} words={{}} />
        )}
        {report.by_notice.length > 0 && (
          <Breakdown title={t('report.by_notice')} counts={report.by_notice} words={{}} />
        )}
      </div>
      <div className="buttons">
        <a
          className="ds-button"
          data-variant="secondary"
          href={`/api/v1/staff/report/csv?from=${report.from}&to=${report.to}`}
          download
        >
          {t('report.csv')}
        </a>
        <Button variant="secondary" onClick={() => window.print()}>
          {t('report.print')}
        </Button>
      </div>
    </div>
  );
}

/** A year in milliseconds: so old is a rehearsal that has to be done again. */
const year = 365 * 24 * 3_600_000;

/** When the office last rehearsed; a year without it is too long. */
function LastDrill() {
  const { t, date } = useT();
  const drills = useQuery(drillsQuery).data?.drills;
  if (!drills) return null;
  const last = drills.find((drill) => !drill.open);
  const stale = !last || Date.now() - Date.parse(last.started_on) > year;
  return (
    <p className="under">
      {last ? t('report.drill', { date: date(last.started_on) }) : t('report.drill.none')}
      {stale && (
        <>
          {' '}
          <Link to="/drill" className="ds-link">
            {t('report.drill.do')}
          </Link>
        </>
      )}
    </p>
  );
}

/** How the answered requests of each right ended: a right in each row, an outcome in each column. */
function Outcomes({ rights }: { rights: Report['outcomes'] }) {
  const { t, number } = useT();
  const count = (of: Report['outcomes'][number], key: string) =>
    of.outcomes.find((each) => each.key === key)?.count ?? 0;
  const columns = Object.entries(outcomeText).filter(([key]) =>
    rights.some((each) => count(each, key) > 0),
  );
  return (
    <section className="section stack" aria-labelledby="outcomes-title">
      <Heading level={2} data-size="xs" id="outcomes-title">
        {t('report.outcomes')}
      </Heading>
      <ScrollTable
        label={t('report.outcomes')}
        head={[t('report.by_right'), ...columns.map(([, word]) => t(word))]}
      >
        {rights.map((each) => {
          const word = wordOf(rightText, each.right);
          return (
            <Table.Row key={each.right}>
              <Table.HeaderCell scope="row">{word ? t(word) : each.right}</Table.HeaderCell>
              {columns.map(([key]) => (
                <Table.Cell key={key} className="num">
                  {number(count(each, key))}
                </Table.Cell>
              ))}
            </Table.Row>
          );
        })}
      </ScrollTable>
    </section>
  );
}

const timingText = {
  in_time: 'report.in_time',
  on_pause: 'report.on_pause',
  too_late: 'report.late',
} as const satisfies Record<Schemas['Timing'], StaffKey>;

/** Few answers one by one: a median of them would say nothing. */
function Answers({ answers }: { answers: Report['answers'] }) {
  const { t, number } = useT();
  return (
    <section className="section stack" aria-labelledby="answers-title">
      <Heading level={2} data-size="xs" id="answers-title">
        {t('report.answers')}
      </Heading>
      <p className="under">{t('report.answers.why')}</p>
      <ScrollTable
        label={t('report.answers')}
        head={[t('report.case'), t('report.by_right'), t('report.days'), t('report.limit')]}
      >
        {answers.map((answer) => {
          const word = wordOf(rightText, answer.right);
          return (
            <Table.Row key={answer.reference}>
              <Table.HeaderCell scope="row">{answer.reference}</Table.HeaderCell>
              <Table.Cell>{word ? t(word) : answer.right}</Table.Cell>
              <Table.Cell className="num">{number(answer.days)}</Table.Cell>
              <Table.Cell>{t(timingText[answer.timing])}</Table.Cell>
            </Table.Row>
          );
        })}
      </ScrollTable>
    </section>
  );
}

/** A week of a due date ("2026-W48"), or what is none, as people say it. */
function useWeek(): (key: string, style: 'short' | 'long') => string {
  const { t } = useT();
  return (key, style) => {
    if (key === 'overdue') return t('report.overdue');
    if (key === 'paused') return t(style === 'short' ? 'report.stands' : 'report.paused.now');
    const [year = '', week = ''] = key.split('-W');
    return style === 'short'
      ? t('report.week', { week: Number(week) })
      : t('report.week.long', { week: Number(week), year });
  };
}

/** What is open now, by the week in which it is due. */
function Due({ due }: { due: readonly Count[] }) {
  const { t, number } = useT();
  const week = useWeek();
  if (due.length === 0) return null;
  const total = due.reduce((sum, each) => sum + each.count, 0);
  return (
    <Chart
      id="due-title"
      title={t('report.due')}
      label={t('report.due.chart', { total: number(total) })}
      bars={due.map((each) => ({
        key: each.key,
        name: week(each.key, 'short'),
        value: each.count,
        warn: each.key === 'overdue',
      }))}
      head={[t('report.due.week'), t('report.count')]}
    >
      {due.map((each) => (
        <Table.Row key={each.key}>
          <Table.HeaderCell scope="row">{week(each.key, 'long')}</Table.HeaderCell>
          <Table.Cell className="num">{number(each.count)}</Table.Cell>
        </Table.Row>
      ))}
    </Chart>
  );
}

interface ChartProps {
  id: string;
  title: string;
  label: string;
  bars: readonly Bar[];
  head: readonly string[];
  children: ReactNode;
}

/** A chart with its numbers in a table. */
function Chart({ id, title, label, bars, head, children }: ChartProps) {
  const { t } = useT();
  return (
    <section className="section stack" aria-labelledby={id}>
      <Heading level={2} data-size="xs" id={id}>
        {title}
      </Heading>
      <figure className="chart">
        <Scroll label={title}>
          <Bars label={label} bars={bars} />
        </Scroll>
        <figcaption>
          <details className="ds-details plain">
            <summary>{t('report.table')}</summary>
            <div className="ds-details__content">
              <ScrollTable label={title} head={head}>
                {children}
              </ScrollTable>
            </div>
          </details>
        </figcaption>
      </figure>
    </section>
  );
}

/** A month ("2026-03") as people write it. */
export function monthName(locale: string, key: string, style: 'short' | 'long'): string {
  const at = new Date(`${key}-01T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return key;
  return new Intl.DateTimeFormat(locale, {
    month: style,
    ...(style === 'long' ? { year: 'numeric' } : {}),
    timeZone: 'UTC',
  }).format(at);
}

function Months({ months }: { months: Report['by_month'] }) {
  const { t, n, locale, number } = useT();
  const total = months.reduce((sum, month) => sum + month.received, 0);
  const most = months.reduce<Report['by_month'][number] | undefined>(
    (top, m) => (top && top.received >= m.received ? top : m),
    undefined,
  );
  if (!most) return null;
  return (
    <Chart
      id="months-title"
      title={t('report.by_month')}
      label={n('report.chart', total, {
        month: monthName(locale, most.key, 'long'),
        most: number(most.received),
      })}
      bars={months.map((month) => ({
        key: month.key,
        name: monthName(locale, month.key, 'short'),
        value: month.received,
      }))}
      head={[t('report.month'), t('report.received'), t('report.in_time'), t('report.late')]}
    >
      {months.map((month) => (
        <Table.Row key={month.key}>
          <Table.HeaderCell scope="row">{monthName(locale, month.key, 'long')}</Table.HeaderCell>
          <Table.Cell className="num">{number(month.received)}</Table.Cell>
          <Table.Cell className="num">{number(month.in_time)}</Table.Cell>
          <Table.Cell className="num">{number(month.late)}</Table.Cell>
        </Table.Row>
      ))}
    </Chart>
  );
}

interface BreakdownProps {
  title: string;
  counts: readonly Count[];
  /** The words of the closed list that the keys are of; the server has them of the rest. */
  words: Readonly<Record<string, StaffKey>>;
}

function Breakdown({ title, counts, words }: BreakdownProps) {
  const { t, number } = useT();
  const name = (each: Count) => {
    const word = wordOf(words, each.key);
    return word ? t(word) : (each.text ?? each.key);
  };
  return (
    <section className="section stack" aria-label={title}>
      <Heading level={2} data-size="xs">
        {title}
      </Heading>
      {counts.length === 0 ? (
        <p className="under">{t('report.none')}</p>
      ) : (
        <ScrollTable label={title} head={[title, t('report.count')]}>
          {counts.map((each) => (
            <Table.Row key={each.key}>
              <Table.HeaderCell scope="row">{name(each)}</Table.HeaderCell>
              <Table.Cell className="num">{number(each.count)}</Table.Cell>
            </Table.Row>
          ))}
        </ScrollTable>
      )}
    </section>
  );
}
