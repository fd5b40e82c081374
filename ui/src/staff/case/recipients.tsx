import { Button, Tag } from '@digdir/designsystemet-react';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case } from '../api';
import { useNotice } from '../notice';
import { TextArea } from '../parts/form';
import { type StaffKey, useT } from '../texts';
import { Section } from './section';
import { useCaseAct } from './use-case';

type Recipient = Schemas['CaseRecipient'];

const channels: Record<Recipient['channel'], StaffKey> = {
  mail: 'recipients.mail',
  webhook: 'recipients.webhook',
  task: 'recipients.task',
};

function color(r: Recipient) {
  if (r.state === 'confirmed') return 'success';
  if (r.state === 'impossible') return 'neutral';
  if (r.late || r.channel === 'task') return 'warning';
  return 'info';
}

/** Who got data about the person and is told what was done with them, and what became of it. */
export function RecipientsSection({ c }: { c: Case }) {
  const { t } = useT();
  const list = c.recipients ?? [];
  if (list.length === 0) return null;
  return (
    <Section id="recipients" title={t('recipients.title')}>
      <p className="under">{t('recipients.text')}</p>
      <ul className="tasks">
        {list.map((each) => (
          <RecipientItem key={each.id} c={c} r={each} />
        ))}
      </ul>
    </Section>
  );
}

function RecipientItem({ c, r }: { c: Case; r: Recipient }) {
  const { t, date } = useT();
  const waits = r.settle && r.state === 'waiting' && r.channel === 'task';
  return (
    <li className="task stack" data-look={waits || r.late ? '' : undefined}>
      <p className="task-head">
        <strong>{r.name}</strong>
        <Tag data-color={color(r)}>{r.text}</Tag>
      </p>
      <p className="under">
        {r.activities.join(', ')}
        {' · '}
        {t(channels[r.channel], { at: date(r.settled_at ?? r.told_at ?? r.at) })}
      </p>
      {r.failed && <p className="under">{t('recipients.failed')}</p>}
      {r.late && <p className="under">{t('recipients.late')}</p>}
      {r.language && !r.settled_at && (
        <p className="under">{t('recipients.language', { language: t(`reg.${r.language}`) })}</p>
      )}
      {r.how && !r.settled_at && <p className="under own-words">{r.how}</p>}
      {r.kind === 'republisher' && !r.settled_at && (
        <ul className="under">
          <li>{t('recipients.public.search')}</li>
          <li>{t('recipients.public.others')}</li>
          <li>{t('recipients.public.cost')}</li>
        </ul>
      )}
      {r.note && <p className="under own-words">{r.by ? `${r.by}: ${r.note}` : r.note}</p>}
      {(r.settle || r.send) && <Acts c={c} r={r} />}
    </li>
  );
}

type Act = 'again' | 'told' | 'done' | 'impossible';

function Acts({ c, r }: { c: Case; r: Recipient }) {
  const { t } = useT();
  const say = useNotice();
  const [step, setStep] = useState<'told' | 'done' | 'impossible'>();
  const [note, setNote] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const follow = useCaseAct(
    (act: Act) =>
      unwrap(
        api.POST('/staff/cases/{id}/recipients/{noticeId}', {
          params: { path: { id: c.id, noticeId: r.id } },
          body: { act, ...(note.trim() ? { note: note.trim() } : {}) },
        }),
      ),
    () => {
      say(t('recipients.saved', { name: r.name }));
      setStep(undefined);
      setNote('');
    },
  );
  const noteId = `recipient-note-${r.id}`;
  const begin = (next: 'told' | 'done' | 'impossible') => {
    setErrors([]);
    setStep(next);
  };
  if (step) {
    const needed = step !== 'done' || !r.told_at;
    const save = () => {
      const slip = needed && !note.trim();
      setErrors(
        slip
          ? [
              {
                field: noteId,
                message: t(step === 'impossible' ? 'recipients.need.why' : 'recipients.need.how'),
              },
            ]
          : [],
      );
      if (!slip) follow.act(step);
    };
    return (
      <div className="stack inset">
        <ProblemAlert error={follow.error} focus />
        <TextArea
          id={noteId}
          label={t(step === 'impossible' ? 'recipients.why' : 'recipients.how')}
          {...(step === 'impossible' ? { description: t('recipients.why.help') } : {})}
          rows={3}
          maxLength={4_000}
          value={note}
          onChange={setNote}
          errors={errors}
        />
        <div className="buttons">
          <Button data-size="sm" loading={follow.busy} onClick={save}>
            {t('recipients.save')}
          </Button>
          <Button data-size="sm" variant="secondary" onClick={() => setStep(undefined)}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack">
      <ProblemAlert error={follow.error} focus />
      <div className="buttons">
        {r.settle && r.state === 'waiting' && r.channel === 'task' && (
          <Button variant="secondary" data-size="sm" onClick={() => begin('told')}>
            {t('recipients.told.do')}
            <span className="visually-hidden">: {r.name}</span>
          </Button>
        )}
        {r.settle && (
          <Button variant="secondary" data-size="sm" onClick={() => begin('done')}>
            {t('recipients.done.do')}
            <span className="visually-hidden">: {r.name}</span>
          </Button>
        )}
        {r.settle && (
          <Button variant="tertiary" data-size="sm" onClick={() => begin('impossible')}>
            {t('recipients.impossible.do')}
            <span className="visually-hidden">: {r.name}</span>
          </Button>
        )}
        {r.send && (
          <Button
            variant="tertiary"
            data-size="sm"
            loading={follow.busy}
            onClick={() => follow.act('again')}
          >
            {t('recipients.again.do')}
            <span className="visually-hidden">: {r.name}</span>
          </Button>
        )}
      </div>
    </div>
  );
}
