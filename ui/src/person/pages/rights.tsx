import { Alert, Button, Fieldset, Radio, Textfield } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useReducer, useState } from 'react';
import type { Schemas } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { Waiting } from '../../shared/waiting';
import { About } from '../about';
import { Also, alsoOf } from '../also';
import { AskedBefore } from '../askedBefore';
import { LongField, NameField } from '../fields';
import { ForWhomLine } from '../forWhomLine';
import { type Ground, type ScopeDraft, useDraft } from '../kept';
import { PersonPage, SignedInOnly } from '../personPage';
import { usePortal, useRules } from '../portal';
import {
  allOf,
  emptyScope,
  has,
  Invalid,
  Parts,
  partsOf,
  type Rule,
  Scope,
  scopeSlip,
} from '../scope';
import { optional, useSend } from '../send';
import { SendFailure } from '../sendFailure';
import { named } from '../standing';
import { useText } from '../text';
import { NotFound } from './lost';

/** The rights that are asked for on one page, with one button. */
type OnePage = 'restriction' | 'portability' | 'objection' | 'withdrawal' | 'human_review';

interface FormProps {
  right: OnePage;
  email: string;
  /** What of the draft goes along, beyond the parts, the words and the name. */
  extra?: (draft: ScopeDraft) => Partial<Schemas['NewRequest']>;
  /** What is missing. */
  slips?: (draft: ScopeDraft) => FieldError[];
  /** Whether the person's own words are asked for. */
  words?: (draft: ScopeDraft) => boolean;
  /** What is told before anything is asked. */
  lead?: ReactNode;
  /** What is chosen. */
  choose: (form: {
    draft: ScopeDraft;
    change: (part: Partial<ScopeDraft>) => void;
    errors: FieldError[];
  }) => ReactNode;
}

function RightForm({ right, email, extra, slips, words, lead, choose }: FormProps) {
  const { t, locale } = useText();
  const { deadline_text, rights } = usePortal();
  const [draft, change] = useDraft(right, emptyScope);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { send, busy, failure } = useSend();
  if (!rights.includes(right)) return <NotFound />;
  const asksWords = words?.(draft) ?? true;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = slips?.(draft) ?? [];
    if (scopeSlip(draft)) found.push({ field: 'parts', message: t('scope.none') });
    setErrors(found);
    if (found.length > 0) return;
    const { name, text } = optional(draft);
    const written = { ...(name ? { name } : {}), ...(text && asksWords ? { text } : {}) };
    const body = { right, locale, ...partsOf(draft), ...alsoOf(draft), ...written };
    void send({ ...body, ...extra?.(draft) }, draft.key);
  };
  return (
    <PersonPage title={t(`ask.${right}.title`)} back="/">
      <About email={email} right={right} />
      <ForWhomLine right={right} onCleared={again} />
      <AskedBefore right={right} />
      {lead}
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        {choose({ draft, change, errors })}
        {right !== 'withdrawal' && asksWords && (
          <LongField
            id="text"
            label={t(`ask.${right}.text`)}
            hint={t(`ask.${right}.text.hint`)}
            value={draft.text}
            onChange={(text) => change({ text })}
          />
        )}
        {right !== 'human_review' && <Also right={right} draft={draft} change={change} />}
        {!named(right) && <NameField value={draft.name} onChange={(name) => change({ name })} />}
        <p>{t('request.due', { date: deadline_text })}</p>
        <SendFailure error={failure} />
        <div className="actions">
          <Button type="submit" loading={busy}>
            {t(right === 'withdrawal' ? 'withdrawal.send' : 'request.send')}
          </Button>
        </div>
      </form>
    </PersonPage>
  );
}

const grounds = [
  'accuracy',
  'unlawful',
  'claims',
  'objection',
] as const satisfies readonly Ground[];

/** Asking that data are stored and not used: why, and which. */
export function Restriction() {
  const { t } = useText();
  const slips = (draft: ScopeDraft) =>
    draft.ground ? [] : [{ field: 'ground', message: t('restriction.ground.need') }];
  return (
    <SignedInOnly>
      {(me) => (
        <RightForm
          right="restriction"
          email={me.email}
          slips={slips}
          extra={(draft) => (draft.ground ? { ground: draft.ground } : {})}
          lead={<p>{t('restriction.lead')}</p>}
          choose={({ draft, change, errors }) => {
            const error = errorOf(errors, 'ground');
            const parts = errorOf(errors, 'parts');
            return (
              <>
                <Fieldset>
                  <Fieldset.Legend>{t('restriction.ground')}</Fieldset.Legend>
                  {grounds.map((ground, index) => (
                    <Radio
                      key={ground}
                      {...(index === 0 ? { id: 'ground' } : {})}
                      name="ground"
                      value={ground}
                      label={t(`restriction.ground.${ground}`)}
                      checked={draft.ground === ground}
                      onChange={() => change({ ground })}
                    />
                  ))}
                  {error && <Invalid>{error}</Invalid>}
                </Fieldset>
                <Scope
                  draft={draft}
                  change={change}
                  legend={t('restriction.scope')}
                  allLabel={t(allOf('restriction'))}
                  partLabel={t('restriction.part')}
                  partsLegend={t('restriction.parts')}
                  {...(parts ? { error: parts } : {})}
                />
              </>
            );
          }}
        />
      )}
    </SignedInOnly>
  );
}

/** Asking for what one gave, in files for another system. */
export function Portability() {
  const { t } = useText();
  return (
    <SignedInOnly>
      {(me) => (
        <RightForm
          right="portability"
          email={me.email}
          extra={({ recipient }) => (recipient?.trim() ? { recipient: recipient.trim() } : {})}
          lead={<p>{t('portability.lead')}</p>}
          choose={({ draft, change, errors }) => {
            const parts = errorOf(errors, 'parts');
            return (
              <>
                <Scope
                  draft={draft}
                  change={change}
                  fits={has('portability')}
                  legend={t('portability.scope')}
                  allLabel={t('portability.all')}
                  partLabel={t('portability.part')}
                  partsLegend={t('portability.parts')}
                  {...(parts ? { error: parts } : {})}
                />
                <Textfield
                  label={t('portability.recipient')}
                  description={t('portability.recipient.hint')}
                  maxLength={1_000}
                  value={draft.recipient ?? ''}
                  onChange={(event) => change({ recipient: event.target.value })}
                />
              </>
            );
          }}
        />
      )}
    </SignedInOnly>
  );
}

/** Taking back a consent: everything is chosen already, so one button is enough. */
export function Withdrawal() {
  const { t } = useText();
  return (
    <SignedInOnly>
      {(me) => (
        <RightForm
          right="withdrawal"
          email={me.email}
          lead={<p>{t('withdrawal.lead')}</p>}
          choose={({ draft, change, errors }) => {
            const parts = errorOf(errors, 'parts');
            return (
              <Scope
                draft={draft}
                change={change}
                fits={has('withdrawal')}
                legend={t('withdrawal.scope')}
                allLabel={t('withdrawal.all')}
                partLabel={t('withdrawal.part')}
                partsLegend={t('withdrawal.parts')}
                {...(parts ? { error: parts } : {})}
              />
            );
          }}
        />
      )}
    </SignedInOnly>
  );
}

/** Asking that a person looks at what a machine decided. */
export function HumanReview() {
  const { t } = useText();
  const { data: rules } = useRules();
  const automated = (rules ?? []).filter(has('human_review'));
  return (
    <SignedInOnly>
      {(me) => (
        <RightForm
          right="human_review"
          email={me.email}
          lead={<p>{t('human_review.lead')}</p>}
          choose={() => (
            <ul className="cards">
              {automated.map((rule) => (
                <li key={rule.activity}>
                  <h3>{rule.name}</h3>
                  <p>{rule.automated}</p>
                </li>
              ))}
            </ul>
          )}
        />
      )}
    </SignedInOnly>
  );
}

/** Objecting: to marketing, which ends at once, or to other use, which is weighed. */
export function Objection() {
  const { data: rules } = useRules();
  return (
    <SignedInOnly>
      {(me) => (rules ? <ObjectionForm email={me.email} rules={rules} /> : <Waiting />)}
    </SignedInOnly>
  );
}

function ObjectionForm({ email, rules }: { email: string; rules: readonly Rule[] }) {
  const { t } = useText();
  const marketing = rules.some((rule) => rule.marketing);
  const weighed = (rule: Rule) => has('objection')(rule) && !rule.marketing;
  const other = rules.some(weighed);
  const toMarketing = (draft: ScopeDraft) => (draft.marketing ?? true) && marketing;
  return (
    <RightForm
      right="objection"
      email={email}
      words={(draft) => !toMarketing(draft)}
      slips={(draft) =>
        toMarketing(draft) || draft.activities.length > 0
          ? []
          : [{ field: 'parts', message: t('scope.none') }]
      }
      extra={(draft) =>
        toMarketing(draft) ? { advertising: true } : { activities: draft.activities }
      }
      choose={({ draft, change, errors }) => {
        const error = errorOf(errors, 'parts');
        return (
          <>
            {marketing && other && (
              <Fieldset>
                <Fieldset.Legend>{t('objection.what')}</Fieldset.Legend>
                <Radio
                  name="what"
                  value="marketing"
                  label={t('objection.marketing')}
                  description={t('objection.marketing.text')}
                  checked={toMarketing(draft)}
                  onChange={() => change({ marketing: true })}
                />
                <Radio
                  name="what"
                  value="other"
                  label={t('objection.other')}
                  description={t('objection.other.text')}
                  checked={!toMarketing(draft)}
                  onChange={() => change({ marketing: false })}
                />
              </Fieldset>
            )}
            {toMarketing(draft) ? (
              !other && <p>{t('objection.marketing.text')}</p>
            ) : (
              <>
                <Parts
                  draft={draft}
                  change={change}
                  legend={t('objection.parts')}
                  fits={weighed}
                  {...(error ? { error } : {})}
                />
                <Elsewhere rules={rules.filter((rule) => !has('objection')(rule))} />
              </>
            )}
          </>
        );
      }}
    />
  );
}

/** Where one cannot object, and which right leads on there. */
function Elsewhere({ rules }: { rules: readonly Rule[] }) {
  const { t } = useText();
  const { rights } = usePortal();
  if (rules.length === 0) return null;
  return (
    <Alert data-color="info">
      <p>{t('objection.elsewhere', { names: rules.map((rule) => rule.name).join(', ') })}</p>
      <p>
        {rights.includes('withdrawal') && (
          <>
            <Link to="/request/withdrawal">{t('right.withdrawal')}</Link>
            {' · '}
          </>
        )}
        <Link to="/request/erasure">{t('right.erasure')}</Link>
      </p>
    </Alert>
  );
}
