import type { Schemas } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { localeNames } from '../../text/format';
import { useT } from '../texts';
import { Pick, TextInput } from './form';

export type Colleague = Schemas['Colleague'];

export const noColleague: Colleague = { name: '', email: '', locale: 'nb' };

interface Props {
  value: Colleague;
  onChange: (value: Colleague) => void;
  errors: readonly FieldError[];
}

/** Who looks in a place, when that is not the officer. */
export function ColleagueFields({ value, onChange, errors }: Props) {
  const { t } = useT();
  const set = (part: Partial<Colleague>) => onChange({ ...value, ...part });
  return (
    <>
      <TextInput
        id="source-colleague-name"
        label={t('colleague.name')}
        description={t('colleague.help')}
        maxLength={200}
        autoComplete="off"
        value={value.name}
        onChange={(name) => set({ name })}
        errors={errors}
      />
      <TextInput
        id="source-colleague-email"
        label={t('colleague.email')}
        type="email"
        maxLength={254}
        autoComplete="off"
        value={value.email}
        onChange={(email) => set({ email })}
        errors={errors}
      />
      {value.email.trim() !== '' && (
        <Pick
          id="source-colleague-locale"
          label={t('colleague.locale')}
          className="narrow"
          value={value.locale}
          onChange={(locale) => set({ locale: locale as Colleague['locale'] })}
          options={Object.entries(localeNames)}
        />
      )}
    </>
  );
}
