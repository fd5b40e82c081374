import { Button, Heading, Paragraph, Radio } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { registerQuery, type Settings, sessionQuery, settingsQuery, sourcesQuery } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { AddSource, type SourceForm, sourceForms } from '../parts/add-source';
import { Failure, TextInput } from '../parts/form';
import {
  OrganisationFields,
  organisationFaults,
  organisationForm,
  toOrganisation,
} from '../parts/settings-form';
import { type StaffKey, useT } from '../texts';
import { Gaps } from './register';
import { MailState, useSaveSettings } from './settings';
import { SourceList } from './sources';

/** The set-up, step by step. Each may be skipped and taken up later. */
export const steps = ['organisation', 'mail', 'told', 'register', 'places', 'done'] as const;

type Step = (typeof steps)[number];

const stepText: Record<Step, StaffKey> = {
  organisation: 'setup.organisation',
  mail: 'setup.mail',
  told: 'setup.told',
  register: 'setup.register',
  places: 'setup.places',
  done: 'setup.done',
};

/** A new installation's first ten minutes. */
export function OnboardingPage() {
  const { t } = useT();
  const { step = 'organisation' } = useSearch({ from: '/start' });
  const settings = useQuery(settingsQuery);
  const navigate = useNavigate({ from: '/start' });
  const place = steps.indexOf(step);
  const next = () => {
    const following = steps[place + 1];
    if (following) navigate({ search: { step: following } });
  };
  return (
    <Page
      key={step}
      title={t(stepText[step])}
      windowTitle={`${t('setup.title')}: ${t(stepText[step])}`}
      suffix={t('app.name')}
      className="stack readable setup"
      over={<Progress place={place} />}
    >
      <ProblemAlert error={settings.error} onRetry={() => settings.refetch()} />
      {settings.isPending && <Waiting />}
      {settings.data && <StepBody step={step} settings={settings.data} next={next} />}
    </Page>
  );
}

function Progress({ place }: { place: number }) {
  const { t } = useT();
  return (
    <nav aria-label={t('setup.title')} className="progress">
      <p>{t('setup.step', { step: place + 1, steps: steps.length })}</p>
      <ol>
        {steps.map((step, at) => (
          <li key={step} data-past={at < place ? '' : undefined}>
            <Link
              to="/start"
              search={{ step }}
              aria-current={at === place ? 'step' : undefined}
              activeProps={{ 'aria-current': at === place ? 'step' : undefined }}
            >
              <span className="visually-hidden">{t(stepText[step])}</span>
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface StepProps {
  settings: Settings;
  next: () => void;
}

function StepBody({ step, ...props }: StepProps & { step: Step }) {
  switch (step) {
    case 'organisation':
      return <OrganisationStep {...props} />;
    case 'mail':
      return <MailStep {...props} />;
    case 'told':
      return <ToldStep {...props} />;
    case 'register':
      return <RegisterStep {...props} />;
    case 'places':
      return <PlacesStep {...props} />;
    case 'done':
      return <DoneStep {...props} />;
  }
}

/** The two ways on: with what was done here, or past it. */
function Onward({ children, skip }: { children?: ReactNode; skip?: () => void }) {
  const { t } = useT();
  return (
    <div className="buttons">
      {children}
      {skip && (
        <Button variant="tertiary" onClick={skip}>
          {t('setup.skip')}
        </Button>
      )}
    </div>
  );
}

function OrganisationStep({ settings, next }: StepProps) {
  const { t } = useT();
  const [form, setForm] = useState(() => organisationForm(settings));
  const [missing, setMissing] = useState<FieldError[]>([]);
  const save = useSaveSettings(next);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = organisationFaults(form, (field) => t(`settings.need.${field}`));
    setMissing(found);
    if (found.length > 0) return;
    save.act({
      organisation: toOrganisation(form),
      notify: settings.notify,
      cooling_off_hours: settings.cooling_off_hours,
    });
  };
  const errors = missing.length > 0 ? missing : fieldErrors('settings', save.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Paragraph>{t('setup.organisation.text')}</Paragraph>
      <Failure error={missing.length > 0 ? undefined : save.error} fields={errors} />
      <OrganisationFields
        form={form}
        set={(part) => setForm((now) => ({ ...now, ...part }))}
        errors={errors}
      />
      <Onward skip={next}>
        <Button type="submit" loading={save.busy}>
          {t('setup.next')}
        </Button>
      </Onward>
    </form>
  );
}

function MailStep({ settings, next }: StepProps) {
  const { t } = useT();
  return (
    <>
      {settings.mail.state !== 'not_set' && <Paragraph>{t('setup.mail.text')}</Paragraph>}
      <MailState settings={settings} />
      <Onward skip={next}>
        <Button onClick={next}>
          {t(settings.mail.state === 'not_set' ? 'setup.next' : 'setup.mail.came')}
        </Button>
      </Onward>
    </>
  );
}

function ToldStep({ settings, next }: StepProps) {
  const { t } = useT();
  const session = useQuery(sessionQuery);
  const [officer, setOfficer] = useState(settings.notify[0] ?? session.data?.member.email ?? '');
  const [standIn, setStandIn] = useState(settings.notify[1] ?? '');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const save = useSaveSettings(next);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = /^\S+@\S+$/.test(officer.trim())
      ? []
      : [{ field: 'settings-notify-0', message: t('setup.told.need') }];
    setMissing(found);
    if (found.length > 0) return;
    const rest = settings.notify.slice(2);
    save.act({
      organisation: settings.organisation,
      notify: [officer.trim(), ...(standIn.trim() ? [standIn.trim()] : []), ...rest],
      cooling_off_hours: settings.cooling_off_hours,
    });
  };
  const errors = missing.length > 0 ? missing : fieldErrors('settings', save.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Paragraph>{t('setup.told.text')}</Paragraph>
      <Failure error={missing.length > 0 ? undefined : save.error} fields={errors} />
      <TextInput
        id="settings-notify-0"
        type="email"
        label={t('setup.told.officer')}
        value={officer}
        onChange={setOfficer}
        errors={errors}
      />
      <TextInput
        id="settings-notify-1"
        type="email"
        label={t('setup.told.standin')}
        description={t('setup.told.standin.help')}
        value={standIn}
        onChange={setStandIn}
        errors={errors}
      />
      <Onward skip={next}>
        <Button type="submit" loading={save.busy}>
          {t('setup.next')}
        </Button>
      </Onward>
    </form>
  );
}

function RegisterStep({ next }: StepProps) {
  const { t, n } = useT();
  const register = useQuery(registerQuery);
  return (
    <>
      <Paragraph>{t('setup.register.text')}</Paragraph>
      <ProblemAlert error={register.error} onRetry={() => register.refetch()} />
      {register.data && (
        <>
          <section className="stack" aria-labelledby="setup-activities">
            <Heading level={2} data-size="xs" id="setup-activities">
              {n('setup.register.activities', register.data.activities.length)}
            </Heading>
            <ul className="plain-list">
              {register.data.activities.map((each) => (
                <li key={each.id}>
                  <strong>{each.name}</strong> <span className="under-inline">{each.purpose}</span>
                </li>
              ))}
            </ul>
          </section>
          <Gaps register={register.data} />
          <Paragraph>
            <Link to="/register" className="ds-link">
              {t('setup.register.edit')}
            </Link>
          </Paragraph>
        </>
      )}
      <Onward skip={next}>
        <Button onClick={next}>{t('setup.register.seen')}</Button>
      </Onward>
    </>
  );
}

function PlacesStep({ next }: StepProps) {
  const { t } = useT();
  const sources = useQuery(sourcesQuery);
  const [form, setForm] = useState<SourceForm>('manual');
  const [round, setRound] = useState(0);
  const some = (sources.data?.sources.length ?? 0) > 0;
  return (
    <>
      <Paragraph>{t('setup.places.text')}</Paragraph>
      <ProblemAlert error={sources.error} onRetry={() => sources.refetch()} />
      {some && sources.data && <SourceList sources={sources.data.sources} />}
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('sources.add.what')}</legend>
        {sourceForms.map((each) => (
          <Radio
            key={each}
            name="setup-source"
            label={t(`sources.add.${each}`)}
            description={t(`sources.add.${each}.help`)}
            value={each}
            checked={form === each}
            onChange={() => setForm(each)}
          />
        ))}
      </fieldset>
      <AddSource
        key={`${form}-${round}`}
        form={form}
        level={2}
        onDone={() => setRound((now) => now + 1)}
      />
      <Onward {...(some ? {} : { skip: next })}>
        {some && <Button onClick={next}>{t('setup.next')}</Button>}
      </Onward>
    </>
  );
}

function DoneStep({ settings }: StepProps) {
  const { t } = useT();
  const say = useNotice();
  const navigate = useNavigate();
  const finish = useSaveSettings(() => {
    say(t('setup.finished'));
    navigate({ to: '/' });
  });
  const errors = fieldErrors('settings', finish.error);
  return (
    <>
      <Paragraph>{t('setup.done.text')}</Paragraph>
      <ol className="steps">
        <li>{t('empty.1')}</li>
        <li>{t('empty.2')}</li>
        <li>{t('empty.3')}</li>
      </ol>
      <ProblemAlert error={finish.error} focus />
      {errors.length > 0 && (
        <ul>
          {errors.map((each) => (
            <li key={each.field + each.message}>{each.message}</li>
          ))}
        </ul>
      )}
      <Onward>
        <Button
          loading={finish.busy}
          onClick={() =>
            finish.act({
              organisation: settings.organisation,
              notify: settings.notify,
              cooling_off_hours: settings.cooling_off_hours,
              done: true,
            })
          }
        >
          {t('setup.finish')}
        </Button>
      </Onward>
    </>
  );
}
