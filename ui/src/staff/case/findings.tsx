import { Heading } from '@digdir/designsystemet-react';
import { api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import type { Case, FindingGroup } from '../api';
import { can } from '../can';
import { useT } from '../texts';
import { byActivity } from '../todo';
import { Group } from './group';
import { ActButton, Section } from './section';
import { at, useCaseAct } from './use-case';

/** What was found, by what it is used for, each with a proposed decision. */
export function FindingsSection({ c, groups }: { c: Case; groups: readonly FindingGroup[] }) {
  const { t, n, number } = useT();
  const collect = useCaseAct(() => unwrap(api.POST('/staff/cases/{id}/collect', at(c.id))));
  // A row may stand in several groups, so the rows are counted where they were read.
  const rows = c.sources.reduce((sum, source) => sum + (source.found ?? 0), 0);
  return (
    <Section
      id="findings"
      title={t('findings.title')}
      end={
        <ActButton
          may={can(c, 'collect')}
          variant="tertiary"
          busy={collect.busy}
          onClick={() => collect.act()}
        >
          {t('findings.again')}
        </ActButton>
      }
    >
      <p className="under">{n('findings.sum', rows, { groups: number(groups.length) })}</p>
      <ProblemAlert error={collect.error} />
      {c.answer ? (
        // Nothing is left to decide: the answer says what became of it.
        <details className="ds-details plain">
          <summary>{t('findings.show')}</summary>
          <div className="ds-details__content stack">
            <Activities c={c} groups={groups} />
          </div>
        </details>
      ) : (
        <Activities c={c} groups={groups} />
      )}
    </Section>
  );
}

function Activities({ c, groups }: { c: Case; groups: readonly FindingGroup[] }) {
  return byActivity(groups).map(([activity, list]) => (
    <section key={activity} className="activity" aria-label={activity}>
      <Heading level={3} data-size="2xs">
        {activity}
      </Heading>
      <div className="groups">
        {list.map((group) => (
          <Group key={group.id} c={c} group={group} place="page" />
        ))}
      </div>
    </section>
  ));
}
