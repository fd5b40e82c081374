import { Button, Fieldset, Radio } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { LongField } from '../fields';
import { dropLink, holder, type MailedLink, takeLink } from '../link';
import { isOver, LinkOver } from '../linkOver';
import { PersonPage } from '../personPage';
import { type PersonKey, useText } from '../text';

type Task = Schemas['Errand'];
type Outcome = 'found' | 'nothing' | 'exception' | 'done';

/**
 * Where a colleague's link leads: one task, without an account. It shows nobody's data by itself:
 * programs that look through mail open links too.
 */
export function Colleague() {
  const [link, setLink] = useState(takeLink);
  const [task, setTask] = useState<Task>();
  const [done, setDone] = useState<PersonKey>();
  useEffect(() => {
    const look = () => {
      setTask(undefined);
      setDone(undefined);
      setLink(takeLink());
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  const finish = (text: PersonKey) => {
    dropLink();
    setDone(text);
  };
  if (done) return <Done text={done} />;
  if (!link) return <NoLink />;
  if (!task) return <Open key={link.token} link={link} onOpen={setTask} />;
  return <Errand link={link} task={task} setTask={setTask} onDone={finish} />;
}

function NoLink() {
  const { t } = useText();
  return (
    <PersonPage title={t('verify.none.title')}>
      <p>{t('colleague.none')}</p>
    </PersonPage>
  );
}

function Done({ text }: { text: PersonKey }) {
  const { t } = useText();
  return (
    <PersonPage title={t('colleague.done.title')}>
      <p>{t(text)}</p>
    </PersonPage>
  );
}

const openTask = (link: MailedLink) => unwrap(api.POST('/colleague/open', holder(link)));

function Open({ link, onOpen }: { link: MailedLink; onOpen: (task: Task) => void }) {
  const { t } = useText();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      onOpen(await openTask(link));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  if (isOver(failure)) return <LinkOver failure={failure} />;
  return (
    <PersonPage title={t('colleague.open.title')}>
      <p>{t('colleague.open.text')}</p>
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button onClick={() => void open()} loading={busy}>
          {t('colleague.open.do')}
        </Button>
      </div>
    </PersonPage>
  );
}

const titles = {
  look: 'colleague.look.title',
  rest: 'colleague.rest.title',
  do: 'colleague.do.title',
} as const;

interface Props {
  link: MailedLink;
  task: Task;
  setTask: (task: Task) => void;
  onDone: (text: PersonKey) => void;
}

function Errand({ link, task, setTask, onDone }: Props) {
  const { t } = useText();
  return (
    <PersonPage key={task.act} title={t(titles[task.act])}>
      {task.act === 'rest' && <p>{t('colleague.rest.text')}</p>}
      {task.act === 'do' && (
        <p>{t(task.right === 'erasure' ? 'colleague.do.erase' : 'colleague.do.set')}</p>
      )}
      <Facts task={task} />
      {task.corrections && <Corrections list={task.corrections} />}
      {task.act === 'look' && <Look link={link} task={task} setTask={setTask} onDone={onDone} />}
      {task.act === 'do' && <Do link={link} task={task} onDone={onDone} />}
    </PersonPage>
  );
}

const clues: Record<string, PersonKey> = {
  name: 'colleague.who.name',
  email: 'colleague.who.email',
  phone_number: 'colleague.who.phone',
  external_id: 'colleague.who.number',
};

/** Whom to look for, and where. */
function Facts({ task }: { task: Task }) {
  const { t, date } = useText();
  const facts: [string, string][] = [
    ...task.who.map((clue): [string, string] => [
      t(clues[clue.kind] ?? 'colleague.who.other'),
      clue.value,
    ]),
    [t('colleague.place'), task.place],
    ...(task.instructions
      ? [[t('colleague.how'), task.instructions] satisfies [string, string]]
      : []),
    ...(task.words ? [[t('colleague.words'), task.words] satisfies [string, string]] : []),
    [t('colleague.reference'), task.reference],
    ...(task.due_on ? [[t('colleague.due'), date(task.due_on)] satisfies [string, string]] : []),
  ];
  return (
    <dl className="facts-list">
      {facts.map(([label, value]) => (
        <div key={`${label} ${value}`}>
          <dt>{label}</dt>
          <dd className="own-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Corrections({ list }: { list: NonNullable<Task['corrections']> }) {
  const { t } = useText();
  return (
    <dl className="facts-list">
      {list.map((each) => (
        <div key={`${each.label} ${each.old} ${each.new}`}>
          <dt>{each.label}</dt>
          <dd className="own-words">
            {t('colleague.correct', {
              old: each.old,
              new: each.new || t('colleague.correct.none'),
            })}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Sends an answer once; what was typed stays when it cannot be sent. */
function useAnswer(link: MailedLink, onDone: Props['onDone']) {
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const answer = async (outcome: Outcome, note: string, text: PersonKey) => {
    if (busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(
        api.POST('/colleague/answer', {
          ...holder(link),
          body: { outcome, ...(note.trim() ? { note: note.trim() } : {}) },
        }),
      );
      onDone(text);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return { answer, failure, busy };
}

const answers = [
  ['found', 'colleague.found'],
  ['nothing', 'colleague.nothing'],
  ['exception', 'colleague.exception'],
] as const;

function Look({ link, task, setTask, onDone }: Props) {
  const { t } = useText();
  const [outcome, setOutcome] = useState<(typeof answers)[number][0]>();
  const [note, setNote] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { answer, failure, busy } = useAnswer(link, onDone);
  const slip = (): FieldError | undefined => {
    if (!outcome) return { field: 'outcome', message: t('colleague.need.outcome') };
    if (note.trim()) return undefined;
    if (outcome === 'exception') return { field: 'note', message: t('colleague.need.reason') };
    if (outcome === 'found' && task.files.length === 0) {
      return { field: 'note', message: t('colleague.need.found') };
    }
    return undefined;
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = slip();
    setErrors(found ? [found] : []);
    if (found || !outcome) return;
    const waits = outcome === 'found' && task.right !== 'access';
    void answer(outcome, note, waits ? 'colleague.done.rest' : 'colleague.done.text');
  };
  const missing = errorOf(errors, 'outcome');
  const noteError = errorOf(errors, 'note');
  return (
    <form onSubmit={submit} noValidate className="stack">
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Fieldset>
        <Fieldset.Legend>{t('colleague.ask')}</Fieldset.Legend>
        {answers.map(([value, label], index) => (
          <Radio
            key={value}
            {...(index === 0 ? { id: 'outcome' } : {})}
            name="outcome"
            value={value}
            label={t(label)}
            checked={outcome === value}
            onChange={() => setOutcome(value)}
          />
        ))}
        {missing && (
          <p className="ds-validation-message" data-field="validation" data-color="danger">
            {missing}
          </p>
        )}
      </Fieldset>
      {outcome === 'found' && <Upload link={link} task={task} setTask={setTask} />}
      {(outcome === 'found' || outcome === 'exception') && (
        <LongField
          id="note"
          label={t(outcome === 'found' ? 'colleague.note.found' : 'colleague.note.exception')}
          {...(outcome === 'found' ? { hint: t('colleague.note.found.hint') } : {})}
          value={note}
          onChange={setNote}
          maxLength={4_000}
          error={noteError}
        />
      )}
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('colleague.send')}
        </Button>
      </div>
    </form>
  );
}

/** Adds one file after another; each is kept sealed with the case at once. */
function Upload({ link, task, setTask }: Omit<Props, 'onDone'>) {
  const { t, size } = useText();
  const input = useRef<HTMLInputElement>(null);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const upload = async (file: File) => {
    setBusy(true);
    setFailure(undefined);
    setSaid('');
    try {
      await unwrap(
        api.POST('/colleague/files', {
          ...holder(link),
          // The generated type names the parts; the serializer writes them.
          body: { file: '' },
          bodySerializer: () => {
            const form = new FormData();
            form.append('file', file);
            return form;
          },
        }),
      );
      setTask({ ...task, files: [...task.files, { name: file.name, size: file.size }] });
      setSaid(t('colleague.uploaded', { name: file.name }));
      if (input.current) input.current.value = '';
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack tight">
      <label htmlFor="file" className="ds-label">
        {t('colleague.upload')}
      </label>
      <p id="file-hint" className="quiet">
        {t('colleague.upload.hint')}
      </p>
      <input
        ref={input}
        id="file"
        type="file"
        className="ds-input"
        aria-describedby="file-hint"
        disabled={busy}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) void upload(file);
        }}
      />
      <p role="status">{busy ? t('colleague.uploading') : said}</p>
      <ProblemAlert error={failure} focus />
      {task.files.length > 0 && (
        <ul aria-label={t('colleague.files')}>
          {task.files.map((file, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: files are only ever added, and two may look alike
            <li key={index} className="own-words">
              {file.name} ({size(file.size)})
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Do({ link, task, onDone }: Omit<Props, 'setTask'>) {
  const { t } = useText();
  const [note, setNote] = useState('');
  const { answer, failure, busy } = useAnswer(link, onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void answer('done', note, 'colleague.done.text');
  };
  return (
    <form onSubmit={submit} noValidate className="stack">
      <ProblemAlert error={failure} focus />
      <LongField
        id="note"
        label={t('colleague.note.done')}
        value={note}
        onChange={setNote}
        maxLength={4_000}
      />
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t(task.right === 'erasure' ? 'colleague.done.erase' : 'colleague.done.set')}
        </Button>
      </div>
      <p className="quiet">{t('colleague.trouble')}</p>
    </form>
  );
}
