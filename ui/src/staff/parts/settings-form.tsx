import type { Schemas } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Settings } from '../api';
import { useT } from '../texts';
import { TextArea, TextInput } from './form';

export interface OrganisationForm {
  name: string;
  organisation_number: string;
  email: string;
  phone: string;
  postal_address: string;
  dpo: string;
  signer_name: string;
  signer_role: string;
  signer_role_nn: string;
  signer_role_en: string;
  accessibility_url: string;
}

export function organisationForm(settings: Settings): OrganisationForm {
  const from = settings.organisation;
  return {
    name: from.name,
    organisation_number: from.organisation_number ?? '',
    email: from.email,
    phone: from.phone ?? '',
    postal_address: from.postal_address,
    dpo: from.dpo ?? '',
    signer_name: from.signer_name ?? '',
    signer_role: from.signer_role ?? '',
    signer_role_nn: from.signer_role_nn ?? '',
    signer_role_en: from.signer_role_en ?? '',
    accessibility_url: from.accessibility_url ?? '',
  };
}

export function toOrganisation(form: OrganisationForm): Schemas['Organisation'] {
  const optional = (
    [
      'organisation_number',
      'phone',
      'dpo',
      'signer_name',
      'signer_role',
      'signer_role_nn',
      'signer_role_en',
      'accessibility_url',
    ] as const
  )
    .map((key) => [key, form[key].trim()] as const)
    .filter(([, value]) => value);
  return {
    name: form.name.trim(),
    email: form.email.trim(),
    postal_address: form.postal_address.trim(),
    ...Object.fromEntries(optional),
  };
}

/** The addresses of a list that is written one a line. */
export function addresses(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

interface OrganisationProps {
  form: OrganisationForm;
  set: (part: Partial<OrganisationForm>) => void;
  errors: readonly FieldError[];
}

/** Who answers, as people will read it. */
export function OrganisationFields({ form, set, errors }: OrganisationProps) {
  const { t } = useT();
  return (
    <div className="stack">
      <TextInput
        id="settings-organisation-name"
        label={t('settings.org.name')}
        autoComplete="organization"
        maxLength={200}
        value={form.name}
        onChange={(name) => set({ name })}
        errors={errors}
      />
      <TextInput
        id="settings-organisation-email"
        type="email"
        label={t('settings.org.email')}
        description={t('settings.org.email.help')}
        maxLength={254}
        value={form.email}
        onChange={(email) => set({ email })}
        errors={errors}
      />
      <TextArea
        id="settings-organisation-postal_address"
        label={t('settings.org.postal')}
        rows={2}
        maxLength={500}
        value={form.postal_address}
        onChange={(postal_address) => set({ postal_address })}
        errors={errors}
      />
      <div className="pair">
        <TextInput
          id="settings-organisation-organisation_number"
          label={t('settings.org.number')}
          maxLength={20}
          value={form.organisation_number}
          onChange={(organisation_number) => set({ organisation_number })}
          errors={errors}
        />
        <TextInput
          id="settings-organisation-phone"
          type="tel"
          label={t('settings.org.phone')}
          maxLength={40}
          value={form.phone}
          onChange={(phone) => set({ phone })}
          errors={errors}
        />
      </div>
      <TextInput
        id="settings-organisation-dpo"
        label={t('settings.org.dpo')}
        description={t('settings.org.dpo.help')}
        maxLength={300}
        value={form.dpo}
        onChange={(dpo) => set({ dpo })}
        errors={errors}
      />
      <div className="pair">
        <TextInput
          id="settings-organisation-signer_name"
          label={t('settings.org.signer')}
          description={t('settings.org.signer.help')}
          maxLength={100}
          value={form.signer_name}
          onChange={(signer_name) => set({ signer_name })}
          errors={errors}
        />
        <TextInput
          id="settings-organisation-signer_role"
          label={t('settings.org.signer.role')}
          description={t('settings.org.signer.role.help')}
          maxLength={100}
          value={form.signer_role}
          onChange={(signer_role) => set({ signer_role })}
          errors={errors}
        />
      </div>
      <div className="pair">
        <TextInput
          id="settings-organisation-signer_role_nn"
          label={t('settings.org.signer.role.nn')}
          description={t('settings.org.signer.role.nn.help')}
          maxLength={100}
          value={form.signer_role_nn}
          onChange={(signer_role_nn) => set({ signer_role_nn })}
          errors={errors}
        />
        <TextInput
          id="settings-organisation-signer_role_en"
          label={t('settings.org.signer.role.en')}
          description={t('settings.org.signer.role.en.help')}
          maxLength={100}
          value={form.signer_role_en}
          onChange={(signer_role_en) => set({ signer_role_en })}
          errors={errors}
        />
      </div>
      <TextInput
        id="settings-organisation-accessibility_url"
        type="url"
        label={t('settings.org.accessibility')}
        description={t('settings.org.accessibility.help')}
        maxLength={500}
        value={form.accessibility_url}
        onChange={(accessibility_url) => set({ accessibility_url })}
        errors={errors}
      />
    </div>
  );
}

type Needed = 'name' | 'email' | 'postal_address' | 'organisation_number';

/** What is missing or wrong in the organisation before it can be saved. */
export function organisationFaults(
  form: OrganisationForm,
  need: (key: Needed) => string,
): FieldError[] {
  const found: FieldError[] = [];
  const add = (field: Needed) =>
    found.push({ field: `settings-organisation-${field}`, message: need(field) });
  if (!form.name.trim()) add('name');
  if (!/^\S+@\S+$/.test(form.email.trim())) add('email');
  if (form.postal_address.trim().length < 5) add('postal_address');
  if (!/^(\d{9})?$/.test(form.organisation_number.replace(/\s/g, ''))) add('organisation_number');
  return found;
}
