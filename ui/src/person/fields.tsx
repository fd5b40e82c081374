import { Textfield } from '@digdir/designsystemet-react';
import { useText } from './text';

interface TextProps {
  value: string;
  onChange: (value: string) => void;
}

/** What the office may call the person. */
export function NameField({ value, onChange }: TextProps) {
  const { t } = useText();
  return (
    <Textfield
      label={t('name.label')}
      description={t('name.hint')}
      autoComplete="name"
      maxLength={200}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

interface LongProps extends TextProps {
  id: string;
  label: string;
  hint?: string;
  error?: string | undefined;
  rows?: number;
  maxLength?: number;
}

/** A place for some sentences. */
export function LongField(props: LongProps) {
  const { id, label, hint, value, onChange, error, rows = 4, maxLength = 10_000 } = props;
  return (
    <Textfield
      multiline
      id={id}
      label={label}
      rows={rows}
      maxLength={maxLength}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      {...(hint ? { description: hint } : {})}
      {...(error ? { error } : {})}
    />
  );
}
