import { Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import type { FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { localeNames } from '../../text/format';
import { type Case, membersQuery } from '../api';
import { can } from '../can';
import { fieldErrors } from '../form';
import { useNotice } from '../notice';
import { ActDialog, Pick, TextArea, TextInput } from '../parts/form';
import { canTake, identifierText, mainRole, ownIdentifierText, useT, wordOf } from '../texts';
import { AddressDialog, AddressWaits } from './address';
import { FeeDialog, RefuseDialog } from './refuse';
import { ActButton, Section } from './section';
import { at, useCaseAct } from './use-case';

type Kind = Schemas['NewIdentifier']['kind'];
type Identifier = Schemas['Identifier'];

/** Who the person is, what points at them, the linked requests, and the rarer acts. */
export function PersonSection({ c }: { c: Case }) {
  const { t, locale } = useT();
  return (
    <>
      <Section id="person" title={t('person.title')}>
        <dl className="facts">
          {c.name && <Fact name={t('field.name')} value={c.name} />}
          {c.email && (
            <Fact
              name={t(
                c.identifiers.some((i) => i.kind === 'asker_email' && i.value === c.email)
                  ? 'identifier.asker'
                  : 'field.email',
              )}
              value={c.email}
            />
          )}
          {c.postal_address && <Fact name={t('field.postal')} value={c.postal_address} />}
          <Fact name={t('person.identity')} value={c.identity.text} />
          {c.locale && c.locale !== locale && (
            <Fact name={t('person.language')} value={localeNames[c.locale]} />
          )}
        </dl>
        <AddressWaits c={c} />
        <Identifiers c={c} />
      </Section>
      <Linked c={c} />
      <OtherActs c={c} />
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="own-words">{value}</dd>
    </>
  );
}

/** What may lead to a mailbox on file. */
const askable = ['email', 'phone_number', 'external_id', 'ip_address'];

const certaintyColor = { verified: 'success', candidate: 'warning', rejected: 'neutral' } as const;

/** The addresses and numbers that are searched with; a candidate is not the person's until confirmed. */
function Identifiers({ c }: { c: Case }) {
  const { t, instant } = useT();
  const say = useNotice();
  const [adding, setAdding] = useState(false);
  const ask = useCaseAct(
    (identifierId: string) =>
      unwrap(
        api.POST('/staff/cases/{id}/identifiers/{identifierId}/ask', {
          params: { path: { id: c.id, identifierId } },
        }),
      ),
    () => say(t('identifiers.asked')),
  );
  const [judging, setJudging] = useState<{ identifier: Identifier; confirmed: boolean }>();
  const may = can(c, 'identifiers');
  if (c.identifiers.length === 0 && !may.offered) return null;
  return (
    <div id="identifiers" tabIndex={-1} className="stack identifiers">
      <Heading level={3} data-size="2xs">
        {t('identifiers.title')}
      </Heading>
      <ul>
        {c.identifiers.map((each) => {
          const kind = wordOf({ ...identifierText, ...ownIdentifierText }, each.kind);
          return (
            <li key={each.id}>
              <p>
                <span className="under">{kind ? t(kind) : each.kind}</span>
                <span className="break">{each.value}</span>
                <Tag data-color={certaintyColor[each.certainty]}>
                  {t(`identifiers.${each.certainty}`)}
                </Tag>
              </p>
              {each.note && <p className="under">{each.note}</p>}
              {each.asked_until && (
                <p className="under">
                  {t('identifiers.waiting', { until: instant(each.asked_until) })}
                </p>
              )}
              {each.certainty === 'candidate' && may.allowed && (
                <div className="buttons">
                  {c.verified && askable.includes(each.kind) && !each.asked_until && (
                    <Button
                      variant="secondary"
                      data-size="sm"
                      loading={ask.busy}
                      onClick={() => ask.act(each.id)}
                    >
                      {t('identifiers.ask')}
                      <span className="visually-hidden">: {each.value}</span>
                    </Button>
                  )}
                  <Button
                    variant="secondary"
                    data-size="sm"
                    onClick={() => setJudging({ identifier: each, confirmed: true })}
                  >
                    {t('identifiers.confirm')}
                    <span className="visually-hidden">: {each.value}</span>
                  </Button>
                  <Button
                    variant="tertiary"
                    data-size="sm"
                    onClick={() => setJudging({ identifier: each, confirmed: false })}
                  >
                    {t('identifiers.reject')}
                    <span className="visually-hidden">: {each.value}</span>
                  </Button>
                </div>
              )}
            </li>
          );
        })}
      </ul>
      <ProblemAlert error={ask.error} focus />
      <ActButton may={may} variant="tertiary" onClick={() => setAdding(true)}>
        {t('identifiers.add')}
      </ActButton>
      {adding && <AddDialog c={c} onClose={() => setAdding(false)} />}
      {judging && <JudgeDialog c={c} {...judging} onClose={() => setJudging(undefined)} />}
    </div>
  );
}

function AddDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [kind, setKind] = useState<Kind>('email');
  const [value, setValue] = useState('');
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const add = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/identifiers', {
          ...at(c.id),
          body: {
            kind,
            value: kind === 'ip_address' ? `${value.trim()} ${from}/${until}` : value.trim(),
          },
        }),
      ),
    () => {
      say(t('identifiers.added'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!value.trim()) found.push({ field: 'identifier-value', message: t('identifiers.need') });
    if (kind === 'ip_address' && !(from && until))
      found.push({
        field: from ? 'identifier-until' : 'identifier-from',
        message: t('identifiers.need.days'),
      });
    setMissing(found);
    if (found.length === 0) add.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('identifier', add.error);
  return (
    <ActDialog
      title={t('identifiers.add.title')}
      submit={t('identifiers.add.submit')}
      busy={add.busy}
      error={missing.length > 0 ? undefined : add.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('identifiers.add.text')}</Paragraph>
      <Pick
        id="identifier-kind"
        label={t('identifiers.kind')}
        value={kind}
        onChange={(next) => setKind(next as Kind)}
        options={(Object.keys(identifierText) as Kind[]).map((key) => [
          key,
          t(identifierText[key]),
        ])}
      />
      <TextInput
        id="identifier-value"
        label={t('identifiers.value')}
        maxLength={254}
        value={value}
        onChange={setValue}
        errors={errors}
      />
      {kind === 'ip_address' && (
        <div className="buttons">
          <TextInput
            id="identifier-from"
            type="date"
            label={t('identifiers.from')}
            value={from}
            onChange={setFrom}
            errors={errors}
          />
          <TextInput
            id="identifier-until"
            type="date"
            label={t('identifiers.until')}
            value={until}
            onChange={setUntil}
            errors={errors}
          />
        </div>
      )}
    </ActDialog>
  );
}

interface JudgeProps {
  c: Case;
  identifier: Identifier;
  confirmed: boolean;
  onClose: () => void;
}

function JudgeDialog({ c, identifier, confirmed, onClose }: JudgeProps) {
  const { t } = useT();
  const say = useNotice();
  const [how, setHow] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const judge = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/identifiers/{identifierId}/confirm', {
          params: { path: { id: c.id, identifierId: identifier.id } },
          body: { confirmed, how: how.trim() },
        }),
      ),
    () => {
      say(t(confirmed ? 'identifiers.confirmed' : 'identifiers.rejected.done'));
      onClose();
    },
  );
  const submit = () => {
    const found =
      how.trim().length < 3 ? [{ field: 'judge-how', message: t('identifiers.need.how') }] : [];
    setMissing(found);
    if (found.length === 0) judge.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('judge', judge.error);
  return (
    <ActDialog
      title={t(confirmed ? 'identifiers.confirm.title' : 'identifiers.reject.title', {
        value: identifier.value,
      })}
      submit={t(confirmed ? 'identifiers.confirm' : 'identifiers.reject')}
      busy={judge.busy}
      error={missing.length > 0 ? undefined : judge.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      {confirmed && <Paragraph>{t('identifiers.confirm.text')}</Paragraph>}
      <TextArea
        id="judge-how"
        label={t(confirmed ? 'identifiers.how' : 'identifiers.why')}
        rows={2}
        maxLength={500}
        value={how}
        onChange={setHow}
        errors={errors}
      />
    </ActDialog>
  );
}

function Linked({ c }: { c: Case }) {
  const { t, date } = useT();
  if (c.linked.length === 0) return null;
  return (
    <Section title={t('linked.title')}>
      <ul className="links">
        {c.linked.map((each) => (
          <li key={each.id}>
            <Link to="/cases/$id" params={{ id: each.id }} className="ds-link">
              {each.reference}
            </Link>{' '}
            <span className="under-inline">{t('linked.due', { date: date(each.due_on) })}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function OtherActs({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState<'address' | 'fee' | 'refuse' | 'withdraw'>();
  const any = (['assign', 'address', 'refuse', 'withdraw'] as const).some(
    (act) => can(c, act).offered,
  );
  if (!any) return null;
  return (
    <Section title={t('other.title')}>
      <Assign c={c} />
      <div className="side-acts">
        {!c.address_change && can(c, 'address').allowed && (
          <ActButton may={can(c, 'address')} onClick={() => setOpen('address')}>
            {t('address.open')}
          </ActButton>
        )}
        <ActButton may={can(c, 'refuse')} onClick={() => setOpen('refuse')}>
          {t('refuse.open')}
        </ActButton>
        <ActButton may={can(c, 'refuse')} onClick={() => setOpen('fee')}>
          {t('fee.title')}
        </ActButton>
        <ActButton may={can(c, 'withdraw')} onClick={() => setOpen('withdraw')}>
          {t('withdraw.open')}
        </ActButton>
      </div>
      {open === 'address' && <AddressDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'refuse' && <RefuseDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'fee' && <FeeDialog c={c} onClose={() => setOpen(undefined)} />}
      {open === 'withdraw' && <WithdrawDialog c={c} onClose={() => setOpen(undefined)} />}
    </Section>
  );
}

function Assign({ c }: { c: Case }) {
  const { t } = useT();
  const say = useNotice();
  const may = can(c, 'assign');
  const members = useQuery({ ...membersQuery, enabled: may.allowed });
  const assign = useCaseAct(
    (member: string) =>
      unwrap(api.POST('/staff/cases/{id}/assign', { ...at(c.id), body: { member } })),
    () => say(t('assign.done')),
  );
  const handlers = (members.data?.members ?? []).filter(canTake);
  if (!may.allowed || handlers.length < 2) {
    return c.assigned_to ? <p>{t('assign.to', { name: c.assigned_to })}</p> : null;
  }
  const current = handlers.find((m) => m.name === c.assigned_to)?.id ?? '';
  return (
    <>
      <Pick
        id="assign"
        label={t('assign.label')}
        value={current}
        onChange={(member) => member && assign.act(member)}
        options={[
          ...(current ? [] : [['', t('assign.nobody')] as const]),
          ...handlers.map(
            (m) => [m.id, `${m.name} (${t(mainRole(m) ?? 'role.case_handler')})`] as const,
          ),
        ]}
      />
      <ProblemAlert error={assign.error} />
    </>
  );
}

function WithdrawDialog({ c, onClose }: { c: Case; onClose: () => void }) {
  const { t } = useT();
  const say = useNotice();
  const [how, setHow] = useState('');
  const [missing, setMissing] = useState<FieldError[]>([]);
  const withdraw = useCaseAct(
    () =>
      unwrap(api.POST('/staff/cases/{id}/withdraw', { ...at(c.id), body: { how: how.trim() } })),
    () => {
      say(t('withdraw.done'));
      onClose();
    },
  );
  const submit = () => {
    const found =
      how.trim().length < 3 ? [{ field: 'withdraw-how', message: t('withdraw.need') }] : [];
    setMissing(found);
    if (found.length === 0) withdraw.act();
  };
  const errors = missing.length > 0 ? missing : fieldErrors('withdraw', withdraw.error);
  return (
    <ActDialog
      title={t('withdraw.title')}
      submit={t('withdraw.submit')}
      busy={withdraw.busy}
      error={missing.length > 0 ? undefined : withdraw.error}
      fields={errors}
      onSubmit={submit}
      onCancel={onClose}
    >
      <Paragraph>{t('withdraw.text')}</Paragraph>
      <TextArea
        id="withdraw-how"
        label={t('withdraw.how')}
        rows={2}
        maxLength={1_000}
        value={how}
        onChange={setHow}
        errors={errors}
      />
    </ActDialog>
  );
}
