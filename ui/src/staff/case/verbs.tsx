import { Button, Heading } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import type { Case } from '../api';
import { can } from '../can';
import { type StaffKey, useT } from '../texts';
import { leftToDo, nothingHeld, type Todo } from '../todo';
import { LookOverDialog } from './look-over';
import { PartDialog } from './part';
import { ReviewDialog } from './review';
import { SendDialog } from './send';

const todoText: Record<Todo['kind'], StaffKey> = {
  standing: 'todo.standing',
  identity: 'todo.identity',
  question: 'todo.question',
  source: 'todo.source',
  task: 'todo.task',
  hand: 'todo.hand',
  files: 'todo.files',
  look: 'todo.look',
  decide: 'todo.decide',
  correction: 'todo.correction',
  candidate: 'todo.candidate',
  lacking: 'todo.lacking',
  duty: 'todo.duty',
  weigh: 'todo.weigh',
};

function wordsOf(todo: Todo, t: ReturnType<typeof useT>['t']): string {
  return t(todoText[todo.kind], { name: todo.name, count: todo.count });
}

/** The two things that an officer does with a case, and what stands before them. */
export function Verbs({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState<'look' | 'send' | 'part'>();
  const approve = can(c, 'approve');
  const answer = can(c, 'answer');
  const todos = leftToDo(c);
  const why = useId();
  if (!approve.offered && !answer.offered) return null;
  const done = Boolean(c.plan?.approved_at);
  const nothing = nothingHeld(c);
  const review = c.right === 'human_review';
  // One thing at a time: why no answer can be sent is of use once the case has been looked over.
  const whyNot = nothing || done || !approve.offered ? answer.whyNot : approve.whyNot;
  const next = nothing ? (answer.whyNot ?? t('nothing.next')) : undefined;
  const working = c.state === 'review' || c.state === 'executing';
  const hint = next ?? (working ? whyNot : undefined) ?? c.next_text;
  const said = todos.some((todo) => wordsOf(todo, t) === hint);
  return (
    <section className="verbs" aria-label={t('verbs.label')}>
      <div className="verbs-now">
        <p className="step" role="status">
          <strong>{c.step_text}</strong>
          {hint && (
            <span id={why} className={said ? 'visually-hidden' : undefined}>
              {hint}
            </span>
          )}
        </p>
        <div className="buttons">
          {approve.offered && !nothing && (
            <Button
              variant={done ? 'secondary' : 'primary'}
              disabled={!c.plan && !approve.allowed}
              aria-describedby={whyNot && !done ? why : undefined}
              onClick={() => setOpen('look')}
            >
              {t('verb.look')}
            </Button>
          )}
          {answer.offered && (
            <Button
              variant={done || nothing || review ? 'primary' : 'secondary'}
              disabled={!answer.allowed}
              aria-describedby={whyNot && !answer.allowed ? why : undefined}
              onClick={() => setOpen('send')}
            >
              {t('verb.send')}
            </Button>
          )}
          {can(c, 'part').allowed && (
            <Button variant="tertiary" onClick={() => setOpen('part')}>
              {t('verb.part')}
            </Button>
          )}
        </div>
      </div>
      {todos.length > 0 && <Remaining todos={todos} />}
      {open === 'look' && <LookOverDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'part' && <PartDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'send' && review && <ReviewDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'send' && !review && <SendDialog c={c} onClose={() => setOpen(undefined)} />}
    </section>
  );
}

function Remaining({ todos }: { todos: readonly Todo[] }) {
  const { t } = useT();
  return (
    <div className="remaining">
      <Heading level={2} data-size="2xs">
        {t('todo.title')}
      </Heading>
      <ul>
        {todos.map((todo) => (
          <li key={todo.anchor + todo.kind}>
            <a
              className="ds-link"
              href={`#${todo.anchor}`}
              onClick={(event) => {
                event.preventDefault();
                goTo(todo.anchor);
              }}
            >
              {wordsOf(todo, t)}
            </a>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Moves sight and focus to a part of the page. */
export function goTo(anchor: string) {
  const target = document.getElementById(anchor);
  target?.scrollIntoView({ block: 'start' });
  target?.focus({ preventScroll: true });
}
