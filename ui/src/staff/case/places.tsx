import { Button, Tag } from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { type Case, formOf, type Task } from '../api';
import { can } from '../can';
import { useNotice } from '../notice';
import { TextArea } from '../parts/form';
import { removes, type StaffKey, useT } from '../texts';
import { byHand } from '../todo';
import { Section } from './section';
import { useCaseAct } from './use-case';

type SourceState = Schemas['SourceProgress']['state'];

const sourceColor: Record<SourceState, 'neutral' | 'success' | 'danger' | 'warning' | 'info'> = {
  waiting: 'info',
  read: 'success',
  done: 'success',
  failed: 'danger',
  not_reachable: 'warning',
  open_task: 'warning',
};

const sourceText: Record<SourceState, StaffKey> = {
  waiting: 'place.waiting',
  read: 'place.read',
  done: 'place.read',
  failed: 'place.failed',
  not_reachable: 'place.unreachable',
  open_task: 'place.open',
};

/** Where we look: the systems that the machine reads, and the places that a person looks in. */
export function PlacesSection({ c }: { c: Case }) {
  const { t } = useT();
  const systems = c.sources.filter((s) => s.kind !== 'manual');
  if (systems.length === 0 && c.tasks.length === 0) return null;
  return (
    <Section id="places" title={t('places.title')}>
      {c.tasks.length > 0 && (
        <ul className="tasks">
          {c.tasks.map((task) => (
            <TaskItem key={task.id} c={c} task={task} />
          ))}
        </ul>
      )}
      {systems.length > 0 && (
        <ul className="systems">
          {systems.map((source) => (
            <li key={source.name}>
              <strong>{source.title}</strong>
              <Tag data-color={sourceColor[source.state]}>{t(sourceText[source.state])}</Tag>
              <span className="under-inline">{source.text}</span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const taskText: Record<Task['state'], StaffKey> = {
  open: 'place.open',
  found: 'task.found',
  nothing: 'task.nothing',
  exception: 'task.exception',
  done: 'task.done',
};

function TaskItem({ c, task }: { c: Case; task: Task }) {
  const { t, size } = useT();
  const done = task.state !== 'open' && !byHand(c, task) && !task.unseen;
  const may = can(c, 'task');
  return (
    <li
      id={`task-${task.id}`}
      tabIndex={-1}
      className="task stack"
      data-look={done ? undefined : ''}
    >
      <p className="task-head">
        <strong>{task.place}</strong>
        <Tag data-color={done ? 'success' : 'warning'}>{t(taskText[task.state])}</Tag>
      </p>
      {task.instructions && !done && <p className="own-words under">{task.instructions}</p>}
      {task.note && <p className="under own-words">{task.note}</p>}
      {task.files.length > 0 && (
        <ul className="files">
          {task.files.map((file) => (
            <li key={file.name}>
              {file.name} <span className="under-inline">{size(file.size)}</span>
            </li>
          ))}
        </ul>
      )}
      {task.unseen && <p className="under">{t('task.unseen')}</p>}
      {task.colleague && <ColleagueOf c={c} task={task} colleague={task.colleague} />}
      {may.allowed && <TaskActs c={c} task={task} />}
    </li>
  );
}

interface ColleagueProps {
  c: Case;
  task: Task;
  colleague: Schemas['TaskColleague'];
}

/** Who looks there instead of the officer, and how far the mail to them has come. */
function ColleagueOf({ c, task, colleague }: ColleagueProps) {
  const { t } = useT();
  const say = useNotice();
  const link = useCaseAct((act: 'send' | 'revoke') =>
    unwrap(
      api.POST('/staff/cases/{id}/tasks/{taskId}/link', {
        params: { path: { id: c.id, taskId: task.id } },
        body: { act },
      }),
    ).then((answer) => {
      say(t(act === 'send' ? 'colleague.sent' : 'colleague.revoked'));
      return answer;
    }),
  );
  return (
    <div className="stack">
      <p className="under">
        {t('colleague.title')}: {colleague.name}. {colleague.text}.
      </p>
      <ProblemAlert error={link.error} focus />
      {(colleague.send || colleague.revoke) && (
        <div className="buttons">
          {colleague.send && (
            <Button
              variant="secondary"
              data-size="sm"
              loading={link.busy}
              onClick={() => link.act('send')}
            >
              {t(colleague.state === 'none' ? 'colleague.send.first' : 'colleague.send')}
              <span className="visually-hidden">: {task.place}</span>
            </Button>
          )}
          {colleague.revoke && (
            <Button
              variant="tertiary"
              data-size="sm"
              loading={link.busy}
              onClick={() => link.act('revoke')}
            >
              {t('colleague.revoke')}
              <span className="visually-hidden">: {task.place}</span>
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

type Outcome = 'found' | 'nothing' | 'exception' | 'done' | 'reopened';

function TaskActs({ c, task }: { c: Case; task: Task }) {
  const { t } = useT();
  const say = useNotice();
  const [step, setStep] = useState<'found' | 'exception'>();
  const [note, setNote] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const path = { params: { path: { id: c.id, taskId: task.id } } };
  const finish = useCaseAct(
    (outcome: Outcome) => {
      // Who says that they have looked leaves what was written of the files.
      const words = outcome === 'found' && task.unseen ? task.note : note.trim();
      return unwrap(
        api.POST('/staff/cases/{id}/tasks/{taskId}', {
          ...path,
          body: { outcome, ...(words ? { note: words } : {}) },
        }),
      );
    },
    () => {
      say(t('task.saved', { place: task.place }));
      setStep(undefined);
    },
  );
  if (task.state !== 'open') {
    return (
      <div className="buttons">
        <ProblemAlert error={finish.error} />
        {byHand(c, task) && (
          <Button
            variant="secondary"
            data-size="sm"
            loading={finish.busy}
            onClick={() => finish.act('done')}
          >
            {t(removes(c.right) ? 'task.done.erase' : 'task.done.set')}
            <span className="visually-hidden">: {task.place}</span>
          </Button>
        )}
        {task.unseen && (
          <Button
            variant="secondary"
            data-size="sm"
            loading={finish.busy}
            onClick={() => finish.act('found')}
          >
            {t('task.seen')}
            <span className="visually-hidden">: {task.place}</span>
          </Button>
        )}
        <Button
          variant="tertiary"
          data-size="sm"
          loading={finish.busy}
          onClick={() => finish.act('reopened')}
        >
          {t('task.reopen')}
          <span className="visually-hidden">: {task.place}</span>
        </Button>
      </div>
    );
  }
  const noteId = `task-note-${task.id}`;
  const save = (outcome: 'found' | 'exception') => {
    const found: FieldError[] = [];
    if (outcome === 'exception' && !note.trim()) {
      found.push({ field: noteId, message: t('task.need.reason') });
    }
    if (outcome === 'found' && task.files.length === 0 && !note.trim()) {
      found.push({ field: noteId, message: t('task.need.found') });
    }
    setErrors(found);
    if (found.length === 0) finish.act(outcome);
  };
  return (
    <div className="stack">
      <ProblemAlert error={finish.error} focus />
      {step === undefined ? (
        <div className="buttons">
          <Button variant="secondary" data-size="sm" onClick={() => setStep('found')}>
            {t('task.found.do')}
            <span className="visually-hidden">: {task.place}</span>
          </Button>
          <Button
            variant="secondary"
            data-size="sm"
            loading={finish.busy}
            onClick={() => finish.act('nothing')}
          >
            {t('task.nothing.do')}
            <span className="visually-hidden">: {task.place}</span>
          </Button>
          <Button variant="tertiary" data-size="sm" onClick={() => setStep('exception')}>
            {t('task.exception.do')}
            <span className="visually-hidden">: {task.place}</span>
          </Button>
        </div>
      ) : (
        <div className="stack inset">
          {step === 'found' && <Upload c={c} task={task} />}
          <TextArea
            id={noteId}
            label={t(step === 'found' ? 'task.note.found' : 'task.note.exception')}
            rows={3}
            maxLength={4_000}
            value={note}
            onChange={setNote}
            errors={errors}
          />
          <div className="buttons">
            <Button data-size="sm" loading={finish.busy} onClick={() => save(step)}>
              {t(step === 'found' ? 'task.found.save' : 'task.exception.save')}
            </Button>
            <Button data-size="sm" variant="secondary" onClick={() => setStep(undefined)}>
              {t('common.cancel')}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}

/** Adds one file after another; each is kept sealed with the case at once. */
function Upload({ c, task }: { c: Case; task: Task }) {
  const { t } = useT();
  const say = useNotice();
  const input = useRef<HTMLInputElement>(null);
  const id = `upload-${task.id}`;
  const upload = useCaseAct(
    (file: File) =>
      unwrap(
        api.POST('/staff/cases/{id}/tasks/{taskId}/upload', {
          params: { path: { id: c.id, taskId: task.id } },
          // The generated type names the parts; the serializer writes them.
          body: { file: '' },
          bodySerializer: () => formOf({ file }),
        }),
      ),
    () => {
      say(t('upload.done'));
      if (input.current) input.current.value = '';
    },
  );
  return (
    <div className="stack">
      <label htmlFor={id} className="ds-label">
        {t('upload.label')}
      </label>
      <input
        ref={input}
        id={id}
        type="file"
        className="ds-input"
        disabled={upload.busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) upload.act(file);
        }}
      />
      <ProblemAlert error={upload.error} focus />
    </div>
  );
}
