import {
  Button,
  Dialog,
  Field,
  Heading,
  Label,
  Select,
  Textfield,
  ValidationMessage,
} from '@digdir/designsystemet-react';
import { type FormEvent, type ReactNode, useId } from 'react';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert, useFailure } from '../../shared/problem';
import { useT } from '../texts';

/** The failure of a form: the fields, each with its sentence. The sentence alone where no field says it. */
export function Failure({ error, fields }: { error: unknown; fields: readonly FieldError[] }) {
  const { text } = useFailure(error);
  const said = fields.some(({ message }) => message === text);
  return (
    <>
      {!said && <ProblemAlert error={error} focus={fields.length === 0} />}
      <Errors errors={fields} />
    </>
  );
}

interface ActFormProps {
  title: string;
  level?: 2 | 3;
  children: ReactNode;
  submit: string;
  busy: boolean;
  error: unknown;
  fields: readonly FieldError[];
  onSubmit: () => void;
  onCancel: () => void;
  danger?: boolean;
  disabled?: boolean;
}

/** A dialog with one form and one act. It stays open, with what was typed, until the act is done. */
export function ActDialog({ title, submit, onSubmit, onCancel, ...props }: ActFormProps) {
  const { t } = useT();
  const id = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!props.busy) onSubmit();
  };
  return (
    <Dialog
      open
      onClose={onCancel}
      closeButton={t('shared.close')}
      aria-labelledby={id}
      className="act-dialog"
    >
      <form onSubmit={send} noValidate className="stack">
        <Heading level={2} data-size="sm" id={id}>
          {title}
        </Heading>
        <Failure error={props.error} fields={props.fields} />
        {props.children}
        <div className="buttons">
          <Button
            type="submit"
            loading={props.busy}
            disabled={props.disabled ?? false}
            {...(props.danger ? { 'data-color': 'danger' as const } : {})}
          >
            {submit}
          </Button>
          <Button variant="secondary" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  errors: readonly FieldError[];
  description?: string;
  type?: 'text' | 'email' | 'tel' | 'date' | 'time' | 'number' | 'password' | 'search' | 'url';
  className?: string;
  max?: string | number;
  min?: string | number;
  maxLength?: number;
  autoComplete?: string;
  autoFocus?: boolean;
}

/** A line of text with its error from the list. */
export function TextInput({ onChange, errors, className, ...props }: InputProps) {
  return (
    <Textfield
      {...props}
      {...(className ? { className } : {})}
      onChange={(event) => onChange(event.target.value)}
      error={errorOf(errors, props.id)}
    />
  );
}

interface AreaProps extends Omit<InputProps, 'type' | 'max' | 'min'> {
  rows?: number;
}

/** Several lines of text with its error from the list. */
export function TextArea({ onChange, errors, className, rows = 4, ...props }: AreaProps) {
  return (
    <Textfield
      multiline
      rows={rows}
      {...props}
      {...(className ? { className } : {})}
      onChange={(event) => onChange(event.target.value)}
      error={errorOf(errors, props.id)}
    />
  );
}

interface PickProps {
  id: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly (readonly [value: string, text: string])[];
  errors?: readonly FieldError[];
  description?: string;
  className?: string;
}

/** One of a list. */
export function Pick({ id, label, value, onChange, options, errors = [], ...props }: PickProps) {
  const message = errorOf(errors, id);
  return (
    <Field {...(props.className ? { className: props.className } : {})}>
      <Label htmlFor={id}>{label}</Label>
      {props.description && <Field.Description>{props.description}</Field.Description>}
      <Select
        id={id}
        value={value}
        aria-invalid={message ? true : undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        {options.map(([key, text]) => (
          <Select.Option key={key} value={key}>
            {text}
          </Select.Option>
        ))}
      </Select>
      {message && <ValidationMessage>{message}</ValidationMessage>}
    </Field>
  );
}
