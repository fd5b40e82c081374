import { Button } from '@digdir/designsystemet-react';
import { type FormEvent, useReducer, useState } from 'react';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { About } from '../about';
import { Also, alsoOf } from '../also';
import { AskedBefore } from '../askedBefore';
import { LongField, NameField } from '../fields';
import { ForWhomLine } from '../forWhomLine';
import { useDraft } from '../kept';
import { PersonPage, SignedInOnly } from '../personPage';
import { usePortal } from '../portal';
import { allOf, emptyScope, partsOf, Scope, scopeSlip } from '../scope';
import { optional, useSend } from '../send';
import { SendFailure } from '../sendFailure';
import { named } from '../standing';
import { useText } from '../text';

/** Asking to see: everything is chosen already, so one button is enough. */
export function Access() {
  return <SignedInOnly>{(me) => <AccessForm email={me.email} />}</SignedInOnly>;
}

function AccessForm({ email }: { email: string }) {
  const { t, locale } = useText();
  const { deadline_text } = usePortal();
  const [draft, change] = useDraft('access', emptyScope);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { send, busy, failure } = useSend();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const slip = scopeSlip(draft);
    setErrors(slip ? [{ field: 'parts', message: t('scope.none') }] : []);
    if (slip) return;
    const body = { right: 'access' as const, locale, ...partsOf(draft), ...alsoOf(draft) };
    void send({ ...body, ...optional(draft) }, draft.key);
  };
  const partsError = errorOf(errors, 'parts');
  return (
    <PersonPage title={t('access.title')} back="/">
      <About email={email} right="access" />
      <ForWhomLine right="access" onCleared={again} />
      <AskedBefore right="access" />
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        <Scope
          draft={draft}
          change={change}
          legend={t('access.scope')}
          allLabel={t(allOf('access'))}
          partLabel={t('access.part')}
          partsLegend={t('access.parts')}
          {...(partsError ? { error: partsError } : {})}
        />
        <LongField
          id="text"
          label={t('access.text')}
          hint={t('access.text.hint')}
          value={draft.text}
          onChange={(text) => change({ text })}
        />
        <Also right="access" draft={draft} change={change} />
        {!named('access') && <NameField value={draft.name} onChange={(name) => change({ name })} />}
        <p>{t('request.due', { date: deadline_text })}</p>
        <SendFailure error={failure} />
        <div className="actions">
          <Button type="submit" loading={busy}>
            {t('request.send')}
          </Button>
        </div>
      </form>
    </PersonPage>
  );
}
