import { Checkbox, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case, Finding } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextInput } from '../parts/form';
import { useT } from '../texts';
import { at, useCaseAct } from './use-case';

/** The fields of a row that the register lets be corrected where they stand. */
export function correctable(row: Finding): Finding['fields'] {
  return row.fields.filter((field) => field.marks?.includes('correctable'));
}

/** Whether the office may point at fields of the findings: what the person wants is a correction. */
export function mayCorrect(c: Case): boolean {
  return c.right === 'rectification' && c.state === 'review' && can(c, 'decide').allowed;
}

interface Props {
  c: Case;
  group: string;
  row: Finding;
  onClose: () => void;
}

/** Which field is wrong, and what is to stand there. */
export function CorrectDialog({ c, group, row, onClose }: Props) {
  const { t } = useT();
  const say = useNotice();
  const fields = correctable(row);
  const [name, setName] = useState(fields[0]?.name ?? '');
  const [value, setValue] = useState('');
  const [remove, setRemove] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const field = fields.find((each) => each.name === name);
  const correct = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/corrections', {
          ...at(c.id),
          body: {
            group,
            key: row.key,
            field: name,
            ...(remove ? { remove: true } : { value: value.trim() }),
          },
        }),
      ),
    () => {
      say(t('correct.done'));
      onClose();
    },
  );
  const submit = () => {
    const found =
      remove || value.trim() ? [] : [{ field: 'correct-value', message: t('correct.need') }];
    setMissing(found);
    if (found.length === 0) correct.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('correct', correct.error);
  return (
    <ActDialog
      title={t('correct.title')}
      submit={t('correct.submit')}
      busy={correct.busy}
      error={missing.length > 0 ? undefined : correct.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('correct.text')}</Paragraph>
      <Pick
        id="correct-field"
        label={t('correct.field')}
        value={name}
        onChange={setName}
        options={fields.map((each) => [each.name, each.label ?? each.name])}
      />
      <p>
        <span className="under">{t('correct.now')}</span>{' '}
        <span className="break">
          {field?.masked ? t('unmask.hidden') : field?.value || t('corrections.empty')}
        </span>
      </p>
      {!remove && (
        <TextInput
          id="correct-value"
          label={t('correct.value')}
          maxLength={1_000}
          value={value}
          onChange={setValue}
          errors={errors}
          autoComplete="off"
        />
      )}
      <Checkbox
        label={t('correct.remove')}
        value="remove"
        checked={remove}
        onChange={(event) => setRemove(event.target.checked)}
      />
    </ActDialog>
  );
}
