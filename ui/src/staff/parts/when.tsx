import type { FieldError } from '../../shared/errors';
import { useT } from '../texts';
import { osloInstant, osloWall } from '../time';
import { TextInput } from './form';

export interface When {
  date: string;
  time: string;
}

/** The present, as the two fields show it. */
export function nowWall(): When {
  return osloWall(new Date());
}

/** The instant of the two fields, or why it cannot be one. */
export function readWhen(when: When): { at: string } | { wrong: 'missing' | 'future' } {
  const at = osloInstant(when.date, when.time);
  if (!at) return { wrong: 'missing' };
  return at.getTime() > Date.now() ? { wrong: 'future' } : { at: at.toISOString() };
}

interface WhenProps {
  /** The id of the date field; the time's is the same with -time. */
  id: string;
  label: string;
  value: When;
  onChange: (value: When) => void;
  errors: readonly FieldError[];
}

/** A day and a time of day that have been. */
export function WhenInput({ id, label, value, onChange, errors }: WhenProps) {
  const { t, instant } = useT();
  const at = osloInstant(value.date, value.time);
  return (
    <div className="stack when">
      <div className="pair">
        <TextInput
          id={id}
          type="date"
          label={label}
          max={nowWall().date}
          value={value.date}
          onChange={(date) => onChange({ ...value, date })}
          errors={errors}
        />
        <TextInput
          id={`${id}-time`}
          type="time"
          label={t('field.time')}
          value={value.time}
          onChange={(time) => onChange({ ...value, time })}
          errors={errors}
        />
      </div>
      {/* Browsers write dates in the order of their own language: the words leave no doubt. */}
      <p className="under">{at && instant(at.toISOString())}</p>
    </div>
  );
}
