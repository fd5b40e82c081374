import { Button, Heading, Table } from '@digdir/designsystemet-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import type { Case } from '../api';
import { can } from '../can';
import { WrongPerson } from '../parts/breach';
import { ScrollTable } from '../parts/table';
import { actionText, useT, wordOf } from '../texts';
import { Evidence } from './evidence';
import { ActButton } from './section';
import { at, useCaseAct } from './use-case';

type Step = Schemas['PlanPage']['steps'][number];

/** Plan, digests and log: closed until somebody asks for them. */
export function TechnicalSection({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  return (
    <details
      className="ds-details technical"
      data-color="neutral"
      onToggle={(event) => setOpen(event.currentTarget.open)}
      id="technical"
    >
      <summary>{t('technical.title')}</summary>
      {open && (
        <div className="ds-details__content stack" data-color="accent">
          <Evidence c={c} />
          <p className="under">{t('technical.register', { version: c.register_version })}</p>
          {c.plan && <PlanFacts c={c} plan={c.plan} />}
          {!c.answer && !c.drill && <WrongPerson c={c} />}
          <Log log={c.log} />
        </div>
      )}
    </details>
  );
}

function PlanFacts({ c, plan }: { c: Case; plan: Schemas['Plan'] }) {
  const { t, n, instant, number } = useT();
  const [rows, setRows] = useState(false);
  const remake = useCaseAct(() => unwrap(api.POST('/staff/cases/{id}/plan', at(c.id))));
  return (
    <section className="stack" aria-labelledby="plan-title">
      <Heading level={2} data-size="2xs" id="plan-title">
        {t('plan.title')}
      </Heading>
      <p>
        {n('plan.made', plan.steps, { who: plan.made_by, at: instant(plan.made_at) })}
        {plan.stale && ` ${t('look.stale')}`}
      </p>
      <p className="digest">
        <span className="under">{t('plan.digest')}</span> <code>{plan.digest}</code>
      </p>
      <ScrollTable
        label={t('plan.counts')}
        head={[t('plan.source'), t('plan.collection'), t('plan.action'), t('plan.count')]}
      >
        {plan.counts.map((count) => (
          <Table.Row key={`${count.source}/${count.collection}/${count.action}`}>
            <Table.Cell>{count.source}</Table.Cell>
            <Table.Cell>{count.collection}</Table.Cell>
            <Table.Cell>
              <ActionWord action={count.action} />
            </Table.Cell>
            <Table.Cell className="num">{number(count.count)}</Table.Cell>
          </Table.Row>
        ))}
      </ScrollTable>
      <ProblemAlert error={remake.error} />
      <div className="buttons">
        <Button
          variant="secondary"
          data-size="sm"
          aria-expanded={rows}
          onClick={() => setRows((now) => !now)}
        >
          {t(rows ? 'plan.rows.hide' : 'plan.rows.show')}
        </Button>
        <ActButton
          may={can(c, 'plan')}
          variant="tertiary"
          busy={remake.busy}
          onClick={() => remake.act()}
        >
          {t('look.replan')}
        </ActButton>
      </div>
      {rows && <PlanRows key={plan.digest} id={c.id} digest={plan.digest} />}
    </section>
  );
}

function PlanRows({ id, digest }: { id: string; digest: string }) {
  const { t } = useT();
  const page = useInfiniteQuery({
    queryKey: ['plan', id, digest],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      unwrap(
        api.GET('/staff/cases/{id}/plan', {
          params: {
            path: { id },
            query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) },
          },
        }),
      ),
    getNextPageParam: (last) => last.next,
  });
  if (page.error) return <ProblemAlert error={page.error} onRetry={() => page.refetch()} />;
  if (!page.data) return <Waiting />;
  return (
    <div className="stack">
      <ScrollTable
        label={t('plan.rows')}
        head={[t('plan.row'), t('plan.action'), t('plan.changes'), t('plan.reason')]}
      >
        {page.data.pages
          .flatMap((each) => each.steps)
          .map((step) => (
            <StepRow
              key={`${step.source}/${step.collection}/${step.key}/${step.action}`}
              step={step}
            />
          ))}
      </ScrollTable>
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
    </div>
  );
}

function ActionWord({ action }: { action: string }) {
  const { t } = useT();
  const word = wordOf(actionText, action);
  return word ? t(word) : action;
}

function StepRow({ step }: { step: Step }) {
  const { t, date } = useT();
  return (
    <Table.Row>
      <Table.Cell>
        {step.source}.{step.collection}
        <span className="under">{step.key}</span>
      </Table.Cell>
      <Table.Cell>
        <ActionWord action={step.action} />
      </Table.Cell>
      <Table.Cell>
        {step.changes.map((change) => (
          <p key={change.field} className="change">
            <span className="under-inline">{change.field}</span> <del>{change.old || '∅'}</del>
            {' → '}
            <ins>{change.new || '∅'}</ins>
          </p>
        ))}
      </Table.Cell>
      <Table.Cell>
        {step.reason}
        {step.until && (
          <span className="under">{t('group.until', { date: date(step.until) })}</span>
        )}
      </Table.Cell>
    </Table.Row>
  );
}

function Log({ log }: { log: readonly Schemas['LogEntry'][] }) {
  const { t, instant } = useT();
  return (
    <section className="stack" aria-labelledby="log-title">
      <Heading level={2} data-size="2xs" id="log-title">
        {t('log.title')}
      </Heading>
      <ScrollTable
        label={t('log.title')}
        head={[t('log.at'), t('log.who'), t('log.what'), t('log.proof')]}
      >
        {log.map((entry) => (
          <Table.Row key={entry.at + entry.text}>
            <Table.Cell className="nowrap">{instant(entry.at)}</Table.Cell>
            <Table.Cell>{entry.who}</Table.Cell>
            <Table.Cell>{entry.text}</Table.Cell>
            <Table.Cell>
              {entry.proof && <code className="hash">{entry.proof.slice(0, 16)}…</code>}
            </Table.Cell>
          </Table.Row>
        ))}
      </ScrollTable>
    </section>
  );
}
