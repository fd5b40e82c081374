import { Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { portalQuery, type Settings, sessionQuery, settingsQuery, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { Failure, Pick, TextArea, TextInput } from '../parts/form';
import { LookFields, lookFaults, lookForm, toLook } from '../parts/look';
import {
  addresses,
  OrganisationFields,
  organisationFaults,
  organisationForm,
  toOrganisation,
} from '../parts/settings-form';
import { useT } from '../texts';

/** The organisation, its mail and who is told what. */
export function SettingsPage() {
  const { t } = useT();
  const settings = useQuery(settingsQuery);
  return (
    <Page title={t('settings.title')} suffix={t('app.name')} className="stack readable">
      <ProblemAlert error={settings.error} onRetry={() => settings.refetch()} />
      {settings.isPending && <Waiting />}
      {settings.data && (
        <>
          <MailState settings={settings.data} />
          <SettingsForm settings={settings.data} />
          <section className="section stack" aria-labelledby="settings-letters">
            <Heading level={2} data-size="xs" id="settings-letters">
              {t('letters.title')}
            </Heading>
            <Paragraph>{t('letters.open')}</Paragraph>
            <p>
              <Link to="/settings/letters" className="ds-link">
                {t('letters.open.link')}
              </Link>
            </p>
          </section>
        </>
      )}
    </Page>
  );
}

/** Saves the settings; what depends on them is asked for again. */
export function useSaveSettings(done: () => void) {
  const client = useQueryClient();
  return useAct(
    (body: Schemas['SettingsChange']) => unwrap(api.PUT('/staff/settings', { body })),
    (answer) => {
      client.setQueryData(settingsQuery.queryKey, answer);
      client.invalidateQueries({ queryKey: portalQuery.queryKey });
      client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      done();
    },
  );
}

const mailColor = { ok: 'success', delayed: 'warning', not_set: 'danger' } as const;

/** Whether mail goes out, and a test of it. */
export function MailState({ settings, level = 2 }: { settings: Settings; level?: 2 | 3 }) {
  const { t, n } = useT();
  const session = useQuery(sessionQuery);
  const say = useNotice();
  const test = useAct(
    () => unwrap(api.POST('/staff/settings/mail-test')),
    () => say(t('mailtest.sent', { to: session.data?.member.email ?? '' })),
  );
  const { mail } = settings;
  return (
    <section className="section stack" aria-labelledby="mail-state">
      <div className="section-head">
        <Heading level={level} data-size="xs" id="mail-state">
          {t('mailtest.title')}
        </Heading>
        <Tag data-color={mailColor[mail.state]}>{t(`mailtest.${mail.state}`)}</Tag>
      </div>
      <Paragraph>{mail.text}</Paragraph>
      {(mail.waiting ?? 0) > 0 && (
        <p className="under">{n('mailtest.waiting', mail.waiting ?? 0)}</p>
      )}
      <ProblemAlert error={test.error} focus />
      {mail.state !== 'not_set' && (
        <div>
          <Button variant="secondary" data-size="sm" loading={test.busy} onClick={() => test.act()}>
            {t('mailtest.do', { to: session.data?.member.email ?? '' })}
          </Button>
        </div>
      )}
    </section>
  );
}

/** For how long the portal keeps what it has of a case: the least and the most that the office may choose. */
const keepLimits = [
  ['evidence_days', 1, 90],
  ['copy_days', 7, 90],
  ['case_years', 1, 5],
] as const;

const keepForm = (keep: Schemas['Keep']) => ({
  evidence_days: String(keep.evidence_days),
  copy_days: String(keep.copy_days),
  case_years: String(keep.case_years),
});

const languages = ['nb', 'nn', 'en'] as const;

function SettingsForm({ settings }: { settings: Settings }) {
  const { t } = useT();
  const say = useNotice();
  const [form, setForm] = useState(() => organisationForm(settings));
  const [look, setLook] = useState(() => lookForm(settings));
  const [notify, setNotify] = useState(() => settings.notify.join('\n'));
  const mayEdit = usePermission('edit_settings');
  const [hours, setHours] = useState(() => String(settings.cooling_off_hours));
  const [change, setChange] = useState(() => String(settings.address_hours));
  const [days, setDays] = useState(() => String(settings.backup_days));
  const [keep, setKeep] = useState(() => keepForm(settings.keep));
  const [lifting, setLifting] = useState(() => String(settings.lifting_days));
  const [language, setLanguage] = useState(settings.language);
  const [profile, setProfile] = useState(settings.profile);
  const [country, setCountry] = useState(settings.country);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const save = useSaveSettings(() => {
    setLook(({ accent }) => ({ accent }));
    say(t('settings.saved'));
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = organisationFaults(form, (field) => t(`settings.need.${field}`));
    found.push(...lookFaults(look, (fault) => t(`wear.need.${fault}`)));
    if (addresses(notify).length === 0) {
      found.push({ field: 'settings-notify', message: t('settings.need.notify') });
    }
    const wait = Number(hours);
    if (!Number.isInteger(wait) || hours.trim() === '' || wait < 0 || wait > 168) {
      found.push({ field: 'settings-cooling_off_hours', message: t('settings.need.hours') });
    }
    const old = Number(days);
    if (!Number.isInteger(old) || old < 1 || old > 3650) {
      found.push({ field: 'settings-backup_days', message: t('settings.need.backups') });
    }
    const held = Number(change);
    if (!Number.isInteger(held) || change.trim() === '' || held < 0 || held > 336) {
      found.push({ field: 'settings-address_hours', message: t('settings.need.address') });
    }
    for (const [key, least, most] of keepLimits) {
      const time = Number(keep[key]);
      if (!Number.isInteger(time) || time < least || time > most) {
        found.push({ field: `settings-keep-${key}`, message: t(`settings.need.${key}`) });
      }
    }
    const told = Number(lifting);
    if (!Number.isInteger(told) || told < 1 || told > 90) {
      found.push({ field: 'settings-lifting_days', message: t('settings.need.lifting') });
    }
    setMissing(found);
    if (found.length > 0) return;
    save.act({
      ...(settings.version === undefined ? {} : { base_version: settings.version }),
      organisation: toOrganisation(form),
      notify: addresses(notify),
      cooling_off_hours: wait,
      backup_days: old,
      address_hours: held,
      keep: {
        evidence_days: Number(keep.evidence_days),
        copy_days: Number(keep.copy_days),
        case_years: Number(keep.case_years),
      },
      lifting_days: told,
      look: toLook(look),
      language,
      profile,
      // What is not chosen anew stays as the register has it.
      ...(country === settings.country ? {} : { country }),
    });
  };
  const errors = missing.length > 0 ? missing : fieldErrors('settings', save.error);
  return (
    <form onSubmit={submit} noValidate className="stack form">
      <Failure error={missing.length > 0 ? undefined : save.error} fields={errors} />
      <Heading level={2} data-size="xs">
        {t('settings.org')}
      </Heading>
      <OrganisationFields
        form={form}
        set={(part) => setForm((now) => ({ ...now, ...part }))}
        errors={errors}
      />
      <LookFields
        name={form.name}
        worn={settings.look}
        form={look}
        set={(part) => setLook((now) => ({ ...now, ...part }))}
        errors={errors}
      />
      <Heading level={2} data-size="xs">
        {t('settings.told')}
      </Heading>
      <TextArea
        id="settings-notify"
        label={t('settings.notify')}
        description={t('settings.notify.help')}
        rows={3}
        value={notify}
        onChange={setNotify}
        errors={errors}
      />
      <Pick
        id="settings-language"
        label={t('settings.language')}
        description={t('settings.language.help')}
        className="narrow"
        value={language}
        options={languages.map((each) => [each, t(`reg.${each}`)] as const)}
        onChange={(value) => setLanguage(value as Settings['language'])}
        errors={errors}
      />
      <Heading level={2} data-size="xs">
        {t('settings.clock')}
      </Heading>
      <Paragraph>{t('settings.clock.lead')}</Paragraph>
      <Pick
        id="settings-profile"
        label={t('settings.profile')}
        description={t('settings.profile.help')}
        value={profile}
        onChange={setProfile}
        options={settings.profiles.map(({ code, name }) => [code, name] as const)}
        errors={errors}
      />
      <Pick
        id="settings-country"
        label={t('settings.country')}
        description={t('settings.country.help')}
        value={country}
        onChange={setCountry}
        options={settings.countries.map(({ code, name }) => [code, name] as const)}
        errors={errors}
      />
      <Heading level={2} data-size="xs">
        {t('settings.erasure')}
      </Heading>
      <TextInput
        id="settings-cooling_off_hours"
        type="number"
        label={t('settings.hours')}
        description={t('settings.hours.help')}
        className="narrow"
        min={0}
        max={168}
        value={hours}
        onChange={setHours}
        errors={errors}
      />
      <TextInput
        id="settings-backup_days"
        type="number"
        label={t('settings.backups')}
        description={t('settings.backups.help')}
        className="narrow"
        min={1}
        max={3650}
        value={days}
        onChange={setDays}
        errors={errors}
      />
      <TextInput
        id="settings-address_hours"
        type="number"
        label={t('settings.address')}
        description={t('settings.address.help')}
        className="narrow"
        min={0}
        max={336}
        value={change}
        onChange={setChange}
        errors={errors}
      />
      <Heading level={2} data-size="xs">
        {t('settings.keep')}
      </Heading>
      <Paragraph>{t('settings.keep.lead')}</Paragraph>
      {keepLimits.map(([key, min, max]) => (
        <TextInput
          key={key}
          id={`settings-keep-${key}`}
          type="number"
          label={t(`settings.${key}`)}
          description={t(`settings.${key}.help`)}
          className="narrow"
          min={min}
          max={max}
          value={keep[key]}
          onChange={(value) => setKeep((now) => ({ ...now, [key]: value }))}
          errors={errors}
        />
      ))}
      <Heading level={2} data-size="xs">
        {t('right.restriction')}
      </Heading>
      <TextInput
        id="settings-lifting_days"
        type="number"
        label={t('settings.lifting')}
        description={t('settings.lifting.help')}
        className="narrow"
        min={1}
        max={90}
        value={lifting}
        onChange={setLifting}
        errors={errors}
      />
      <div className="buttons">
        <Button type="submit" loading={save.busy} disabled={!mayEdit}>
          {t('common.save')}
        </Button>
      </div>
    </form>
  );
}
