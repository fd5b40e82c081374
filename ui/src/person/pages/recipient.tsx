import { Button, Fieldset, Radio } from '@digdir/designsystemet-react';
import { type FormEvent, useEffect, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { LongField } from '../fields';
import { dropLink, holder, type MailedLink, takeLink } from '../link';
import { isOver, LinkOver } from '../linkOver';
import { PersonPage } from '../personPage';
import { type PersonKey, useText } from '../text';

type Notice = Schemas['RecipientNotice'];

/**
 * Where the link leads that somebody gets who has received data: whom it is about, what was done with the
 * data and what they have to do. It shows nobody's data by itself: programs that look through mail open
 * links too.
 */
export function Recipient() {
  const [link, setLink] = useState(takeLink);
  const [notice, setNotice] = useState<Notice>();
  const [done, setDone] = useState(false);
  useEffect(() => {
    const look = () => {
      setNotice(undefined);
      setDone(false);
      setLink(takeLink());
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  if (done) return <Said title="colleague.done.title" text="recipient.done" />;
  if (!link) return <Said title="verify.none.title" text="colleague.none" />;
  if (!notice) return <Open key={link.token} link={link} onOpen={setNotice} />;
  const finish = () => {
    dropLink();
    setDone(true);
  };
  return <Told link={link} notice={notice} onDone={finish} />;
}

function Said({ title, text }: { title: PersonKey; text: PersonKey }) {
  const { t } = useText();
  return (
    <PersonPage title={t(title)}>
      <p>{t(text)}</p>
    </PersonPage>
  );
}

function Open({ link, onOpen }: { link: MailedLink; onOpen: (notice: Notice) => void }) {
  const { t } = useText();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      onOpen(await unwrap(api.POST('/recipient/open', holder(link))));
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  if (isOver(failure)) return <LinkOver failure={failure} />;
  return (
    <PersonPage title={t('recipient.open.title')}>
      <p>{t('recipient.open.text')}</p>
      <ProblemAlert error={failure} focus />
      <div className="actions">
        <Button onClick={() => void open()} loading={busy}>
          {t('recipient.open.do')}
        </Button>
      </div>
    </PersonPage>
  );
}

const wanted: Partial<Record<Notice['right'], PersonKey>> = {
  erasure: 'recipient.erase',
  rectification: 'recipient.correct',
};

const clues: Record<string, PersonKey> = {
  name: 'colleague.who.name',
  email: 'colleague.who.email',
  phone_number: 'colleague.who.phone',
  external_id: 'colleague.who.number',
};

interface Props {
  link: MailedLink;
  notice: Notice;
  onDone: () => void;
}

function Told({ link, notice, onDone }: Props) {
  const { t, date } = useText();
  const facts: [string, string][] = [
    ...notice.who.map((clue): [string, string] => [
      t(clues[clue.kind] ?? 'colleague.who.other'),
      clue.value,
    ]),
    [t('recipient.from'), notice.controller],
    [t('recipient.about'), notice.activities.join(', ')],
    ...notice.corrections.map((each): [string, string] => [
      each.label,
      t('colleague.correct', { old: each.old, new: each.new || t('colleague.correct.none') }),
    ]),
    [t('colleague.reference'), notice.reference],
    [t('recipient.until'), date(notice.until)],
  ];
  return (
    <PersonPage title={t('recipient.title')}>
      <p>{t(wanted[notice.right] ?? 'recipient.restrict', { org: notice.controller })}</p>
      <dl className="facts-list">
        {facts.map(([label, value]) => (
          <div key={`${label} ${value}`}>
            <dt>{label}</dt>
            <dd className="own-words">{value}</dd>
          </div>
        ))}
      </dl>
      <Answer link={link} onDone={onDone} />
    </PersonPage>
  );
}

const outcomes = [
  ['done', 'recipient.answer.done'],
  ['impossible', 'recipient.answer.impossible'],
] as const;

function Answer({ link, onDone }: Omit<Props, 'notice'>) {
  const { t } = useText();
  const [outcome, setOutcome] = useState<(typeof outcomes)[number][0]>();
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const found: FieldError[] = [];
    if (!outcome) found.push({ field: 'outcome', message: t('recipient.need.outcome') });
    if (outcome === 'impossible' && !reason.trim()) {
      found.push({ field: 'reason', message: t('recipient.need.reason') });
    }
    setErrors(found);
    if (found.length > 0 || !outcome || busy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(
        api.POST('/recipient/answer', {
          ...holder(link),
          body: { outcome, ...(outcome === 'impossible' ? { reason: reason.trim() } : {}) },
        }),
      );
      onDone();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const missing = errorOf(errors, 'outcome');
  return (
    <form onSubmit={(event) => void submit(event)} noValidate className="stack">
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Fieldset>
        <Fieldset.Legend>{t('recipient.ask')}</Fieldset.Legend>
        {outcomes.map(([value, label], index) => (
          <Radio
            key={value}
            {...(index === 0 ? { id: 'outcome' } : {})}
            name="outcome"
            value={value}
            label={t(label)}
            checked={outcome === value}
            onChange={() => setOutcome(value)}
          />
        ))}
        {missing && (
          <p className="ds-validation-message" data-field="validation" data-color="danger">
            {missing}
          </p>
        )}
      </Fieldset>
      {outcome === 'impossible' && (
        <LongField
          id="reason"
          label={t('recipient.reason')}
          hint={t('recipient.reason.hint')}
          value={reason}
          onChange={setReason}
          maxLength={4_000}
          error={errorOf(errors, 'reason')}
        />
      )}
      <div className="actions">
        <Button type="submit" loading={busy}>
          {t('colleague.send')}
        </Button>
      </div>
    </form>
  );
}
