import { Checkbox } from '@digdir/designsystemet-react';

interface CheckProps {
  id: string;
  label: string;
  description?: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}

/** A checkbox, one of several or alone. */
export function CheckLine({ id, label, description, checked, onChange }: CheckProps) {
  return (
    <Checkbox
      id={id}
      value={id}
      label={label}
      {...(description ? { description } : {})}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
  );
}
