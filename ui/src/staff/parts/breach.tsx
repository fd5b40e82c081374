import { Button } from '@digdir/designsystemet-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { breachesQuery, type Case, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { useT } from '../texts';
import { ActDialog, TextArea, TextInput } from './form';
import { nowWall, readWhen, WhenInput } from './when';

/** An answer of this case went to somebody else: writes the breach down with the case filled in. */
export function WrongPerson({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  if (!usePermission('report_breach')) return null;
  return (
    <div className="buttons">
      <Button variant="tertiary" data-size="sm" onClick={() => setOpen(true)}>
        {t('breach.new.case')}
      </Button>
      {open && <NewBreachDialog of={c} onClose={() => setOpen(false)} />}
    </div>
  );
}

/** Writes a personal data breach down: when it was noticed, what, and how many it may concern. */
export function NewBreachDialog({ of, onClose }: { of?: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const client = useQueryClient();
  const [when, setWhen] = useState(nowWall);
  const [what, setWhat] = useState('');
  const [concerned, setConcerned] = useState(of ? '1' : '0');
  const [wrong, setWrong] = useState<FieldError[]>([]);
  const open = useAct(
    (noticed_at: string) =>
      unwrap(
        api.POST('/staff/breaches', {
          body: {
            noticed_at,
            what: what.trim(),
            concerned: Number(concerned) || 0,
            ...(of ? { case: of.id } : {}),
          },
        }),
      ),
    () => {
      client.invalidateQueries({ queryKey: breachesQuery.queryKey });
      say(t('breach.opened'));
      onClose();
    },
  );
  const submit = () => {
    const at = readWhen(when);
    const found: FieldError[] = [];
    if ('wrong' in at) {
      const key = at.wrong === 'future' ? 'when.future' : 'when.missing';
      found.push({ field: 'breach-noticed_at', message: t(key) });
    }
    if (!what.trim()) found.push({ field: 'breach-what', message: t('breach.need.what') });
    setWrong(found);
    if ('at' in at && found.length === 0) open.act(at.at);
  };
  const errors = wrong.length > 0 ? wrong : fieldErrors('breach', open.error);
  return (
    <ActDialog
      title={t(of ? 'breach.new.case' : 'breach.new')}
      submit={t('common.save')}
      busy={open.busy}
      error={wrong.length > 0 ? undefined : open.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      {of && <p>{t('breach.case', { reference: of.reference })}</p>}
      <WhenInput
        id="breach-noticed_at"
        label={t('breach.noticed')}
        value={when}
        onChange={setWhen}
        errors={errors}
      />
      <TextArea
        id="breach-what"
        label={t('breach.what')}
        description={t('breach.what.help')}
        maxLength={10_000}
        value={what}
        onChange={setWhat}
        errors={errors}
      />
      <TextInput
        id="breach-concerned"
        type="number"
        className="narrow"
        min={0}
        label={t('breach.concerned')}
        description={t('breach.concerned.help')}
        value={concerned}
        onChange={setConcerned}
        errors={errors}
      />
    </ActDialog>
  );
}
