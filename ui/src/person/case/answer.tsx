import { Heading } from '@digdir/designsystemet-react';
import type { Schemas } from '../../api/client';
import { handedOut } from '../../shared/disclosure';
import { LetterSections } from '../../shared/letter';
import { useText } from '../text';

type View = Schemas['AnswerView'];
type Group = Schemas['AnswerGroup'];
type Action = Group['action'];

/** The order that people look for them in: what was done, then what was not. */
const order: readonly Action[] = [
  'deleted',
  'anonymised',
  'corrected',
  'annotated',
  'disclosed',
  'restricted',
  'kept',
  'withheld',
  'redacted',
  'refused',
];

/** The groups of an answer by what was done with them. */
export function byAction(groups: readonly Group[]): [Action, Group[]][] {
  return order.flatMap((action) => {
    const found = groups.filter((group) => group.action === action);
    return found.length > 0 ? [[action, found] as [Action, Group[]]] : [];
  });
}

/** What the office answered. Whoever is told of it is left out where the page lists them, with how far it has come. */
export function Answer({ answer, listed }: { answer: View; listed: boolean }) {
  const { t } = useText();
  if (answer.letter) {
    return (
      <section className="answer stack" aria-labelledby="answer">
        <LetterSections letter={answer.letter} level={2} id="answer" />
      </section>
    );
  }
  return (
    <section className="answer stack" aria-labelledby="answer">
      <Heading level={2} data-size="sm" id="answer">
        {answer.title}
      </Heading>
      {answer.paragraphs.map((paragraph) => (
        <p key={paragraph} className="lines">
          {paragraph}
        </p>
      ))}
      {byAction(answer.groups).map(([action, groups]) => (
        <ActionGroup key={action} action={action} groups={groups} />
      ))}
      <Lines title={t('answer.recipients')} lines={listed ? [] : (answer.recipients ?? [])} />
      <Lines title={t('answer.disclosed')} lines={handedOut(answer.disclosed)} />
      <Lines title={t('answer.searched')} lines={answer.searched ?? []} />
      <Lines title={t('answer.complaint')} lines={answer.complaint} />
    </section>
  );
}

function ActionGroup({ action, groups }: { action: Action; groups: readonly Group[] }) {
  const { t, n, date } = useText();
  return (
    <section className={`outcome ${action}`}>
      <h3>{t(`action.${action}`)}</h3>
      <ul>
        {groups.map((group) => (
          <li key={`${group.activity}${group.text}`}>
            <p className="outcome-head">
              <strong>{group.activity}</strong>
              <span className="quiet">{n('answer.count', group.count)}</span>
            </p>
            <p>{group.text}</p>
            {group.until && <p>{t('answer.until', { date: date(group.until) })}</p>}
            {group.law && <p className="quiet">{group.law}</p>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section className="stack tight">
      <h3>{title}</h3>
      <ul className="plain">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
