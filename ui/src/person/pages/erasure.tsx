import { Alert, Button, Heading, Tag } from '@digdir/designsystemet-react';
import { Link, Navigate, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useReducer, useState } from 'react';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { About } from '../about';
import { Also, AlsoChosen, alsoOf } from '../also';
import { AskedBefore } from '../askedBefore';
import { LongField, NameField } from '../fields';
import { ForWhomLine } from '../forWhomLine';
import { readKept, useDraft } from '../kept';
import { PersonPage, SignedInOnly } from '../personPage';
import { usePortal, useRules } from '../portal';
import { emptyScope, partsOf, type Rule, rulesFor, Scope, scopeSlip } from '../scope';
import { optional, useSend } from '../send';
import { SendFailure } from '../sendFailure';
import { named } from '../standing';
import { useText } from '../text';

/** Asking to delete: what must be kept, and why, is said before anything is sent. */
export function Erasure() {
  return <SignedInOnly>{(me) => <ErasureForm email={me.email} />}</SignedInOnly>;
}

function ErasureForm({ email }: { email: string }) {
  const { t } = useText();
  const navigate = useNavigate();
  const [draft, change] = useDraft('erasure', emptyScope);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const slip = scopeSlip(draft);
    setErrors(slip ? [{ field: 'parts', message: t('scope.none') }] : []);
    if (slip) return;
    change({});
    void navigate({ to: '/request/erasure/review' });
  };
  const partsError = errorOf(errors, 'parts');
  return (
    <PersonPage title={t('erasure.title')} back="/">
      <About email={email} right="erasure" />
      <ForWhomLine right="erasure" onCleared={again} />
      <AskedBefore right="erasure" />
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        <Scope
          draft={draft}
          change={change}
          legend={t('erasure.scope')}
          allLabel={t('erasure.all')}
          partLabel={t('erasure.part')}
          partsLegend={t('erasure.parts')}
          explain={(rule) => rule.outcome_text}
          {...(partsError ? { error: partsError } : {})}
        />
        <LongField
          id="text"
          label={t('erasure.text')}
          hint={t('erasure.text.hint')}
          value={draft.text}
          onChange={(text) => change({ text })}
        />
        <Also right="erasure" draft={draft} change={change} />
        {!named('erasure') && (
          <NameField value={draft.name} onChange={(name) => change({ name })} />
        )}
        <div className="actions">
          <Button type="submit">{t('erasure.next')}</Button>
        </div>
      </form>
    </PersonPage>
  );
}

export function ErasureReview() {
  return <SignedInOnly>{(me) => <Review email={me.email} />}</SignedInOnly>;
}

function Review({ email }: { email: string }) {
  const { t, locale } = useText();
  const { deadline_text, rights } = usePortal();
  const [draft] = useDraft('erasure', emptyScope);
  const { data: rules, error, refetch } = useRules();
  const { send, busy, failure } = useSend();
  if (!busy && (!readKept('erasure') || scopeSlip(draft))) {
    return <Navigate to="/request/erasure" replace />;
  }
  return (
    <PersonPage title={t('erasure.review.title')} back="/request/erasure">
      <About email={email} right="erasure" />
      <p>{draft.all ? t('erasure.review.all') : t('erasure.review.part')}</p>
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {!rules && !error && <Waiting />}
      {rules && <Rules rules={rulesFor(draft, rules)} />}
      {draft.text.trim() && (
        <section className="stack tight">
          <Heading level={2} data-size="xs">
            {t('review.text')}
          </Heading>
          <p className="lines">{draft.text.trim()}</p>
        </section>
      )}
      <Alert data-color="info">
        <ul className="plain">
          <li>{t('erasure.undo')}</li>
          <AlsoChosen right="erasure" draft={draft} />
          {rights.includes('access') && !draft.also?.includes('access') && (
            <li>
              {t('erasure.copy')} <Link to="/request/access">{t('erasure.copy.link')}</Link>
            </li>
          )}
        </ul>
      </Alert>
      <p>{t('request.due', { date: deadline_text })}</p>
      <SendFailure error={failure} />
      <div className="actions">
        <Button
          loading={busy}
          onClick={() =>
            void send(
              {
                right: 'erasure',
                locale,
                ...partsOf(draft),
                ...alsoOf(draft),
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

const ruleColor = {
  erase: 'success',
  partly: 'warning',
  restrict: 'warning',
  review: 'info',
  keep: 'neutral',
} as const;

/** What happens with each part, and why. */
function Rules({ rules }: { rules: readonly Rule[] }) {
  const { t } = useText();
  return (
    <section aria-labelledby="rules" className="stack">
      <Heading level={2} data-size="sm" id="rules">
        {t('erasure.rules')}
      </Heading>
      <p>{t('erasure.rules.text')}</p>
      <ul className="cards">
        {rules.map((rule) => (
          <li key={rule.activity}>
            <div className="card-head">
              <h3>{rule.name}</h3>
              <Tag data-color={ruleColor[rule.outcome]}>{rule.outcome_text}</Tag>
            </div>
            <p>{rule.text}</p>
            {(rule.how_long || rule.law) && (
              <p className="quiet beside">
                {rule.how_long && <span>{rule.how_long}</span>}
                {rule.law && <span>{rule.law}</span>}
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
