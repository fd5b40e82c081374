import {
  Alert,
  Button,
  Heading,
  Paragraph,
  Radio,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import { ApiError, api, newKey, type Right, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import type { Locale } from '../../text/format';
import { localeNames } from '../../text/format';
import { fieldErrors, filled } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { CheckLine } from '../parts/check';
import { Failure, Pick, TextArea, TextInput } from '../parts/form';
import { nowWall, readWhen, type When, WhenInput } from '../parts/when';
import {
  channelText,
  methodText,
  rights,
  rightText,
  type StaffKey,
  standingText,
  useT,
} from '../texts';
import { osloWall } from '../time';

type Parsed = Schemas['ParsedMail'];
type Channel = Schemas['NewCase']['channel'];
type Standing = Schemas['Standing']['kind'];
type Method = Schemas['IdentityCheck']['method'];
type Ground = NonNullable<Schemas['NewCase']['ground']>;

const channels: readonly Channel[] = ['email', 'letter', 'phone', 'counter'];
const methods: readonly Method[] = [
  'not_yet',
  'known_address',
  'known_facts',
  'code_by_mail',
  'eid',
  'in_person',
];

/** The form as it stands on the screen; `toBody` makes the contract's shape of it. */
export interface Form {
  channel: Channel;
  rights: readonly Right[];
  /** What is objected to. */
  objection: '' | 'marketing' | 'other';
  /** What it is about, by the register. */
  activities: readonly string[];
  ground: '' | Ground;
  recipient: string;
  when: When;
  locale: Locale;
  name: string;
  email: string;
  phone: string;
  customer_number: string;
  postal_address: string;
  text: string;
  meanwhile: boolean;
  method: Method;
  note: string;
  paper: boolean;
  standing: Standing;
  asker_name: string;
  asker_email: string;
  child_age: '' | 'under' | 'over';
  organisation_number: string;
}

const standings = Object.keys(standingText) as Standing[];

/** Whether somebody else asks than the one the data are about. */
const forOther = (kind: Standing) =>
  ['representative', 'agent', 'guardian', 'parent', 'heir', 'company'].includes(kind);

const ofChild = (kind: Standing) => kind === 'parent' || kind === 'child';

const organised = (kind: Standing) => kind === 'company' || kind === 'sole_proprietor';

function emptyForm(locale: Locale): Form {
  return {
    channel: 'email',
    rights: [],
    objection: '',
    activities: [],
    ground: '',
    recipient: '',
    when: nowWall(),
    locale,
    name: '',
    email: '',
    phone: '',
    customer_number: '',
    postal_address: '',
    text: '',
    meanwhile: false,
    method: 'not_yet',
    note: '',
    paper: false,
    standing: 'self',
    asker_name: '',
    asker_email: '',
    child_age: '',
    organisation_number: '',
  };
}

/**
 * The form with what a mail said put in. What the officer has written already stays; what an earlier
 * mail had put in does not, or the words of one person would go into the case of another.
 */
export function withMail(form: Form, mail: Parsed, earlier?: Parsed): Form {
  const own = (written: string, read: string | undefined) => (written === read ? '' : written);
  return {
    ...form,
    channel: 'email',
    rights: mail.rights.length > 0 || earlier ? mail.rights : form.rights,
    when: mail.received_at ? osloWall(new Date(mail.received_at)) : form.when,
    name: own(form.name, earlier?.from_name) || mail.from_name || '',
    email: own(form.email, earlier?.from_email) || mail.from_email || '',
    text: own(form.text, earlier?.text) || mail.text,
  };
}

/** How much of an .eml file is sent: its words come before its attachments. */
const mailBytes = 1 << 20;

/** The beginning of a file in base64. A mail is bytes in a charset of its own, and no text yet. */
export async function mailFile(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.slice(0, mailBytes).arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

export function toBody(form: Form, received_at: string): Schemas['NewCase'] {
  return {
    rights: [...form.rights],
    channel: form.channel,
    received_at,
    locale: form.locale,
    ...filled('name', form.name),
    ...filled('email', form.email),
    ...filled('phone', form.phone),
    ...filled('customer_number', form.customer_number),
    ...filled('postal_address', form.postal_address),
    ...filled('text', form.text),
    ...(form.meanwhile && form.rights.includes('rectification') ? { meanwhile: true } : {}),
    ...(form.method === 'not_yet'
      ? {}
      : { identity: { method: form.method, note: form.note.trim() } }),
    delivery: form.paper ? 'paper' : 'portal',
    ...(form.standing === 'self' ? {} : { standing: standingOf(form) }),
    ...detailOf(form),
  };
}

/** The rights of which the register's activities are chosen; an objection to marketing needs none. */
function inParts(form: Form): readonly Right[] {
  return form.rights.filter((right) =>
    right === 'objection'
      ? form.objection === 'other'
      : right === 'restriction' || right === 'withdrawal',
  );
}

/** What was said beyond which rights are asked for. */
function detailOf(form: Form): Partial<Schemas['NewCase']> {
  const asked = (right: Right) => form.rights.includes(right);
  return {
    ...(asked('objection') && form.objection === 'marketing' ? { advertising: true } : {}),
    ...(inParts(form).length > 0 && form.activities.length > 0
      ? { activities: [...form.activities] }
      : {}),
    ...(asked('restriction') && form.ground ? { ground: form.ground } : {}),
    ...(asked('portability') ? filled('recipient', form.recipient) : {}),
  };
}

function standingOf(form: Form): Schemas['Standing'] {
  const kind = form.standing;
  return {
    kind,
    ...(ofChild(kind) && form.child_age ? { child_age: form.child_age } : {}),
    ...(forOther(kind) ? filled('asker_name', form.asker_name) : {}),
    ...(forOther(kind) ? filled('asker_email', form.asker_email) : {}),
    ...(organised(kind) ? filled('organisation_number', form.organisation_number) : {}),
  };
}

interface Wrong {
  field: string;
  key: StaffKey;
}

/** What the officer must put right before the form can be sent. */
export function faults(form: Form, when: ReturnType<typeof readWhen>): Wrong[] {
  const found: Wrong[] = [];
  const add = (field: string, key: StaffKey) => found.push({ field: `case-${field}`, key });
  if (form.rights.length === 0) add('rights', 'new.need.rights');
  if (form.rights.includes('objection')) {
    if (!form.objection) add('objection', 'new.need.objection');
    if (form.objection === 'other' && form.activities.length === 0)
      add('activities', 'new.need.objection');
  }
  if ('wrong' in when) add('received_at', when.wrong === 'future' ? 'when.future' : 'when.missing');
  if (form.email.trim() && !/^\S+@\S+$/.test(form.email.trim()))
    add('email', 'new.need.email.form');
  const reachable = [form.email, form.phone, form.postal_address, form.customer_number, form.name];
  if (reachable.every((value) => !value.trim())) add('name', 'new.need.contact');
  if (form.paper && !form.postal_address.trim()) add('postal_address', 'new.need.postal');
  if (forOther(form.standing) && !form.asker_name.trim())
    add('standing-asker_name', 'new.need.asker');
  if (ofChild(form.standing) && !form.child_age) add('standing-child_age', 'new.need.child');
  if (form.standing === 'company' && !form.organisation_number.trim())
    add('standing-organisation_number', 'new.need.organisation');
  if (form.method !== 'not_yet' && !form.note.trim()) add('identity-note', 'identity.need.note');
  return found;
}

/** A request that came another way than the portal, with its real time of receipt. */
export function NewCasePage() {
  const { t, locale } = useT();
  const [form, setForm] = useState(() => emptyForm(locale));
  const [mail, setMail] = useState<Parsed>();
  return (
    <Page title={t('new.title')} suffix={t('app.name')} className="stack readable">
      <Paragraph>{t('new.lead')}</Paragraph>
      <MailReader
        onRead={(read) => {
          setMail(read);
          setForm((now) => withMail(now, read, mail));
        }}
      />
      {mail && <MailResult mail={mail} form={form} />}
      <CaseForm form={form} set={(part) => setForm((now) => ({ ...now, ...part }))} />
    </Page>
  );
}

/** Takes a pasted mail or a dropped .eml and has the server read it. Nothing is kept by that. */
function MailReader({ onRead }: { onRead: (mail: Parsed) => void }) {
  const { t } = useT();
  const [raw, setRaw] = useState('');
  const [over, setOver] = useState(false);
  const [missing, setMissing] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const parse = useAct(
    (body: Schemas['ParseMail']) => unwrap(api.POST('/staff/mail/parse', { body })),
    onRead,
  );
  const read = (text: string) => {
    setMissing(!text.trim());
    if (text.trim()) parse.act({ raw: text });
  };
  const take = async (dropped: File | undefined) => {
    if (!dropped) return;
    setMissing(dropped.size === 0);
    if (dropped.size > 0) parse.act({ file: await mailFile(dropped) });
    // The same file may be chosen again.
    if (file.current) file.current.value = '';
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) take(dropped);
    else setRaw(event.dataTransfer.getData('text'));
  };
  return (
    <section
      className="mail-reader stack"
      data-over={over ? '' : undefined}
      aria-labelledby="mail-title"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Heading level={2} data-size="xs" id="mail-title">
        {t('mail.title')}
      </Heading>
      <TextArea
        id="mail-raw"
        label={t('mail.label')}
        description={t('mail.help')}
        rows={4}
        maxLength={1_000_000}
        value={raw}
        onChange={setRaw}
        errors={missing ? [{ field: 'mail-raw', message: t('mail.need') }] : []}
      />
      <ProblemAlert error={parse.error} focus />
      <div className="buttons">
        <Button variant="secondary" data-size="sm" loading={parse.busy} onClick={() => read(raw)}>
          {t('mail.read')}
        </Button>
        <Button variant="tertiary" data-size="sm" onClick={() => file.current?.click()}>
          {t('mail.file')}
        </Button>
        <input
          ref={file}
          type="file"
          accept=".eml,message/rfc822,text/plain"
          hidden
          onChange={(event) => take(event.target.files?.[0])}
        />
      </div>
    </section>
  );
}

/** What the mail said besides the fields, and the case that it seems to belong to. */
function MailResult({ mail, form }: { mail: Parsed; form: Form }) {
  const { t } = useT();
  const say = useNotice();
  const navigate = useNavigate();
  const client = useQueryClient();
  const add = useAct(
    (id: string) => {
      const when = readWhen(form.when);
      return unwrap(
        api.POST('/staff/cases/{id}/reply', {
          params: { path: { id } },
          body: {
            text: form.text.trim() || mail.text,
            received_at: 'at' in when ? when.at : new Date().toISOString(),
            answers_question: true,
          },
        }),
      );
    },
    (_, id) => {
      say(t('reply.done'));
      client.invalidateQueries({ queryKey: ['case', id] });
      navigate({ to: '/cases/$id', params: { id } });
    },
  );
  return (
    <div className="stack" role="status">
      {mail.case_id && (
        <Alert data-color="info">
          <Heading level={2} data-size="2xs">
            {t('mail.belongs', { reference: mail.reference ?? '' })}
          </Heading>
          <Paragraph>{t('mail.belongs.text')}</Paragraph>
          <ProblemAlert error={add.error} />
          <div className="buttons">
            <Button data-size="sm" loading={add.busy} onClick={() => add.act(mail.case_id ?? '')}>
              {t('mail.belongs.add')}
            </Button>
            <Link to="/cases/$id" params={{ id: mail.case_id }} className="ds-link">
              {t('mail.belongs.open')}
            </Link>
          </div>
        </Alert>
      )}
      {(mail.warnings?.length ?? 0) > 0 && (
        <Alert data-color="warning">
          <Heading level={2} data-size="2xs">
            {t('mail.warnings')}
          </Heading>
          <ul>
            {mail.warnings?.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      <p>{t('mail.filled')}</p>
    </div>
  );
}

interface FormProps {
  form: Form;
  set: (part: Partial<Form>) => void;
}

function CaseForm({ form, set }: FormProps) {
  const { t } = useT();
  const say = useNotice();
  const navigate = useNavigate();
  const client = useQueryClient();
  const key = useRef(newKey());
  const [missing, setMissing] = useState<FieldError[]>([]);
  const register = useAct(
    (received_at: string) =>
      unwrap(
        api.POST('/staff/cases', {
          params: { header: { 'Idempotency-Key': key.current } },
          body: toBody(form, received_at),
        }),
      ),
    ({ cases }) => {
      client.invalidateQueries({ queryKey: ['inbox'] });
      say(t('new.done', { references: cases.map((each) => each.reference).join(', ') }));
      const first = cases[0];
      if (first) navigate({ to: '/cases/$id', params: { id: first.id } });
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const when = readWhen(form.when);
    const found = faults(form, when).map(({ field, key: text }) => ({ field, message: t(text) }));
    setMissing(found);
    if (found.length > 0 || !('at' in when)) return;
    // Once the server has answered, a changed form is another request. Without an answer the first
    // may have arrived, and the same key keeps it from being registered twice.
    if (register.error instanceof ApiError && !register.error.offline) key.current = newKey();
    register.act(when.at);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('case', register.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Failure error={missing.length > 0 ? undefined : register.error} fields={errors} />
      <WhatPart form={form} set={set} errors={errors} />
      <WhoPart form={form} set={set} errors={errors} />
      {form.standing !== 'company' && <IdentityPart form={form} set={set} errors={errors} />}
      <DeliveryPart form={form} set={set} />
      <div className="buttons">
        <Button type="submit" loading={register.busy}>
          {t('new.submit')}
        </Button>
      </div>
    </form>
  );
}

type PartProps = FormProps & { errors: readonly FieldError[] };

function WhatPart({ form, set, errors }: PartProps) {
  const { t } = useT();
  const rightsWrong = errorOf(errors, 'case-rights');
  const toggle = (right: Right, on: boolean) =>
    set({ rights: rights.filter((r) => (r === right ? on : form.rights.includes(r))) });
  return (
    <section className="stack" aria-labelledby="new-what">
      <Heading level={2} data-size="xs" id="new-what">
        {t('new.what')}
      </Heading>
      <fieldset className="ds-fieldset inline">
        <legend className="ds-label">{t('new.channel')}</legend>
        {channels.map((each) => (
          <Radio
            key={each}
            name="case-channel"
            label={t(channelText[each])}
            value={each}
            checked={form.channel === each}
            onChange={() => set({ channel: each })}
          />
        ))}
      </fieldset>
      <fieldset className="ds-fieldset inline" id="case-rights" tabIndex={-1}>
        <legend className="ds-label">{t('new.rights')}</legend>
        {rightsWrong && <ValidationMessage>{rightsWrong}</ValidationMessage>}
        {rights.map((each) => (
          <CheckLine
            key={each}
            id={`case-right-${each}`}
            label={t(rightText[each])}
            checked={form.rights.includes(each)}
            onChange={(on) => toggle(each, on)}
          />
        ))}
      </fieldset>
      <DetailPart form={form} set={set} errors={errors} />
      <WhenInput
        id="case-received_at"
        label={t('field.received')}
        value={form.when}
        onChange={(when) => set({ when })}
        errors={errors}
      />
      <p className="under">{t('new.received.help')}</p>
      <TextArea
        id="case-text"
        label={t('new.text')}
        description={t('new.text.help')}
        rows={6}
        maxLength={100_000}
        value={form.text}
        onChange={(text) => set({ text })}
        errors={errors}
      />
      {form.rights.includes('rectification') && (
        <CheckLine
          id="case-meanwhile"
          label={t('new.meanwhile')}
          checked={form.meanwhile}
          onChange={(meanwhile) => set({ meanwhile })}
        />
      )}
    </section>
  );
}

const grounds: readonly Ground[] = ['accuracy', 'unlawful', 'claims', 'objection'];

/** What belongs to the chosen rights, and only that. */
function DetailPart({ form, set, errors }: PartProps) {
  const { t } = useT();
  const wrong = errorOf(errors, 'case-objection');
  return (
    <>
      {form.rights.includes('objection') && (
        <fieldset className="ds-fieldset inline" id="case-objection" tabIndex={-1}>
          <legend className="ds-label">{t('new.objection')}</legend>
          {wrong && <ValidationMessage>{wrong}</ValidationMessage>}
          {(['marketing', 'other'] as const).map((each) => (
            <Radio
              key={each}
              name="case-objection"
              label={t(`new.objection.${each}`)}
              value={each}
              checked={form.objection === each}
              onChange={() => set({ objection: each })}
            />
          ))}
        </fieldset>
      )}
      {form.rights.includes('restriction') && (
        <Pick
          id="case-ground"
          label={t('new.ground')}
          value={form.ground}
          onChange={(ground) => set({ ground: ground as Form['ground'] })}
          errors={errors}
          options={[
            ['', t('new.ground.none')],
            ...grounds.map((each) => [each, t(`new.ground.${each}`)] as const),
          ]}
        />
      )}
      {inParts(form).length > 0 && <ActivitiesPart form={form} set={set} errors={errors} />}
      {form.rights.includes('portability') && (
        <TextInput
          id="case-recipient"
          label={t('new.recipient')}
          description={t('new.recipient.help')}
          maxLength={1_000}
          value={form.recipient}
          onChange={(recipient) => set({ recipient })}
          errors={errors}
        />
      )}
    </>
  );
}

/** Which activities of the register, of those that one of the rights exists for. */
function ActivitiesPart({ form, set, errors }: PartProps) {
  const { t, locale } = useT();
  const rules = useQuery({
    queryKey: ['rules', locale],
    queryFn: () => unwrap(api.GET('/rules', { params: { query: { locale } } })),
    staleTime: 300_000,
  });
  const chosen = inParts(form);
  const offered = (rules.data?.rules ?? []).filter((rule) =>
    chosen.some((right) => rule.rights.includes(right)),
  );
  const wrong = errorOf(errors, 'case-activities');
  const toggle = (activity: string, on: boolean) =>
    set({
      activities: offered
        .map((rule) => rule.activity)
        .filter((each) => (each === activity ? on : form.activities.includes(each))),
    });
  return (
    <fieldset className="ds-fieldset" id="case-activities" tabIndex={-1}>
      <legend className="ds-label">{t('new.parts')}</legend>
      {!chosen.includes('objection') && <p className="under">{t('new.parts.help')}</p>}
      {wrong && <ValidationMessage>{wrong}</ValidationMessage>}
      <ProblemAlert error={rules.error} />
      {offered.map((rule) => (
        <CheckLine
          key={rule.activity}
          id={`case-activity-${rule.activity}`}
          label={rule.name}
          checked={form.activities.includes(rule.activity)}
          onChange={(on) => toggle(rule.activity, on)}
        />
      ))}
    </fieldset>
  );
}

function WhoPart({ form, set, errors }: PartProps) {
  const { t } = useT();
  return (
    <section className="stack" aria-labelledby="new-who">
      <Heading level={2} data-size="xs" id="new-who">
        {t('new.who')}
      </Heading>
      <Paragraph data-size="sm">{t('new.who.help')}</Paragraph>
      <StandingPart form={form} set={set} errors={errors} />
      <div className="pair">
        <TextInput
          id="case-name"
          label={t('field.name')}
          maxLength={200}
          value={form.name}
          onChange={(name) => set({ name })}
          errors={errors}
        />
        <TextInput
          id="case-email"
          type="email"
          label={t('field.email')}
          maxLength={254}
          value={form.email}
          onChange={(email) => set({ email })}
          errors={errors}
        />
        <TextInput
          id="case-phone"
          type="tel"
          label={t('field.phone')}
          maxLength={40}
          value={form.phone}
          onChange={(phone) => set({ phone })}
          errors={errors}
        />
        <TextInput
          id="case-customer_number"
          label={t('field.customer')}
          maxLength={60}
          value={form.customer_number}
          onChange={(customer_number) => set({ customer_number })}
          errors={errors}
        />
      </div>
      <TextArea
        id="case-postal_address"
        label={t('field.postal')}
        rows={2}
        maxLength={500}
        value={form.postal_address}
        onChange={(postal_address) => set({ postal_address })}
        errors={errors}
      />
      <EarlierCases email={form.email} />
      <Pick
        id="case-locale"
        label={t('new.language')}
        className="narrow"
        value={form.locale}
        onChange={(locale) => set({ locale: locale as Locale })}
        options={Object.entries(localeNames)}
      />
    </section>
  );
}

/** Who asks: one choice, and what belongs to it. */
function StandingPart({ form, set, errors }: PartProps) {
  const { t } = useT();
  const kind = form.standing;
  return (
    <>
      <Pick
        id="case-standing-kind"
        label={t('new.standing')}
        className="narrow"
        value={kind}
        onChange={(next) =>
          set({
            standing: next as Standing,
            ...(next === 'company' ? { method: 'not_yet' as const } : {}),
          })
        }
        errors={errors}
        options={standings.map((each) => [each, t(standingText[each])] as const)}
      />
      {ofChild(kind) && (
        <Pick
          id="case-standing-child_age"
          label={t('new.child')}
          className="narrow"
          value={form.child_age}
          onChange={(age) => set({ child_age: age as Form['child_age'] })}
          errors={errors}
          options={[
            ['', t('common.pick')],
            ['under', t('new.child.under')],
            ['over', t('new.child.over')],
          ]}
        />
      )}
      {organised(kind) && (
        <TextInput
          id="case-standing-organisation_number"
          label={t('new.organisation')}
          className="narrow"
          maxLength={30}
          value={form.organisation_number}
          onChange={(organisation_number) => set({ organisation_number })}
          errors={errors}
        />
      )}
      {forOther(kind) && (
        <div className="pair">
          <TextInput
            id="case-standing-asker_name"
            label={t('new.asker.name')}
            maxLength={200}
            value={form.asker_name}
            onChange={(asker_name) => set({ asker_name })}
            errors={errors}
          />
          <TextInput
            id="case-standing-asker_email"
            type="email"
            label={t('new.asker.email')}
            maxLength={254}
            value={form.asker_email}
            onChange={(asker_email) => set({ asker_email })}
            errors={errors}
          />
        </div>
      )}
    </>
  );
}

/** The cases that the person has had: a reminder is no new request. */
function EarlierCases({ email }: { email: string }) {
  const { t, date } = useT();
  const address = email.trim();
  const found = useQuery({
    queryKey: ['earlier', address],
    queryFn: () =>
      unwrap(
        api.POST('/staff/earlier-cases', {
          body: { contacts: [{ kind: 'email', value: address }] },
        }),
      ),
    enabled: /^\S+@\S+\.\S+$/.test(address),
    retry: false,
    staleTime: 60_000,
  });
  const cases = found.data?.cases ?? [];
  if (cases.length === 0) return null;
  return (
    <Alert data-color="info" role="status">
      <Heading level={3} data-size="2xs">
        {t('new.earlier')}
      </Heading>
      <Paragraph>{t('new.earlier.text')}</Paragraph>
      <ul>
        {cases.map((each) => (
          <li key={each.id}>
            <Link to="/cases/$id" params={{ id: each.id }} className="ds-link">
              {each.reference}
            </Link>{' '}
            {t('refuse.earlier.line', {
              date: date(each.received_at),
              right: t(rightText[each.right]),
              step: each.step_text,
            })}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function IdentityPart({ form, set, errors }: PartProps) {
  const { t } = useT();
  return (
    <section className="stack" aria-labelledby="new-identity">
      <Heading level={2} data-size="xs" id="new-identity">
        {t('identity.title')}
      </Heading>
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('identity.method')}</legend>
        {methods.map((each) => (
          <Radio
            key={each}
            name="case-method"
            label={t(methodText[each])}
            value={each}
            checked={form.method === each}
            onChange={() => set({ method: each })}
          />
        ))}
      </fieldset>
      {form.method !== 'not_yet' && (
        <TextArea
          id="case-identity-note"
          label={t('identity.note')}
          description={t('identity.note.help')}
          rows={2}
          maxLength={1_000}
          value={form.note}
          onChange={(note) => set({ note })}
          errors={errors}
        />
      )}
    </section>
  );
}

function DeliveryPart({ form, set }: FormProps) {
  const { t } = useT();
  return (
    <fieldset className="ds-fieldset">
      <legend className="ds-label">{t('new.delivery')}</legend>
      <Radio
        name="case-delivery"
        label={t('new.delivery.portal')}
        description={t('new.delivery.portal.help')}
        value="portal"
        checked={!form.paper}
        onChange={() => set({ paper: false })}
      />
      <Radio
        name="case-delivery"
        label={t('new.delivery.paper')}
        description={t('new.delivery.paper.help')}
        value="paper"
        checked={form.paper}
        onChange={() => set({ paper: true })}
      />
    </fieldset>
  );
}
