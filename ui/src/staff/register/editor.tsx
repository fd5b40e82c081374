import { Alert, Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { ApiError, api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { registerQuery } from '../api';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { TextArea, TextInput } from '../parts/form';
import { useT } from '../texts';
import { Changes } from './changes';
import {
  type Activity,
  activitiesOf,
  asPart,
  changes,
  type Doc,
  merge,
  nameOf,
  newId,
  tidy,
} from './document';
import { type Finding, inputId, PartFields, refuses, type Setting } from './fields';
import { activityFields, type Fields, officeFields } from './shape';
import { useSetting, useWords } from './use-words';

type Register = Schemas['Register'];

interface EditorProps {
  register: Register;
  /** The activity that is to be seen first. */
  first?: string | undefined;
  onClose: () => void;
}

/** How long after the last key the register is checked; milliseconds. */
const pause = 600;

/** What the server says of the document, a moment after each change. */
function useFindings(doc: Doc): readonly Finding[] {
  const [findings, setFindings] = useState<readonly Finding[]>([]);
  useEffect(() => {
    let current = true;
    const timer = setTimeout(() => {
      unwrap(api.POST('/staff/register/check', { body: { document: { ...doc } } })).then(
        (answer) => current && setFindings(answer.findings),
        () => undefined, // The save says what is wrong with it.
      );
    }, pause);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [doc]);
  return findings;
}

/** What the server refused, at the fields that it named. */
function refused(error: unknown): Finding[] {
  if (!(error instanceof ApiError)) return [];
  return (error.problem?.errors ?? [])
    .filter(({ field }) => field.startsWith('/document'))
    .map(({ field, message }) => ({
      field: field.slice('/document'.length),
      severity: 'wrong' as const,
      text: message,
    }));
}

/** The register in plain words, part by part. It is saved whole, on top of the version that was read. */
export function RegisterEditor({ register, first, onClose }: EditorProps) {
  const { t, n, locale } = useT();
  const client = useQueryClient();
  const say = useNotice();
  const [base, setBase] = useState<{ version: number; doc: Doc }>({
    version: register.version,
    doc: register.document,
  });
  const [doc, setDoc] = useState<Doc>(register.document);
  const [comment, setComment] = useState('');
  const [open, setOpen] = useState<readonly string[]>(first ? [first] : []);
  const clean = useMemo(() => tidy(doc), [doc]);
  const checked = useFindings(clean);
  const names = useSetting(doc);
  const words = useWords(names);
  const save = useAct(
    () =>
      unwrap(
        api.PUT('/staff/register', {
          body: {
            document: { ...clean },
            base_version: base.version,
            ...(comment.trim() ? { comment: comment.trim() } : {}),
          },
        }),
      ),
    (answer) => {
      client.setQueryData(registerQuery.queryKey, answer);
      client.invalidateQueries({ queryKey: ['register-versions'] });
      say(t('register.saved', { version: answer.version }));
      onClose();
    },
  );
  const findings = useMemo(() => {
    const told = refused(save.error);
    return [...told, ...checked.filter((each) => !told.some((t) => t.field === each.field))];
  }, [checked, save.error]);
  const changed = useMemo(() => changes(base.doc, doc, words), [base.doc, doc, words]);
  useEffect(() => {
    if (first) document.getElementById(`reg-${first}`)?.querySelector('summary')?.focus();
  }, [first]);
  if (!names) return <Waiting />;
  const setting: Setting = { ...names, findings };
  const list = activitiesOf(doc);
  const setList = (activities: readonly Activity[]) => setDoc({ ...doc, activities });
  const wrong = findings.filter(refuses);
  const conflict = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const toggle = (id: string, on: boolean) =>
    setOpen((was) =>
      on === was.includes(id) ? was : on ? [...was, id] : was.filter((e) => e !== id),
    );
  return (
    <section className="stack editor" aria-labelledby="editor-title">
      <Heading level={2} data-size="xs" id="editor-title">
        {t('register.editor')}
      </Heading>
      {officeFields.map((field) => (
        <Panel
          key={field.key}
          id={field.key}
          title={t(field.label)}
          findings={findings.filter(({ field: at }) => at.split('/')[1] === field.key)}
          open={open.includes(field.key)}
          onToggle={(on) => toggle(field.key, on)}
        >
          <PartFields
            fields={[field]}
            at=""
            value={doc}
            onChange={(value) => setDoc(asPart(value))}
            setting={setting}
          />
        </Panel>
      ))}
      <Heading level={3} data-size="2xs">
        {t('register.activities')}
      </Heading>
      {list.map((activity, at) => (
        <Panel
          key={activity.id}
          id={activity.id}
          title={nameOf(activity, locale)}
          findings={findings.filter(({ field }) => field.startsWith(`/activities/${at}/`))}
          open={open.includes(activity.id)}
          onToggle={(on) => toggle(activity.id, on)}
        >
          <ActivityForm
            activity={activity}
            at={at}
            list={list}
            fields={activityFields}
            setting={setting}
            onList={setList}
            onOpen={(id) => toggle(id, true)}
          />
        </Panel>
      ))}
      <AddActivity
        onAdd={(name) => {
          const id = newId(
            name,
            list.map((each) => each.id),
          );
          setList([...list, { id, name: { nb: name } }]);
          toggle(id, true);
          setTimeout(() => document.getElementById(`reg-${id}`)?.querySelector('summary')?.focus());
        }}
      />
      <section className="stack section" aria-labelledby="save-title">
        <Heading level={3} data-size="2xs" id="save-title">
          {t('reg.save.title')}
        </Heading>
        {!conflict && <ProblemAlert error={save.error} focus />}
        {conflict && (
          <Conflict
            base={base}
            words={words}
            onUse={(version, theirs) => {
              setDoc(merge(base.doc, doc, theirs));
              setBase({ version, doc: theirs });
              save.reset();
            }}
          />
        )}
        {wrong.length > 0 && <Wrong findings={wrong} list={list} onGo={(id) => toggle(id, true)} />}
        <details className="ds-details plain">
          <summary>{n('reg.changes', changed.length)}</summary>
          <div className="ds-details__content">
            <Changes level={4} changes={changed} />
          </div>
        </details>
        <TextArea
          id="register-comment"
          label={t('reg.comment')}
          description={t('reg.comment.help')}
          rows={2}
          maxLength={500}
          value={comment}
          onChange={setComment}
          errors={[]}
        />
        <div className="buttons">
          <Button loading={save.busy} disabled={changed.length === 0} onClick={() => save.act()}>
            {t('register.save')}
          </Button>
          <Button variant="secondary" onClick={onClose}>
            {t('common.cancel')}
          </Button>
        </div>
      </section>
    </section>
  );
}

interface PanelProps {
  id: string;
  title: string;
  findings: readonly Finding[];
  open: boolean;
  onToggle: (open: boolean) => void;
  children: React.ReactNode;
}

/** A part of the register that opens. What is not open is not drawn. */
function Panel({ id, title, findings, open, onToggle, children }: PanelProps) {
  const { t } = useT();
  const has = (severity: Finding['severity']) => findings.some((f) => f.severity === severity);
  const refused = findings.some(refuses);
  return (
    <details
      id={`reg-${id}`}
      className="ds-details reg-panel"
      open={open}
      onToggle={(event) => onToggle(event.currentTarget.open)}
    >
      <summary>
        <span>{title}</span>
        {refused && <Tag data-color="danger">{t('reg.wrong')}</Tag>}
        {!refused && has('blocks') && <Tag data-color="warning">{t('register.blocks')}</Tag>}
        {!refused && !has('blocks') && has('warns') && (
          <Tag data-color="info">{t('register.gap')}</Tag>
        )}
      </summary>
      {open && <div className="ds-details__content stack">{children}</div>}
    </details>
  );
}

interface ActivityFormProps {
  activity: Activity;
  at: number;
  list: readonly Activity[];
  fields: Fields;
  setting: Setting;
  onList: (list: readonly Activity[]) => void;
  onOpen: (id: string) => void;
}

function ActivityForm({ activity, at, list, fields, setting, onList, onOpen }: ActivityFormProps) {
  const { t, locale } = useT();
  const move = (to: number) => onList(list.toSpliced(at, 1).toSpliced(to, 0, activity));
  const copy = () => {
    const name = `${nameOf(activity, locale)} ${t('reg.copy.name')}`;
    const id = newId(
      name,
      list.map((each) => each.id),
    );
    onList(list.toSpliced(at + 1, 0, { ...activity, id, name: { nb: name } }));
    onOpen(id);
  };
  return (
    <>
      <PartFields
        fields={fields}
        at={`/activities/${at}`}
        value={activity}
        onChange={(value) => onList(list.toSpliced(at, 1, { ...asPart(value), id: activity.id }))}
        setting={setting}
      />
      <div className="buttons">
        <Button variant="secondary" data-size="sm" onClick={copy}>
          {t('reg.copy')}
        </Button>
        <Button variant="secondary" data-size="sm" disabled={at === 0} onClick={() => move(at - 1)}>
          {t('reg.up')}
        </Button>
        <Button
          variant="secondary"
          data-size="sm"
          disabled={at === list.length - 1}
          onClick={() => move(at + 1)}
        >
          {t('reg.down')}
        </Button>
        <Button
          variant="tertiary"
          data-size="sm"
          data-color="danger"
          onClick={() => {
            onList(list.toSpliced(at, 1));
            setTimeout(() => document.getElementById('register-new')?.focus());
          }}
        >
          {t('reg.remove.activity')}
        </Button>
      </div>
      <p className="under">{t('reg.id', { id: activity.id })}</p>
    </>
  );
}

function AddActivity({ onAdd }: { onAdd: (name: string) => void }) {
  const { t } = useT();
  const [name, setName] = useState('');
  return (
    <form
      className="reg-add"
      onSubmit={(event) => {
        event.preventDefault();
        if (!name.trim()) return;
        onAdd(name.trim());
        setName('');
      }}
    >
      <TextInput
        id="register-new"
        label={t('reg.new')}
        maxLength={200}
        value={name}
        onChange={setName}
        errors={[]}
      />
      <Button type="submit" variant="secondary" disabled={!name.trim()}>
        {t('reg.add')}
      </Button>
    </form>
  );
}

/** What cannot stand, each with a way to its field. */
function Wrong({
  findings,
  list,
  onGo,
}: {
  findings: readonly Finding[];
  list: readonly Activity[];
  onGo: (panel: string) => void;
}) {
  const { t, n, locale } = useT();
  const go = ({ field }: Finding) => {
    const [, key = '', at] = field.split('/');
    onGo(key === 'activities' ? (list[Number(at)]?.id ?? '') : key);
    setTimeout(() => {
      // The field itself, or the nearest thing above it that can have the focus.
      for (let path = field; path; path = path.slice(0, path.lastIndexOf('/'))) {
        const target = document.getElementById(inputId(path));
        if (!target) continue;
        target.focus();
        target.scrollIntoView({ block: 'center' });
        return;
      }
    }, 50);
  };
  return (
    <Alert data-color="danger">
      <Paragraph>{n('reg.errors', findings.length)}</Paragraph>
      <ul>
        {findings.map((each) => {
          const [, key, at] = each.field.split('/');
          const activity = key === 'activities' ? list[Number(at)] : undefined;
          return (
            <li key={each.field + each.text}>
              {activity && `${nameOf(activity, locale)}: `}
              {each.text}{' '}
              <button type="button" className="as-link" onClick={() => go(each)}>
                {t('reg.go')}
              </button>
            </li>
          );
        })}
      </ul>
    </Alert>
  );
}

interface ConflictProps {
  base: { version: number; doc: Doc };
  words: Parameters<typeof changes>[2];
  onUse: (version: number, doc: Doc) => void;
}

/** Somebody saved meanwhile: what they changed is shown, and taken in where this form changed nothing. */
function Conflict({ base, words, onUse }: ConflictProps) {
  const { t } = useT();
  const latest = useQuery({ ...registerQuery, staleTime: 0, refetchOnMount: 'always' }).data;
  if (!latest || latest.version === base.version) return <Waiting />;
  return (
    <Alert data-color="warning" tabIndex={-1} ref={(element) => element?.focus()}>
      <div className="stack">
        <Heading level={4} data-size="2xs">
          {t('register.conflict', { version: latest.version })}
        </Heading>
        <Paragraph>{t('reg.conflict.text', { who: latest.changed_by ?? '' })}</Paragraph>
        <Changes level={5} changes={changes(base.doc, latest.document, words)} />
        <div>
          <Button
            variant="secondary"
            data-size="sm"
            onClick={() => onUse(latest.version, latest.document)}
          >
            {t('reg.conflict.use')}
          </Button>
        </div>
      </div>
    </Alert>
  );
}
