import { Button, Link as DsLink, Fieldset, Radio, Textfield } from '@digdir/designsystemet-react';
import { Link, Navigate, useNavigate, useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import type { PersonKey } from '../../text/person.nb';
import { addressSlip } from '../address';
import { LongField } from '../fields';
import { keep } from '../kept';
import { PersonPage } from '../personPage';
import { usePortal } from '../portal';
import { useMe } from '../session';
import {
  emptyStanding,
  forWhom,
  isOrganisationNumber,
  keptStanding,
  type StandingDraft,
  standingKinds,
} from '../standing';
import { useText } from '../text';
import { NotFound } from './lost';

function useRight() {
  const { right } = useParams({ strict: false }) as { right: string };
  return usePortal().rights.find((each) => each === right);
}

/** For whom? The first question of somebody who does not ask as most people do. */
export function ForWhom() {
  const right = useRight();
  const { t } = useText();
  const navigate = useNavigate();
  const [kind, setKind] = useState(() => (right ? keptStanding(right)?.kind : undefined));
  const [errors, setErrors] = useState<FieldError[]>([]);
  if (!right) return <NotFound />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setErrors(kind ? [] : [{ field: 'for-kind', message: t('for.need') }]);
    if (!kind) return;
    const before = keptStanding(right);
    keep('standing', { ...(before ?? emptyStanding(right)), kind });
    void navigate({ to: '/for/$right/details', params: { right } });
  };
  const error = errorOf(errors, 'for-kind');
  return (
    <PersonPage
      title={t('for.title')}
      over={<p className="over">{t(`right.${right}`)}</p>}
      back={`/ask/${right}`}
    >
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        <Fieldset>
          <Fieldset.Legend className="visually-hidden">{t('for.title')}</Fieldset.Legend>
          {standingKinds.map((each, place) => (
            <Radio
              key={each}
              {...(place === 0 ? { id: 'for-kind' } : {})}
              name="for-kind"
              label={t(`for.${each}`)}
              description={t(`for.${each}.hint`)}
              value={each}
              checked={kind === each}
              onChange={() => setKind(each)}
              {...(error ? { error: true } : {})}
            />
          ))}
        </Fieldset>
        <div className="actions">
          <Button type="submit">{t('for.next')}</Button>
        </div>
      </form>
    </PersonPage>
  );
}

/** What the office needs to know to find the one asked for, and to see that the asker may. */
export function ForDetails() {
  const right = useRight();
  const { t } = useText();
  const me = useMe();
  const portal = usePortal();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(() => (right ? keptStanding(right) : undefined));
  const [errors, setErrors] = useState<FieldError[]>([]);
  if (!right) return <NotFound />;
  if (!draft) return <Navigate to="/for/$right" params={{ right }} replace />;
  if (draft.kind === 'company' && !portal.companies) return <NoCompanies right={right} />;
  const change = (part: Partial<StandingDraft>) => {
    const after = { ...draft, ...part };
    setDraft(after);
    keep('standing', after);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = slips(draft).map(([field, key]) => ({ field, message: t(key) }));
    setErrors(found);
    if (found.length > 0) return;
    if (me) void navigate({ to: `/request/${right}` as '/request/access' });
    else void navigate({ to: '/ask/$right', params: { right } });
  };
  const props = { draft, change, errors };
  return (
    <PersonPage
      title={t(`for.${draft.kind}.title`)}
      over={<p className="over">{t(`right.${right}`)}</p>}
      back={`/for/${right}`}
    >
      <form onSubmit={submit} noValidate className="stack">
        <Errors errors={errors} />
        {(draft.kind === 'parent' || draft.kind === 'child') && <Age {...props} />}
        {forWhom(draft.kind) && <Other {...props} />}
        {(draft.kind === 'company' || draft.kind === 'sole_proprietor') && (
          <Line {...props} name="organisation_number" label="for.organisation" numeric />
        )}
        {(forWhom(draft.kind) || draft.kind === 'company') && (
          <>
            <Line {...props} name="asker_name" label="for.asker" />
            <LongField
              id="authority"
              label={t(draft.kind === 'heir' ? 'for.relation' : 'for.authority')}
              hint={t(`for.authority.${draft.kind === 'company' ? 'company' : 'hint'}`)}
              value={draft.authority}
              onChange={(authority) => change({ authority })}
              rows={3}
              maxLength={2_000}
            />
          </>
        )}
        <div className="actions">
          <Button type="submit">{t('for.next')}</Button>
        </div>
      </form>
    </PersonPage>
  );
}

interface PartProps {
  draft: StandingDraft;
  change: (part: Partial<StandingDraft>) => void;
  errors: readonly FieldError[];
}

/** On which side of the age at which a child decides itself. Nothing more is asked. */
function Age({ draft, change, errors }: PartProps) {
  const { t } = useText();
  const { consent_age } = usePortal();
  const error = errorOf(errors, 'child_age');
  return (
    <Fieldset>
      <Fieldset.Legend>{t(draft.kind === 'child' ? 'for.age.own' : 'for.age')}</Fieldset.Legend>
      {(['under', 'over'] as const).map((each) => (
        <Radio
          key={each}
          {...(each === 'under' ? { id: 'child_age' } : {})}
          name="child_age"
          label={t(`for.age.${each}`, { age: consent_age })}
          description={t(`for.${draft.kind === 'child' ? 'child' : 'parent'}.${each}`)}
          value={each}
          checked={draft.child_age === each}
          onChange={() => change({ child_age: each })}
          {...(error ? { error: true } : {})}
        />
      ))}
    </Fieldset>
  );
}

/** Who is asked for, and one thing to find them by. */
function Other(props: PartProps) {
  const { t } = useText();
  return (
    <>
      <Line {...props} name="name" label="for.name" />
      {props.draft.kind !== 'heir' && (
        <>
          <p className="quiet">{t('for.find')}</p>
          <Line {...props} name="email" label="for.email" />
          <Line {...props} name="phone" label="for.phone" numeric />
          <Line {...props} name="customer_number" label="for.customer" />
        </>
      )}
    </>
  );
}

type LineName =
  | 'name'
  | 'email'
  | 'phone'
  | 'customer_number'
  | 'organisation_number'
  | 'asker_name';

function Line({
  draft,
  change,
  errors,
  name,
  label,
  numeric = false,
}: PartProps & { name: LineName; label: PersonKey; numeric?: boolean }) {
  const { t } = useText();
  const error = errorOf(errors, name);
  return (
    <Textfield
      id={name}
      label={t(label)}
      autoComplete={name === 'asker_name' ? 'name' : 'off'}
      maxLength={200}
      {...(numeric ? { inputMode: 'numeric' as const } : {})}
      {...(name === 'email' ? { type: 'email' as const } : {})}
      value={draft[name]}
      onChange={(event) => change({ [name]: event.target.value })}
      {...(error ? { error } : {})}
    />
  );
}

/** The right is for people. Said kindly, with what can be done instead. */
function NoCompanies({ right }: { right: string }) {
  const { t } = useText();
  return (
    <PersonPage title={t('for.company.none')} back={`/for/${right}`}>
      <p>{t('for.company.none.text')}</p>
      <DsLink asChild>
        <Link to="/ask/$right" params={{ right }} onClick={() => keep('standing', undefined)}>
          {t('for.self')}
        </Link>
      </DsLink>
    </PersonPage>
  );
}

function slips(draft: StandingDraft): [LineName | 'child_age', PersonKey][] {
  const found: [LineName | 'child_age', PersonKey][] = [];
  const { kind } = draft;
  if ((kind === 'parent' || kind === 'child') && !draft.child_age)
    found.push(['child_age', 'for.age.need']);
  if (forWhom(kind)) {
    if (!draft.name.trim()) found.push(['name', 'for.name.need']);
    const reachable = draft.email.trim() || draft.phone.trim() || draft.customer_number.trim();
    if (!reachable && kind !== 'heir') found.push(['email', 'for.find.need']);
    if (draft.email.trim() && addressSlip(draft.email)) found.push(['email', 'email.shape']);
  }
  if (kind === 'company' && !isOrganisationNumber(draft.organisation_number))
    found.push(['organisation_number', 'for.organisation.need']);
  if (
    kind === 'sole_proprietor' &&
    draft.organisation_number.trim() &&
    !isOrganisationNumber(draft.organisation_number)
  )
    found.push(['organisation_number', 'for.organisation.need']);
  if ((forWhom(kind) || kind === 'company') && !draft.asker_name.trim())
    found.push(['asker_name', 'for.asker.need']);
  return found;
}
