import { Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { type ReactNode, useState } from 'react';
import { accentFault } from '../../shared/accent';
import { errorOf, type FieldError } from '../../shared/errors';
import type { Settings } from '../api';
import { useT } from '../texts';
import { TextInput } from './form';

export interface LookForm {
  accent: string;
  /** In base64: a new one, or none when it is empty. Without it it stays as it was. */
  logo?: string;
}

export const lookForm = ({ look }: Settings): LookForm => ({ accent: look.accent });

/** The largest picture, in bytes: it goes with every mail. */
const largest = 64 * 1024;

export function lookFaults(
  form: LookForm,
  say: (fault: 'colour' | 'pale') => string,
): FieldError[] {
  const fault = form.accent.trim() === '' ? undefined : accentFault(form.accent);
  return fault ? [{ field: 'settings-look-accent', message: say(fault) }] : [];
}

export function toLook({ accent, logo }: LookForm): LookForm {
  return { accent: accent.trim(), ...(logo === undefined ? {} : { logo }) };
}

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

interface Props {
  name: string;
  worn: Settings['look'];
  form: LookForm;
  set: (part: Partial<LookForm>) => void;
  errors: readonly FieldError[];
}

/** The organisation's colour and logo, with a look at what people will see. */
export function LookFields({ name, worn, form, set, errors }: Props) {
  const { t } = useT();
  const own = accentFault(form.accent) === undefined ? form.accent.trim() : undefined;
  return (
    <>
      <Heading level={2} data-size="xs">
        {t('wear.title')}
      </Heading>
      <Paragraph>{t('wear.lead')}</Paragraph>
      <div className="look-colour">
        <TextInput
          id="settings-look-accent"
          label={t('wear.accent')}
          description={t('wear.accent.help')}
          className="narrow"
          maxLength={20}
          value={form.accent}
          onChange={(accent) => set({ accent })}
          errors={errors}
        />
        <input
          type="color"
          aria-label={t('wear.accent.pick')}
          value={own ?? '#0062ba'}
          onChange={(event) => set({ accent: event.target.value })}
        />
      </div>
      <Logo worn={worn.logo} form={form} set={set} errors={errors}>
        {(shown) => (
          <div className="look-sample" style={own ? { borderBlockEndColor: own } : {}}>
            {shown && <img src={shown} alt={t('wear.logo')} />}
            <span>{name}</span>
            <span className="look-button" style={own ? { background: own, color: '#fff' } : {}}>
              {t('wear.sample')}
            </span>
          </div>
        )}
      </Logo>
    </>
  );
}

interface LogoProps extends Pick<Props, 'form' | 'set' | 'errors'> {
  worn: string;
  children: (shown: string | undefined) => ReactNode;
}

function Logo({ worn, form, set, errors, children }: LogoProps) {
  const { t } = useT();
  const [big, setBig] = useState(false);
  // What is chosen here is shown when it has been saved: the page may show no picture but the server's.
  const shown = worn && form.logo === undefined ? `/api/v1/portal/logo/${worn}` : undefined;
  const message = big ? t('wear.logo.big') : errorOf(errors, 'settings-look-logo');
  const choose = async (file: File | undefined) => {
    if (!file) return;
    setBig(file.size > largest);
    if (file.size <= largest) set({ logo: await base64(file) });
  };
  return (
    <>
      <div className="ds-field">
        <label htmlFor="settings-look-logo" className="ds-label">
          {t('wear.logo')}
        </label>
        <div data-field="description" id="settings-look-logo-help">
          {t('wear.logo.help')}
        </div>
        <input
          id="settings-look-logo"
          type="file"
          accept="image/png,image/jpeg"
          className="ds-input"
          aria-describedby="settings-look-logo-help settings-look-logo-fault"
          aria-invalid={message ? true : undefined}
          onChange={(event) => void choose(event.target.files?.[0])}
        />
        <p id="settings-look-logo-fault" className="ds-validation-message" role="alert">
          {message}
        </p>
      </div>
      {children(shown)}
      {shown && (
        <div>
          <Button type="button" variant="tertiary" data-size="sm" onClick={() => set({ logo: '' })}>
            {t('wear.logo.remove')}
          </Button>
        </div>
      )}
    </>
  );
}
