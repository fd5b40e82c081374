import { Button, Paragraph, Radio, ValidationMessage } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, TextArea, TextInput } from '../parts/form';
import { methodText, useT } from '../texts';
import { at, useCaseAct } from './use-case';

type Method = Schemas['NewAddress']['method'];

const methods: readonly Method[] = ['eid', 'in_person', 'known_facts'];

/** Has the case follow another address whose owner cannot read the old one any more. */
export function AddressDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [email, setEmail] = useState('');
  const [method, setMethod] = useState<Method>();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const change = useCaseAct(
    (how: Method) =>
      unwrap(
        api.POST('/staff/cases/{id}/address', {
          ...at(c.id),
          body: { email: email.trim(), method: how, reason: reason.trim() },
        }),
      ),
    () => {
      say(t('address.begun'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!email.includes('@')) found.push({ field: 'address-email', message: t('address.need') });
    if (!method) found.push({ field: 'address-method', message: t('identity.need.method') });
    if (!reason.trim()) found.push({ field: 'address-reason', message: t('address.need.reason') });
    setMissing(found);
    if (found.length === 0 && method) change.act(method);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('address', change.error);
  return (
    <ActDialog
      title={t('address.open')}
      submit={t('address.submit')}
      busy={change.busy}
      error={missing.length > 0 ? undefined : change.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('address.text')}</Paragraph>
      <TextInput
        id="address-email"
        type="email"
        label={t('address.new')}
        value={email}
        onChange={setEmail}
        errors={errors}
      />
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('address.method')}</legend>
        {errorOf(errors, 'address-method') && (
          <ValidationMessage>{errorOf(errors, 'address-method')}</ValidationMessage>
        )}
        {methods.map((each, place) => (
          <Radio
            key={each}
            {...(place === 0 ? { id: 'address-method' } : {})}
            name="address-method"
            label={t(methodText[each])}
            value={each}
            checked={method === each}
            onChange={() => setMethod(each)}
          />
        ))}
      </fieldset>
      <TextArea
        id="address-reason"
        label={t('address.reason')}
        rows={2}
        maxLength={1_900}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
    </ActDialog>
  );
}

/** The change that waits. */
export function AddressWaits({ c }: { c: Case }) {
  const { t, instant } = useT();
  const say = useNotice();
  const stop = useCaseAct(
    () => unwrap(api.DELETE('/staff/cases/{id}/address', at(c.id))),
    () => say(t('address.stopped')),
  );
  const change = c.address_change;
  if (!change) return null;
  return (
    <div className="stack tight">
      <Paragraph>{t('address.waits', { date: instant(change.due_at) })}</Paragraph>
      {!change.proved && <Paragraph data-size="sm">{t('address.unproved')}</Paragraph>}
      <ProblemAlert error={stop.error} />
      {change.may_stop && (
        <div>
          <Button variant="secondary" data-size="sm" loading={stop.busy} onClick={() => stop.act()}>
            {t('address.stop')}
          </Button>
        </div>
      )}
    </div>
  );
}
