import { Paragraph, Tag } from '@digdir/designsystemet-react';
import type { Schemas } from '../../api/client';
import type { Case } from '../api';
import { copies, type StaffKey, useT } from '../texts';
import { Section } from './section';

type State = Schemas['Execution']['state'];

const stateText: Record<State, StaffKey> = {
  cooling_off: 'execution.cooling',
  awaits_copy: 'execution.copy',
  running: 'execution.running',
  verified: 'execution.verified',
  stopped: 'execution.stopped',
};

const stateColor = {
  cooling_off: 'info',
  awaits_copy: 'warning',
  running: 'info',
  verified: 'success',
  stopped: 'danger',
} as const;

const sourceText: Record<Schemas['Execution']['sources'][number]['state'], StaffKey> = {
  waiting: 'execution.source.waiting',
  done: 'execution.source.done',
  failed: 'execution.source.failed',
};

/** How far the changes in the systems have come, and what the search afterwards saw. */
export function ExecutionSection({ c }: { c: Case }) {
  const { t, n } = useT();
  const run = c.execution;
  // Nothing is carried out in the systems for a copy of the data, unless it needs a person.
  if (!run || (copies(c.right) && run.state === 'verified')) return null;
  return (
    <Section
      id="execution"
      title={t('execution.title')}
      end={<Tag data-color={stateColor[run.state]}>{t(stateText[run.state])}</Tag>}
    >
      {run.text && <Paragraph>{run.text}</Paragraph>}
      <ul className="systems">
        {run.sources.map((source) => (
          <li key={source.name}>
            <strong>{source.name}</strong>
            <Tag data-color={source.state === 'failed' ? 'danger' : 'neutral'}>
              {t(sourceText[source.state])}
            </Tag>
            {source.state === 'done' && (
              <span className="under-inline">
                {n('execution.deleted', source.deleted)}, {n('execution.changed', source.changed)}
              </span>
            )}
            {source.text && <span className="under-inline">{source.text}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
