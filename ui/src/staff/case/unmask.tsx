import { Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case, Finding } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { ActDialog, Pick, TextArea } from '../parts/form';
import { type StaffKey, useT } from '../texts';
import { at } from './use-case';

const reasons = ['decide', 'identity', 'asked', 'other'] as const;
type Reason = (typeof reasons)[number];

const reasonText: Record<Reason, StaffKey> = {
  decide: 'unmask.why.decide',
  identity: 'unmask.why.identity',
  asked: 'unmask.why.asked',
  other: 'unmask.why.other',
};

/** The values of a row's hidden fields, by the field's name. */
export type Shown = Readonly<Record<string, string>>;

interface Props {
  c: Case;
  group: string;
  row: Finding;
  onShown: (values: Shown) => void;
  onClose: () => void;
}

/** Why somebody needs to see what is hidden; a fresh proof is asked for on the way. */
export function UnmaskDialog({ c, group, row, onShown, onClose }: Props) {
  const { t } = useT();
  const [reason, setReason] = useState<Reason>('decide');
  const [note, setNote] = useState('');
  const unmask = useAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/unmask', {
          ...at(c.id),
          body: {
            group,
            finding: row.id,
            reason,
            ...(note.trim() ? { note: note.trim() } : {}),
          },
        }),
      ),
    ({ fields }) => {
      onShown(Object.fromEntries(fields.map(({ name, value }) => [name, value])));
      onClose();
    },
  );
  const errors: FieldError[] = fieldErrors('unmask', unmask.error);
  return (
    <ActDialog
      title={t('unmask.title')}
      submit={t('unmask.submit')}
      busy={unmask.busy}
      error={unmask.error}
      fields={errors}
      onSubmit={() => unmask.act()}
      onCancel={onClose}
    >
      <Paragraph>{t('unmask.lead')}</Paragraph>
      <Pick
        id="unmask-reason"
        label={t('unmask.why')}
        value={reason}
        onChange={(value) => setReason(value as Reason)}
        errors={errors}
        options={reasons.map((each) => [each, t(reasonText[each])] as const)}
      />
      <TextArea
        id="unmask-note"
        label={t(reason === 'other' ? 'unmask.note' : 'unmask.note.optional')}
        value={note}
        onChange={setNote}
        errors={errors}
        rows={2}
        maxLength={2000}
      />
    </ActDialog>
  );
}
