import { Button, Checkbox, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { breachesQuery, usePermission } from '../api';
import { fieldErrors } from '../form';
import { useAct } from '../gate';
import { useNotice } from '../notice';
import { NewBreachDialog } from '../parts/breach';
import { ActDialog, Pick, TextArea, TextInput } from '../parts/form';
import { type When, WhenInput } from '../parts/when';
import { useT } from '../texts';
import { osloInstant, osloWall } from '../time';

type Breach = Schemas['Breach'];

/** The record of personal data breaches (Art. 33(5)). */
export function BreachesPage() {
  const { t } = useT();
  const found = useQuery(breachesQuery);
  const may = usePermission('report_breach');
  const [open, setOpen] = useState(false);
  const list = found.data?.breaches ?? [];
  return (
    <Page title={t('breach.title')} suffix={t('app.name')} size="md" className="stack">
      <Paragraph>{t('breach.lead')}</Paragraph>
      <ProblemAlert error={found.error} onRetry={() => found.refetch()} />
      {may && (
        <div className="buttons">
          <Button variant="secondary" onClick={() => setOpen(true)}>
            {t('breach.new')}
          </Button>
        </div>
      )}
      {found.isPending && <Waiting />}
      {found.data && list.length === 0 && <Paragraph>{t('breach.none')}</Paragraph>}
      {list.length > 0 && (
        <ul className="tasks">
          {list.map((each) => (
            <Item key={each.id} breach={each} />
          ))}
        </ul>
      )}
      {open && <NewBreachDialog onClose={() => setOpen(false)} />}
    </Page>
  );
}

function Item({ breach }: { breach: Breach }) {
  const { t, n, instant } = useT();
  const may = usePermission('assess_breach');
  const [open, setOpen] = useState(false);
  return (
    <li className="task stack" data-look={breach.closed_at ? undefined : ''}>
      <p className="task-head">
        <strong>{t('breach.seen', { at: instant(breach.noticed_at) })}</strong>
        <State breach={breach} />
      </p>
      <p className="own-words">{breach.what}</p>
      {breach.concerned > 0 && <p className="under">{n('breach.people', breach.concerned)}</p>}
      {breach.case && (
        <p className="under">
          <Link className="ds-link" to="/cases/$id" params={{ id: breach.case }}>
            {t('breach.case', { reference: breach.reference ?? '' })}
          </Link>
        </p>
      )}
      {breach.risk && (
        <p className="under own-words">
          {t(`breach.risk.${breach.risk}`)}. {breach.reason}
        </p>
      )}
      <Told breach={breach} />
      {!breach.closed_at && may && (
        <div className="buttons">
          <Button variant="secondary" data-size="sm" onClick={() => setOpen(true)}>
            {t('breach.assess')}
            <span className="visually-hidden">: {instant(breach.noticed_at)}</span>
          </Button>
        </div>
      )}
      {open && <AssessDialog breach={breach} onClose={() => setOpen(false)} />}
    </li>
  );
}

/** Who was told and when, or why not, and when the record was closed (Art. 33(5)). */
function Told({ breach }: { breach: Breach }) {
  const { t, instant } = useT();
  const { authority_at, authority_why, persons_at, persons_why, closed_at } = breach;
  const lines = [
    authority_at && t('breach.told.at', { at: instant(authority_at) }),
    authority_why &&
      t(authority_at ? 'breach.told.why' : 'breach.not.authority', { why: authority_why }),
    persons_at && t('breach.told.persons', { at: instant(persons_at) }),
    persons_why && !persons_at && t('breach.not.persons', { why: persons_why }),
    closed_at && t('breach.closed.at', { at: instant(closed_at) }),
  ].filter((line): line is string => typeof line === 'string' && line !== '');
  if (lines.length === 0) return null;
  return (
    <ul className="under own-words told">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** How it stands with Datatilsynet, in words: the 72 hours are whole hours that elapse. */
function State({ breach }: { breach: Breach }) {
  const { t, n } = useT();
  if (breach.closed_at) return <Tag data-color="success">{t('breach.closed')}</Tag>;
  if (breach.authority_at) return <Tag data-color="success">{t('breach.told')}</Tag>;
  if (!breach.awaited) return <Tag data-color="neutral">{t('breach.not_due')}</Tag>;
  const left = Math.floor((Date.parse(breach.due_at) - Date.now()) / 3_600_000);
  return left < 0 ? (
    <Tag data-color="danger">{t('breach.late')}</Tag>
  ) : (
    <Tag data-color={left < 24 ? 'danger' : 'warning'}>{n('breach.left', left)}</Tag>
  );
}

const never: When = { date: '', time: '' };
const wall = (at: string | undefined) => (at ? osloWall(new Date(at)) : never);
const iso = (when: When) => osloInstant(when.date, when.time)?.toISOString();

function AssessDialog({ breach, onClose }: { breach: Breach; onClose: () => void }) {
  const { t, instant } = useT();
  const say = useNotice();
  const client = useQueryClient();
  const [form, setForm] = useState({
    what: breach.what,
    concerned: String(breach.concerned),
    risk: (breach.risk ?? '') as Schemas['BreachRisk'] | '',
    reason: breach.reason,
    authority_why: breach.authority_why,
    persons_why: breach.persons_why,
  });
  const [authority, setAuthority] = useState(() => wall(breach.authority_at));
  const [persons, setPersons] = useState(() => wall(breach.persons_at));
  const [close, setClose] = useState(false);
  const save = useAct(
    () => {
      const authority_at = iso(authority);
      const persons_at = iso(persons);
      const { risk, concerned, ...texts } = form;
      return unwrap(
        api.PUT('/staff/breaches/{id}', {
          params: { path: { id: breach.id } },
          body: {
            ...texts,
            changes: breach.changes,
            concerned: Number(concerned) || 0,
            close,
            ...(risk ? { risk } : {}),
            ...(authority_at ? { authority_at } : {}),
            ...(persons_at ? { persons_at } : {}),
          },
        }),
      );
    },
    (answer) => {
      client.setQueryData(breachesQuery.queryKey, answer);
      say(t('breach.saved'));
      onClose();
    },
  );
  const errors = fieldErrors('breach', save.error);
  const area = (key: 'what' | 'reason' | 'authority_why' | 'persons_why', label: string) => (
    <TextArea
      id={`breach-${key}`}
      label={label}
      rows={3}
      maxLength={10_000}
      value={form[key]}
      onChange={(value) => setForm((now) => ({ ...now, [key]: value }))}
      errors={errors}
    />
  );
  const risky = form.risk === 'risk' || form.risk === 'high';
  return (
    <ActDialog
      title={t('breach.assess.title', { at: instant(breach.noticed_at) })}
      submit={t('common.save')}
      busy={save.busy}
      error={save.error}
      fields={errors}
      onSubmit={() => save.act()}
      onCancel={onClose}
    >
      {area('what', t('breach.what'))}
      <TextInput
        id="breach-concerned"
        type="number"
        className="narrow"
        min={0}
        label={t('breach.concerned')}
        value={form.concerned}
        onChange={(concerned) => setForm((now) => ({ ...now, concerned }))}
        errors={errors}
      />
      <Pick
        id="breach-risk"
        label={t('breach.risk')}
        value={form.risk}
        onChange={(risk) => setForm((now) => ({ ...now, risk: risk as typeof form.risk }))}
        options={[
          ['', t('breach.risk.none')],
          ['unlikely', t('breach.risk.unlikely')],
          ['risk', t('breach.risk.risk')],
          ['high', t('breach.risk.high')],
        ]}
        errors={errors}
      />
      {form.risk && area('reason', t('breach.reason'))}
      {risky && (
        <WhenInput
          id="breach-authority_at"
          label={t('breach.authority')}
          value={authority}
          onChange={setAuthority}
          errors={errors}
        />
      )}
      {risky && area('authority_why', t('breach.authority.why'))}
      {form.risk === 'high' && (
        <WhenInput
          id="breach-persons_at"
          label={t('breach.persons')}
          value={persons}
          onChange={setPersons}
          errors={errors}
        />
      )}
      {form.risk === 'high' && area('persons_why', t('breach.persons.why'))}
      <Checkbox
        label={t('breach.close')}
        checked={close}
        onChange={(event) => setClose(event.target.checked)}
      />
    </ActDialog>
  );
}
