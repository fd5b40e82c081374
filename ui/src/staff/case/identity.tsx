import { Button, Paragraph, Radio, ValidationMessage } from '@digdir/designsystemet-react';
import { type FormEvent, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { Failure, TextArea } from '../parts/form';
import { methodText, useT } from '../texts';
import { Section } from './section';
import { at, useCaseAct } from './use-case';

type Method = Schemas['IdentityCheck']['method'];

const methods: readonly Method[] = [
  'known_address',
  'code_by_mail',
  'known_facts',
  'eid',
  'in_person',
];

/** For a request that came another way: how the office knows who it is. */
export function IdentitySection({ c }: { c: Case }) {
  const { t } = useT();
  const say = useNotice();
  const [method, setMethod] = useState<Method>();
  const [note, setNote] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const may = can(c, 'identity');
  const confirm = useCaseAct(
    (chosen: Method) =>
      unwrap(
        api.POST('/staff/cases/{id}/identity', {
          ...at(c.id),
          body: { method: chosen, note: note.trim() },
        }),
      ),
    () => say(t('identity.done')),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!method) found.push({ field: 'identity-method', message: t('identity.need.method') });
    if (!note.trim()) found.push({ field: 'identity-note', message: t('identity.need.note') });
    setMissing(found);
    if (found.length === 0 && method) confirm.act(method);
  };
  const errors = missing.length > 0 ? missing : fieldErrors('identity', confirm.error);
  return (
    <Section id="identity" title={t('identity.title')} className="callout">
      <Paragraph>{t('identity.text')}</Paragraph>
      {may.whyNot && <p className="why-not">{may.whyNot}</p>}
      <form onSubmit={submit} noValidate className="stack form">
        <Failure error={missing.length > 0 ? undefined : confirm.error} fields={errors} />
        <fieldset className="ds-fieldset">
          <legend className="ds-label">{t('identity.method')}</legend>
          {errorOf(errors, 'identity-method') && (
            <ValidationMessage>{errorOf(errors, 'identity-method')}</ValidationMessage>
          )}
          {methods.map((each, place) => (
            <Radio
              key={each}
              {...(place === 0 ? { id: 'identity-method' } : {})}
              name="identity-method"
              label={t(methodText[each])}
              value={each}
              checked={method === each}
              onChange={() => setMethod(each)}
            />
          ))}
        </fieldset>
        <TextArea
          id="identity-note"
          label={t('identity.note')}
          description={t('identity.note.help')}
          rows={2}
          maxLength={1_000}
          value={note}
          onChange={setNote}
          errors={errors}
        />
        <div className="buttons">
          <Button type="submit" data-size="sm" loading={confirm.busy} disabled={!may.allowed}>
            {t('identity.submit')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
