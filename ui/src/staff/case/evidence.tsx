import { Button, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { type Case, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { ActDialog, TextArea } from '../parts/form';
import { save } from '../parts/save';
import { useT } from '../texts';
import { at } from './use-case';

/** What shows an authority how the case went: without personal data, or whole. */
export function Evidence({ c }: { c: Case }) {
  const { t } = useT();
  const [whole, setWhole] = useState(false);
  if (!usePermission('read_evidence')) return null;
  return (
    <section className="stack" aria-labelledby="evidence-title">
      <Heading level={2} data-size="2xs" id="evidence-title">
        {t('evidence.title')}
      </Heading>
      <p>{t('evidence.text')}</p>
      <div className="buttons">
        <a
          className="ds-button"
          data-variant="secondary"
          data-size="sm"
          href={`/api/v1/staff/cases/${c.id}/evidence`}
          download
        >
          {t('evidence.get')}
        </a>
        <Button variant="tertiary" data-size="sm" onClick={() => setWhole(true)}>
          {t('evidence.whole')}
        </Button>
      </div>
      {whole && <WholeDialog c={c} onClose={() => setWhole(false)} />}
    </section>
  );
}

/** The pack with the personal data of the case: why it is taken is logged. */
function WholeDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const take = useAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/evidence', {
          ...at(c.id),
          body: { reason: reason.trim() },
          parseAs: 'blob',
        }),
      ),
    (pack: unknown) => {
      if (pack instanceof Blob) save(pack, `${c.reference}.zip`);
      onClose();
    },
  );
  const submit = () => {
    const short = reason.trim().length < 10;
    setMissing(short ? [{ field: 'evidence-reason', message: t('evidence.need') }] : []);
    if (!short) take.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('evidence', take.error);
  return (
    <ActDialog
      title={t('evidence.whole.title')}
      submit={t('evidence.whole.submit')}
      busy={take.busy}
      error={missing.length > 0 ? undefined : take.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('evidence.whole.text')}</Paragraph>
      <TextArea
        id="evidence-reason"
        label={t('evidence.reason')}
        maxLength={1_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}
