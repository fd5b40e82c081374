import { Button, Radio, Tag, ValidationMessage } from '@digdir/designsystemet-react';
import { useId, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import type { Case, FindingGroup } from '../api';
import { can } from '../can';
import { useNotice } from '../notice';
import { Pick, TextArea } from '../parts/form';
import { actionText, useT } from '../texts';
import { departs, needsLook, undecided } from '../todo';
import { Rows } from './rows';
import { at, useCaseAct } from './use-case';

type Action = Schemas['DecisionAction'];

/** How many categories stand in the line; the rows show the rest. */
const some = 3;

function categories(group: FindingGroup): readonly string[] {
  return group.categories ?? [];
}

interface GroupProps {
  c: Case;
  group: FindingGroup;
  /** On the page the group can be linked to; in the dialog it stands a second time. */
  place: 'page' | 'look';
}

/** The findings of one collection: what is proposed and why, the rows, and the decision. */
export function Group({ c, group, place }: GroupProps) {
  const { t, n } = useT();
  const [open, setOpen] = useState(false);
  const [seen, setSeen] = useState(false);
  const [changing, setChanging] = useState(false);
  const rows = useId();
  const decide = can(c, 'decide');
  const mustChoose = undecided(group);
  return (
    <div
      className="group"
      id={place === 'page' ? `group-${group.id}` : undefined}
      tabIndex={-1}
      data-look={needsLook(group) || mustChoose ? '' : undefined}
    >
      <div className="group-what">
        <p className="group-name">
          <strong>{group.title}</strong>
          <span className="under-inline">{group.place}</span>
        </p>
        <p className="under">
          {n('group.rows', group.count)}
          {categories(group).length > 0 && ` · ${categories(group).slice(0, some).join(', ')}`}
          {categories(group).length > some &&
            ` ${n('group.more', categories(group).length - some)}`}
        </p>
        <Marks group={group} />
      </div>
      <DecisionText group={group} />
      <div className="buttons group-acts">
        {group.count > 0 && (
          <Button
            variant="tertiary"
            data-size="sm"
            aria-expanded={open}
            aria-controls={rows}
            onClick={() => {
              setOpen((now) => !now);
              setSeen(true);
            }}
          >
            {t(open ? 'group.hide' : 'group.show')}
            <span className="visually-hidden">: {group.title}</span>
          </Button>
        )}
        {decide.allowed && needsLook(group) && !mustChoose && (
          <Seen c={c} group={group} seen={seen} />
        )}
        {decide.allowed && !changing && (group.options?.length ?? 0) > 0 && (
          <Button
            variant={mustChoose ? 'secondary' : 'tertiary'}
            data-size="sm"
            onClick={() => setChanging(true)}
          >
            {t(mustChoose ? 'group.choose' : 'group.change')}
            <span className="visually-hidden">: {group.title}</span>
          </Button>
        )}
      </div>
      {changing && <DecisionForm c={c} group={group} onClose={() => setChanging(false)} />}
      <div id={rows} className="group-rows">
        {open && <Rows c={c} group={group} />}
      </div>
    </div>
  );
}

function Marks({ group }: { group: FindingGroup }) {
  const { t, n } = useT();
  const shared = group.shared ?? 0;
  const others = group.third_party ?? 0;
  const redacted = group.redacted ?? 0;
  const plain = !group.candidate && !group.case_variant && !group.confirmed;
  if (!shared && !others && !redacted && plain) return null;
  return (
    <p className="marks">
      {others > 0 && <Tag data-color="warning">{n('group.others', others)}</Tag>}
      {shared > 0 && <Tag data-color="warning">{n('group.shared', shared)}</Tag>}
      {redacted > 0 && <Tag data-color="info">{n('redact.texts', redacted)}</Tag>}
      {group.candidate && <Tag data-color="info">{t('group.candidate')}</Tag>}
      {group.case_variant && <Tag data-color="neutral">{t('group.variant')}</Tag>}
      {group.confirmed && <Tag data-color="success">{t('group.seen')}</Tag>}
    </p>
  );
}

/** What is decided, on what ground, until when, and who departed from the proposal and why. */
function DecisionText({ group }: { group: FindingGroup }) {
  const { t, n, date } = useT();
  const { decision } = group;
  const counts = Object.entries(decision.counts ?? {});
  return (
    <div className="group-decision">
      <p className="decision-line">
        <Tag data-color={decisionColor(decision.action)} variant="outline">
          {t(actionText[decision.action])}
        </Tag>
        {decision.until && (
          <span className="under-inline">{t('group.until', { date: date(decision.until) })}</span>
        )}
      </p>
      {decision.text && <p className="to-person">{decision.text}</p>}
      {counts.length > 1 && (
        <p className="under">
          {counts
            .map(([action, count]) =>
              n('group.part', count, { action: t(actionText[action as Action]).toLowerCase() }),
            )
            .join(' · ')}
        </p>
      )}
      {decision.law && <p className="under">{decision.law}</p>}
      {decision.reason && (
        <p className="under">
          {t('group.departed', { who: decision.by ?? '', reason: decision.reason })}
        </p>
      )}
    </div>
  );
}

function decisionColor(action: Action) {
  if (action === 'review') return 'warning';
  if (action === 'erase' || action === 'anonymise') return 'danger';
  return action === 'disclose' || action === 'set' ? 'success' : 'neutral';
}

/** Says that the rows were looked at. The rows must have been opened first. */
function Seen({ c, group, seen }: { c: Case; group: FindingGroup; seen: boolean }) {
  const { t } = useT();
  const say = useNotice();
  const hint = useId();
  const confirm = useCaseAct(
    () =>
      unwrap(
        api.POST('/staff/cases/{id}/decide', {
          ...at(c.id),
          body: {
            decisions: [
              {
                group: group.id,
                action: group.decision.action,
                ...(group.decision.ground ? { ground: group.decision.ground } : {}),
                ...(group.decision.reason ? { reason: group.decision.reason } : {}),
              },
            ],
          },
        }),
      ),
    () => say(t('group.confirmed')),
  );
  return (
    <>
      <Button
        variant="secondary"
        data-size="sm"
        disabled={!seen}
        loading={confirm.busy}
        aria-describedby={seen ? undefined : hint}
        onClick={() => confirm.act()}
      >
        {t('group.confirm')}
        <span className="visually-hidden">: {group.title}</span>
      </Button>
      {!seen && (
        <span className="why-not" id={hint}>
          {t('group.confirm.first')}
        </span>
      )}
      <ProblemAlert error={confirm.error} />
    </>
  );
}

/** Another decision than the one that stands; a departure from the proposal says why. */
function DecisionForm({
  c,
  group,
  onClose,
}: {
  c: Case;
  group: FindingGroup;
  onClose: () => void;
}) {
  const { t } = useT();
  const say = useNotice();
  const name = useId();
  const [action, setAction] = useState<Action | ''>(undecided(group) ? '' : group.decision.action);
  const [ground, setGround] = useState(group.decision.ground ?? '');
  const [reason, setReason] = useState(group.decision.reason ?? '');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const deviates = action !== '' && departs(group, action);
  const grounds =
    group.stored && ['erase', 'anonymise'].includes(action)
      ? c.choices.restricted_uses
      : action === 'withhold' && action !== group.proposal.action
        ? c.choices.withhold_grounds
        : [];
  const save = useCaseAct(
    (chosen: Action) =>
      unwrap(
        api.POST('/staff/cases/{id}/decide', {
          ...at(c.id),
          body: {
            decisions: [
              {
                group: group.id,
                action: chosen,
                ...(grounds.length > 0 && ground ? { ground } : {}),
                ...(reason.trim() ? { reason: reason.trim() } : {}),
              },
            ],
          },
        }),
      ),
    () => {
      say(t('group.saved'));
      onClose();
    },
  );
  const submit = () => {
    const found: FieldError[] = [];
    if (!action) found.push({ field: `${name}-action`, message: t('group.need.action') });
    if (deviates && !reason.trim()) {
      found.push({ field: `${name}-reason`, message: t('group.need.reason') });
    }
    if (grounds.length > 0 && !ground) {
      found.push({ field: `${name}-ground`, message: t('group.need.ground') });
    }
    setErrors(found);
    if (found.length === 0 && action) save.act(action);
  };
  return (
    <div className="stack inset">
      <fieldset className="ds-fieldset">
        <legend className="ds-label">{t('group.decision')}</legend>
        {errorOf(errors, `${name}-action`) && (
          <ValidationMessage>{errorOf(errors, `${name}-action`)}</ValidationMessage>
        )}
        {group.options?.map((option) => (
          <Radio
            key={option.action}
            name={name}
            label={option.text}
            value={option.action}
            checked={action === option.action}
            onChange={() => setAction(option.action)}
          />
        ))}
      </fieldset>
      {grounds.length > 0 && (
        <Pick
          id={`${name}-ground`}
          label={t('group.ground')}
          value={ground}
          onChange={setGround}
          errors={errors}
          options={[
            ['', t('common.pick')],
            ...grounds.map((g) => [g.key, [g.text, g.law].filter(Boolean).join(' – ')] as const),
          ]}
        />
      )}
      <TextArea
        id={`${name}-reason`}
        label={t(deviates ? 'group.reason.needed' : 'group.reason')}
        rows={2}
        maxLength={4_000}
        value={reason}
        onChange={setReason}
        errors={errors}
      />
      <ProblemAlert error={save.error} focus />
      <div className="buttons">
        <Button data-size="sm" loading={save.busy} onClick={submit}>
          {t('common.save')}
        </Button>
        <Button data-size="sm" variant="secondary" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </div>
  );
}
