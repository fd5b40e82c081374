import { Alert, Button, Checkbox, Heading, Textfield } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useReducer, useState } from 'react';
import { ApiError, api, newKey, type Schemas, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { Waiting } from '../../shared/waiting';
import { About } from '../about';
import { Also, AlsoChosen, alsoOf } from '../also';
import { AskedBefore } from '../askedBefore';
import {
  byPurpose,
  type Change,
  changes,
  corrections,
  type KeyedField,
  keyed,
  unfinished,
} from '../corrections';
import { LongField, NameField } from '../fields';
import { ForWhomLine } from '../forWhomLine';
import { type RectificationDraft, readKept, useDraft } from '../kept';
import { PersonPage, SignedInOnly } from '../personPage';
import { usePortal } from '../portal';
import { forgetCode, provedUntil } from '../proof';
import { optional, useSend } from '../send';
import { SendFailure } from '../sendFailure';
import type { Me } from '../session';
import { apart, keptStanding, named } from '../standing';
import { StepUp } from '../stepUp';
import { useText } from '../text';

const fieldsKey = ['fields'] as const;

const emptyDraft = (): RectificationDraft => ({
  values: {},
  meanwhile: false,
  text: '',
  name: '',
  key: newKey(),
});

interface Held {
  state: Schemas['MyFields']['state'] | 'skipped';
  fields: KeyedField[];
}

async function readHeld(): Promise<Held> {
  const { state, fields } = await unwrap(api.GET('/me/fields'));
  return { state, fields: keyed(fields) };
}

/**
 * What is held, as far as it has been shown in this window. It is never asked for by itself: the
 * fields come after a fresh code only, and are forgotten with the page.
 */
function useHeld() {
  return useQuery({
    queryKey: fieldsKey,
    queryFn: readHeld,
    enabled: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10 * 60_000,
  }).data;
}

export function Rectification() {
  return <SignedInOnly>{(me) => <RectificationSteps me={me} />}</SignedInOnly>;
}

function RectificationSteps({ me }: { me: Me }) {
  const held = useHeld();
  const [, again] = useReducer((n: number) => n + 1, 0);
  // Whoever asks for somebody else sees nothing of their own, and corrects nothing of it.
  if (apart(keptStanding('rectification'))) {
    return <Correct held={{ state: 'skipped', fields: [] }} onCleared={again} />;
  }
  return held ? <Correct held={held} /> : <Prove me={me} />;
}

/** Shows what is held, to whoever gave a fresh code in the last minutes. */
function useShow(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    try {
      await client.fetchQuery({ queryKey: fieldsKey, queryFn: readHeld });
    } catch (error) {
      const refused = error instanceof ApiError && [0, 401, 403, 429].includes(error.status);
      if (refused) throw error;
      // Proved, but nothing can be shown just now: words will do.
      client.setQueryData<Held>(fieldsKey, { state: 'unavailable', fields: [] });
    }
  };
}

/** Shows them again after a reload, while the code that was given still holds. */
function useShownBefore(show: () => Promise<void>): boolean {
  const [opening, setOpening] = useState(
    () => provedUntil({ kind: 'fields' }, Date.now()) !== undefined,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the page opens
  useEffect(() => {
    if (!opening) return;
    show().catch(() => {
      forgetCode({ kind: 'fields' });
      setOpening(false);
    });
  }, []);
  return opening;
}

/** Before anything is shown: one more code, or in words without. */
function Prove({ me }: { me: Me }) {
  const { t } = useText();
  const client = useQueryClient();
  const show = useShow();
  const opening = useShownBefore(show);
  return (
    <PersonPage title={t('rect.prove.title')} back="/">
      <p>{t('rect.prove.text')}</p>
      <ForWhomLine right="rectification" />
      <AskedBefore right="rectification" />
      {opening ? (
        <Waiting />
      ) : (
        <StepUp
          purpose={{ kind: 'fields' }}
          email={me.email}
          before={
            <p>
              {t('rect.prove.why')} <strong className="address">{me.email}</strong>
            </p>
          }
          startLabel={t('rect.prove.start')}
          submitLabel={t('rect.prove.submit')}
          onDone={show}
        />
      )}
      <p>
        <Button
          variant="tertiary"
          onClick={() => client.setQueryData<Held>(fieldsKey, { state: 'skipped', fields: [] })}
        >
          {t('rect.prove.skip')}
        </Button>
      </p>
    </PersonPage>
  );
}

/** Which fields are wrong, and what else is. */
function Correct({ held, onCleared }: { held: Held; onCleared?: () => void }) {
  const { t } = useText();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, change] = useDraft('rectification', emptyDraft);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const shown = held.fields.length > 0;
  const setValue = (key: string, value: string | undefined) => {
    const { [key]: _, ...values } = draft.values;
    change({ values: value === undefined ? values : { ...values, [key]: value } });
  };
  const check = (): FieldError[] => {
    const found = unfinished(draft, held.fields).map((field) => ({
      field: fieldId(held.fields.indexOf(field)),
      message: t('rect.value.empty', { label: field.label }),
    }));
    if (found.length > 0) return found;
    const nothing = changes(draft, held.fields).length === 0 && draft.text.trim() === '';
    return nothing
      ? [{ field: 'text', message: t(shown ? 'rect.nothing' : 'rect.text.empty') }]
      : [];
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = check();
    setErrors(found);
    if (found.length > 0) return;
    change({});
    void navigate({ to: '/request/rectification/review' });
  };
  return (
    <PersonPage title={t('rect.title')} back="/">
      <p>{t(shown ? 'rect.shown' : 'rect.described')}</p>
      <ForWhomLine right="rectification" {...(onCleared ? { onCleared } : {})} />
      {(held.state === 'nothing' || held.state === 'several_people') && (
        <Alert data-color="info">{t('rect.none')}</Alert>
      )}
      {held.state === 'unavailable' && <Alert data-color="warning">{t('rect.unavailable')}</Alert>}
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        <FieldList held={held} draft={draft} setValue={setValue} errors={errors} />
        <LongField
          id="text"
          label={t(shown ? 'rect.other' : 'rect.text')}
          hint={t('rect.text.hint')}
          rows={shown ? 4 : 6}
          value={draft.text}
          onChange={(text) => change({ text })}
          error={errorOf(errors, 'text')}
        />
        <Checkbox
          label={t('rect.meanwhile')}
          description={t('rect.meanwhile.hint')}
          value="meanwhile"
          checked={draft.meanwhile ?? false}
          onChange={(event) => change({ meanwhile: event.target.checked })}
        />
        <Also right="rectification" draft={draft} change={change} />
        {!named('rectification') && (
          <NameField value={draft.name} onChange={(name) => change({ name })} />
        )}
        <div className="actions">
          <Button type="submit">{t('rect.next')}</Button>
          {!shown && !apart(keptStanding('rectification')) && (
            <Button
              variant="tertiary"
              type="button"
              onClick={() => client.removeQueries({ queryKey: fieldsKey })}
            >
              {t('rect.prove.instead')}
            </Button>
          )}
        </div>
      </form>
    </PersonPage>
  );
}

const fieldId = (index: number) => `field-${index}`;

interface FieldListProps {
  held: Held;
  draft: RectificationDraft;
  setValue: (key: string, value: string | undefined) => void;
  errors: readonly FieldError[];
}

function FieldList({ held, draft, setValue, errors }: FieldListProps) {
  return byPurpose(held.fields).map(([purpose, fields]) => (
    <section key={purpose} className="held">
      <Heading level={2} data-size="xs">
        {purpose}
      </Heading>
      <ul>
        {fields.map((field) => {
          const id = fieldId(held.fields.indexOf(field));
          return (
            <HeldField
              key={field.key}
              id={id}
              field={field}
              value={draft.values[field.key]}
              onChange={(value) => setValue(field.key, value)}
              error={errorOf(errors, id)}
            />
          );
        })}
      </ul>
    </section>
  ));
}

interface HeldFieldProps {
  id: string;
  field: KeyedField;
  /** The new value, or undefined while the field is not said to be wrong. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error: string | undefined;
}

function HeldField({ id, field, value, onChange, error }: HeldFieldProps) {
  const { t } = useText();
  const wrong = value !== undefined;
  return (
    <li>
      <div className="held-value">
        <div>
          <span className="held-label">{field.label}</span>
          <span className="held-now">{field.value || t('rect.empty')}</span>
          {field.system && <span className="quiet">{field.system}</span>}
        </div>
        <Button
          type="button"
          variant="secondary"
          data-size="sm"
          onClick={() => onChange(wrong ? undefined : '')}
        >
          {t(wrong ? 'rect.right' : 'rect.wrong')}
          <span className="visually-hidden"> {field.label}</span>
        </Button>
      </div>
      {wrong && (
        <Textfield
          id={id}
          label={t('rect.value', { label: field.label })}
          value={value}
          maxLength={4000}
          autoComplete="off"
          // The person has just asked for this field.
          autoFocus={value === ''}
          onChange={(event) => onChange(event.target.value)}
          {...(error ? { error } : {})}
        />
      )}
    </li>
  );
}

export function RectificationReview() {
  return <SignedInOnly>{(me) => <Review me={me} />}</SignedInOnly>;
}

function Review({ me }: { me: Me }) {
  const { t, locale } = useText();
  const { deadline_text } = usePortal();
  const held = useHeld();
  const [draft] = useDraft('rectification', emptyDraft);
  const { send, busy, failure } = useSend();
  // After a reload the fields are gone from memory: prove the address once more, nothing typed is lost.
  if (!held || (!busy && !readKept('rectification'))) {
    return <Navigate to="/request/rectification" replace />;
  }
  const changed = changes(draft, held.fields);
  const wanted = corrections(changed);
  return (
    <PersonPage title={t('rect.review.title')} back="/request/rectification">
      <About email={me.email} right="rectification" />
      {changed.length > 0 && <Changes changed={changed} />}
      {draft.text.trim() && (
        <section className="stack tight">
          <Heading level={2} data-size="xs">
            {t('review.text')}
          </Heading>
          <p className="lines">{draft.text.trim()}</p>
        </section>
      )}
      {alsoOf(draft).also && (
        <ul className="plain">
          <AlsoChosen right="rectification" draft={draft} />
        </ul>
      )}
      {draft.meanwhile && <p>{t('rect.review.meanwhile')}</p>}
      <p>{t('rect.review.after')}</p>
      <p>{t('request.due', { date: deadline_text })}</p>
      <SendFailure error={failure} />
      <div className="actions">
        <Button
          loading={busy}
          onClick={() =>
            void send(
              {
                right: 'rectification',
                locale,
                ...(wanted.length > 0 ? { corrections: wanted } : {}),
                ...alsoOf(draft),
                ...(draft.meanwhile ? { meanwhile: true } : {}),
                ...optional(draft),
              },
              draft.key,
            )
          }
        >
          {t('request.send')}
        </Button>
      </div>
    </PersonPage>
  );
}

/** Old and new, one under the other. */
function Changes({ changed }: { changed: readonly Change[] }) {
  const { t } = useText();
  return (
    <ul className="cards">
      {changed.map(({ field, newValue }) => (
        <li key={field.key}>
          <h2>{field.label}</h2>
          <p className="quiet beside">
            <span>{field.purpose}</span>
            {field.system && <span>{field.system}</span>}
          </p>
          <dl className="old-new">
            <div>
              <dt>{t('rect.old')}</dt>
              <dd>
                <del>{field.value || t('rect.empty')}</del>
              </dd>
            </div>
            <div>
              <dt>{t('rect.new')}</dt>
              <dd>
                <ins>{newValue}</ins>
              </dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
