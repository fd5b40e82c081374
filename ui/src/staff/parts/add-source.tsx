import { Button, Heading } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { formOf, registerQuery } from '../api';
import { fieldErrors, filled } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { useT } from '../texts';
import { ColleagueFields, noColleague } from './colleague';
import { Failure, Pick, TextArea, TextInput } from './form';
import { askScan, type Connection, type Scan, ScanReview } from './scan';
import { YamlArea } from './yaml';

export type SourceForm = (typeof sourceForms)[number];

/** The ways to add a source, the simplest first. */
export const sourceForms = ['manual', 'file', 'database'] as const;

interface AddProps {
  form: SourceForm;
  level: 2 | 3;
  onDone: () => void;
}

/** Adds one source of the chosen sort. */
export function AddSource({ form, level, onDone }: AddProps) {
  const { t } = useT();
  const client = useQueryClient();
  const say = useNotice();
  const done = async (source: Schemas['Source']) => {
    say(t('sources.added', { name: source.name }));
    onDone();
    // Tried at once, so that a slip in the address shows here and not in the first case.
    if (source.kind !== 'manual') {
      await api.POST('/staff/sources/{id}/check', { params: { path: { id: source.id } } });
    }
    client.invalidateQueries({ queryKey: ['sources'] });
  };
  return (
    <div className="stack inset">
      <Heading level={level} data-size="2xs">
        {t(`sources.add.${form}`)}
      </Heading>
      {form === 'manual' && <ManualForm done={done} />}
      {form === 'file' && <FileForm done={done} />}
      {form === 'database' && <DatabaseForm done={done} />}
    </div>
  );
}

interface FormProps {
  done: (source: Schemas['Source']) => void;
}

function useActivities() {
  const { t } = useT();
  const register = useQuery(registerQuery);
  return [
    ['', t('sources.activity.none')] as const,
    ...(register.data?.activities ?? []).map((each) => [each.id, each.name] as const),
  ];
}

function ManualForm({ done }: FormProps) {
  const { t } = useT();
  const activities = useActivities();
  const [name, setName] = useState('');
  const [instructions, setInstructions] = useState('');
  const [activity, setActivity] = useState('');
  const [colleague, setColleague] = useState(noColleague);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const add = useAct(
    () =>
      unwrap(
        api.POST('/staff/sources', {
          body: {
            name: name.trim(),
            kind: 'manual',
            ...filled('instructions', instructions),
            ...filled('activity', activity),
            ...(colleague.name.trim() || colleague.email.trim() ? { colleague } : {}),
          },
        }),
      ),
    done,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = name.trim() ? [] : [{ field: 'source-name', message: t('sources.need.place') }];
    setMissing(found);
    if (found.length === 0) add.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('source', add.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Failure error={missing.length > 0 ? undefined : add.error} fields={errors} />
      <TextInput
        id="source-name"
        label={t('sources.place')}
        description={t('sources.place.help')}
        maxLength={60}
        value={name}
        onChange={setName}
        errors={errors}
      />
      <TextArea
        id="source-instructions"
        label={t('sources.instructions')}
        description={t('sources.instructions.help')}
        rows={3}
        maxLength={2_000}
        value={instructions}
        onChange={setInstructions}
        errors={errors}
      />
      <Pick
        id="source-activity"
        label={t('sources.activity')}
        value={activity}
        onChange={setActivity}
        options={activities}
        errors={errors}
      />
      <ColleagueFields value={colleague} onChange={setColleague} errors={errors} />
      <Submit busy={add.busy} />
    </form>
  );
}

function FileForm({ done }: FormProps) {
  const { t } = useT();
  const activities = useActivities();
  const input = useRef<HTMLInputElement>(null);
  const [name, setName] = useState('');
  const [activity, setActivity] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const add = useAct(
    (file: File) =>
      unwrap(
        api.POST('/staff/sources/file', {
          // The generated type names the parts; the serializer writes them.
          body: { name: name.trim(), file: '' },
          bodySerializer: () =>
            formOf({ name: name.trim(), ...filled('activity', activity), file }),
        }),
      ),
    done,
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const file = input.current?.files?.[0];
    const found: FieldError[] = [];
    if (!file) found.push({ field: 'source-file', message: t('sources.need.file') });
    if (!name.trim()) found.push({ field: 'source-name', message: t('sources.need.name') });
    setMissing(found);
    if (found.length === 0 && file) add.act(file);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('source', add.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Failure error={missing.length > 0 ? undefined : add.error} fields={errors} />
      <div>
        <label htmlFor="source-file" className="ds-label">
          {t('sources.file')}
        </label>
        <input
          ref={input}
          id="source-file"
          type="file"
          accept=".csv,.xlsx"
          className="ds-input"
          onChange={(event) => {
            const chosen = event.target.files?.[0]?.name.replace(/\.[^.]+$/, '') ?? '';
            setName((now) => now || chosen.replace(/[^\p{L}\p{N} ._-]/gu, ' ').slice(0, 60));
          }}
        />
      </div>
      <TextInput
        id="source-name"
        label={t('field.name')}
        maxLength={60}
        value={name}
        onChange={setName}
        errors={errors}
      />
      <Pick
        id="source-activity"
        label={t('sources.activity')}
        value={activity}
        onChange={setActivity}
        options={activities}
        errors={errors}
      />
      <Submit busy={add.busy} />
    </form>
  );
}

/** The systems that a connection string leads to, the most common first. */
const systems = [
  'postgres',
  'mysql',
  'sqlserver',
  'mongodb',
  'sqlite',
  'log',
  'mailbox',
  'webhook',
] as const;

/** Databases, whose tables can be looked through for a proposal. */
const scannable = ['postgres', 'mysql', 'sqlserver', 'mongodb', 'sqlite'] as const;

/** Those that bring their own dataset file. */
const described: readonly string[] = ['log', 'mailbox'];

function DatabaseForm({ done }: FormProps) {
  const { t } = useT();
  const activities = useActivities();
  const [kind, setKind] = useState<(typeof systems)[number]>('postgres');
  const [name, setName] = useState('');
  const [dsn, setDsn] = useState('');
  const [activity, setActivity] = useState('');
  // Without one the portal proposes it, where it can.
  const [dataset, setDataset] = useState<string>();
  const [missing, setMissing] = useState<FieldError[]>([]);
  // The proposal goes with what was typed when it was made.
  const [proposal, setProposal] = useState<{ connection: Connection; scan: Scan }>();
  const scanned = scannable.find((each) => each === kind);
  const scans = scanned !== undefined && dataset === undefined;
  const propose = useAct(async () => {
    const connection = { name, kind: scanned ?? 'postgres', dsn, activity };
    return { connection, scan: await askScan(connection) };
  }, setProposal);
  const add = useAct(
    () =>
      unwrap(
        api.POST('/staff/sources', {
          body: {
            name: name.trim(),
            kind,
            ...filled('dsn', dsn),
            ...filled('activity', activity),
            ...(dataset?.trim() ? { dataset } : {}),
          },
        }),
      ),
    done,
  );
  const act = scans ? propose : add;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!name.trim()) found.push({ field: 'source-name', message: t('sources.need.name') });
    if (!dsn.trim()) found.push({ field: 'source-dsn', message: t('sources.need.dsn') });
    setMissing(found);
    if (found.length === 0) act.act();
  };
  if (proposal) return <ScanReview {...proposal} onSaved={done} />;
  const errors = missing.length > 0 ? missing : fieldErrors('source', act.error);
  return (
    <form onSubmit={submit} noValidate className="stack form wide">
      <Failure
        error={missing.length > 0 ? undefined : act.error}
        fields={errors.filter((each) => each.field !== 'source-dataset')}
      />
      <Pick
        id="source-kind"
        label={t('sources.kind')}
        className="narrow"
        value={kind}
        onChange={(next) => setKind(systems.find((each) => each === next) ?? 'postgres')}
        options={systems.map((each) => [each, t(`source.kind.${each}`)])}
      />
      <TextInput
        id="source-name"
        label={t('field.name')}
        maxLength={60}
        value={name}
        onChange={setName}
        errors={errors}
      />
      <TextInput
        id="source-dsn"
        label={t('sources.dsn')}
        description={t('sources.dsn.help', { example: t(`sources.dsn.${kind}`) })}
        maxLength={2_000}
        autoComplete="off"
        value={dsn}
        onChange={setDsn}
        errors={errors}
      />
      <Pick
        id="source-activity"
        label={t('sources.activity')}
        value={activity}
        onChange={setActivity}
        options={activities}
        errors={errors}
      />
      {scans ? (
        <p className="under">{t('scan.help')}</p>
      ) : (
        <YamlArea
          id="source-dataset"
          label={t('sources.dataset')}
          description={[
            t('sources.dataset.help'),
            described.includes(kind) && t('sources.dataset.own'),
          ]
            .filter(Boolean)
            .join(' ')}
          value={dataset ?? ''}
          onChange={setDataset}
          messages={errors
            .filter((each) => each.field === 'source-dataset')
            .map((each) => each.message)}
        />
      )}
      <div className="buttons">
        <Button type="submit" data-size="sm" loading={act.busy}>
          {t(scans ? 'scan.do' : 'sources.submit')}
        </Button>
        {scanned && (
          <Button
            variant="tertiary"
            data-size="sm"
            onClick={() => setDataset(scans ? '' : undefined)}
          >
            {t(scans ? 'scan.own' : 'scan.propose')}
          </Button>
        )}
      </div>
    </form>
  );
}

function Submit({ busy }: { busy: boolean }) {
  const { t } = useT();
  return (
    <div className="buttons">
      <Button type="submit" data-size="sm" loading={busy}>
        {t('sources.submit')}
      </Button>
    </div>
  );
}
