import { Button, Heading, Table } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Schemas } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { reportQuery } from '../api';
import { Bars } from '../parts/bars';
import { TextInput } from '../parts/form';
import { Scroll } from '../parts/scroll';
import { ScrollTable } from '../parts/table';
import { outcomeText, rightText, useT, wordOf } from '../texts';

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
    [t('report.late'), report.late],
    [t('report.open'), report.open],
    // No answer has no median: a nought would say that they were given on the day.
    [t('report.median'), report.answered > 0 ? report.median_days : undefined],
    [t('report.p90'), report.answered > 0 ? report.p90_days : undefined],
    [t('report.extended'), report.extended],
  ] as const;
  return (
    <div className="stack">
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
      <Months months={report.by_month} />
      <div className="two">
        <Breakdown
          title={t('report.by_right')}
          counts={report.by_right}
          name={(key) => {
            const word = wordOf(rightText, key);
            return word ? t(word) : key;
          }}
        />
        <Breakdown
          title={t('report.by_outcome')}
          counts={report.by_outcome}
          name={(key) => {
            const word = wordOf(outcomeText, key);
            return word ? t(word) : key;
          }}
        />
      </div>
    </div>
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

function Months({ months }: { months: readonly Count[] }) {
  const { t, n, locale, number } = useT();
  const total = months.reduce((sum, month) => sum + month.count, 0);
  const most = months.reduce<Count | undefined>(
    (top, m) => (top && top.count >= m.count ? top : m),
    undefined,
  );
  if (!most) return null;
  return (
    <section className="section stack" aria-labelledby="months-title">
      <Heading level={2} data-size="xs" id="months-title">
        {t('report.by_month')}
      </Heading>
      <figure className="chart">
        <Scroll label={t('report.by_month')}>
          <Bars
            label={n('report.chart', total, {
              month: monthName(locale, most.key, 'long'),
              most: number(most.count),
            })}
            bars={months.map((month) => ({
              key: month.key,
              name: monthName(locale, month.key, 'short'),
              value: month.count,
            }))}
          />
        </Scroll>
        <figcaption>
          <details className="ds-details plain">
            <summary>{t('report.table')}</summary>
            <div className="ds-details__content">
              <ScrollTable
                label={t('report.by_month')}
                head={[t('report.month'), t('report.received')]}
              >
                {months.map((month) => (
                  <Table.Row key={month.key}>
                    <Table.HeaderCell scope="row">
                      {monthName(locale, month.key, 'long')}
                    </Table.HeaderCell>
                    <Table.Cell className="num">{number(month.count)}</Table.Cell>
                  </Table.Row>
                ))}
              </ScrollTable>
            </div>
          </details>
        </figcaption>
      </figure>
    </section>
  );
}

interface BreakdownProps {
  title: string;
  counts: readonly Count[];
  name: (key: string) => string;
}

function Breakdown({ title, counts, name }: BreakdownProps) {
  const { t, number } = useT();
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
              <Table.HeaderCell scope="row">{name(each.key)}</Table.HeaderCell>
              <Table.Cell className="num">{number(each.count)}</Table.Cell>
            </Table.Row>
          ))}
        </ScrollTable>
      )}
    </section>
  );
}
