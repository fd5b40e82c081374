import { Checkbox, Paragraph, Radio } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import type { Case } from '../api';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, TextArea } from '../parts/form';
import { type StaffKey, usePersonsT, useT } from '../texts';
import { at, useCaseAct } from './use-case';

type Kind = Schemas['Pause']['kind'];

const kinds: readonly Kind[] = ['identity', 'clarification', 'older_contact'];

const kindText: Record<Kind, StaffKey> = {
  identity: 'pause.identity',
  clarification: 'pause.clarification',
  older_contact: 'pause.older',
};

const kindHelp: Record<Kind, StaffKey> = {
  identity: 'pause.identity.help',
  clarification: 'pause.clarification.help',
  older_contact: 'pause.older.help',
};

const question: Record<Kind, StaffKey> = {
  identity: 'pause.identity.question',
  clarification: 'pause.clarification.question',
  older_contact: 'pause.older.question',
};

interface PauseProps {
  c: Case;
  kind?: Kind;
  onClose: () => void;
}

/** Asks the person something that the case cannot go on without. */
export function PauseDialog({ c, kind: first, onClose }: PauseProps) {
  const { t } = useT();
  const say = useNotice();
  const paper = c.delivery === 'paper';
  const [kind, setKind] = useState<Kind>(first ?? 'clarification');
  // Until the officer writes, the question is the usual one, in the language of the person.
  const [written, setText] = useState<string>();
  const theirs = usePersonsT(c.locale);
  const text = written ?? theirs.t(question[kind]);
  const [reason, setReason] = useState(() =>
    first === 'older_contact' ? t('pause.older.reason') : '',
  );
  const [large, setLarge] = useState(false);
  const [missing, setMissing] = useState<FieldError[]>([]);
  const pause = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/pause', {
          ...at(c.id),
          body: {
            kind,
            text: text.trim(),
            reason: reason.trim(),
            ...(kind === 'clarification' && large ? { large_volume: true } : {}),
          },
        }),
      ),
    () => {
      say(t(paper ? 'pause.done.paper' : 'pause.done'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (text.trim().length < 5) found.push({ field: 'pause-text', message: t('pause.need.text') });
    if (reason.trim().length < 5)
      found.push({ field: 'pause-reason', message: t('pause.need.reason') });
    setMissing(found);
    if (found.length === 0) pause.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('pause', pause.error);
  return (
    <ActDialog
      title={t('pause.title')}
      submit={t(paper ? 'pause.submit.paper' : 'pause.submit')}
      busy={pause.busy}
      error={missing.length > 0 ? undefined : pause.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('pause.kind')}</legend>
        {kinds.map((each) => (
          <Radio
            key={each}
            name="pause-kind"
            label={t(kindText[each])}
            description={t(kindHelp[each])}
            value={each}
            checked={kind === each}
            onChange={() => setKind(each)}
          />
        ))}
      </fieldset>
      <TextArea
        id="pause-text"
        label={t('pause.text')}
        rows={5}
        maxLength={4_000}
        value={text}
        onChange={setText}
        errors={errors}
      />
      <TextArea
        id="pause-reason"
        label={t(kind === 'identity' ? 'pause.doubt' : 'pause.reason')}
        description={t(kind === 'identity' ? 'pause.doubt.help' : 'pause.reason.help')}
        rows={2}
        maxLength={2_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      {kind === 'clarification' && (
        <Checkbox
          label={t('pause.large')}
          value="large"
          checked={large}
          onChange={(event) => setLarge(event.target.checked)}
        />
      )}
      {paper && <Paragraph data-size="sm">{t('pause.paper')}</Paragraph>}
      {kind === 'older_contact' && <Paragraph data-size="sm">{t('pause.older.clock')}</Paragraph>}
    </ActDialog>
  );
}
