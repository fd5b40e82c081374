import {
  Alert,
  Button,
  Checkbox,
  Dialog,
  Heading,
  Paragraph,
  Tag,
} from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { type Case, membersQuery, sessionQuery } from '../api';
import { can } from '../can';
import { useNotice } from '../notice';
import { actionText, copies, useT } from '../texts';
import { correctionGroups, idle, nameOf, needsLook, thenText, undecided, untouched } from '../todo';
import { RefusalWarning } from './clock';
import { Group } from './group';
import { PreviewLetter } from './letter';
import { at, useCaseAct } from './use-case';

interface DialogProps {
  c: Case;
  onClose: () => void;
}

/**
 * Look over: what needs an eye, what will then be done in words and numbers, and the one button
 * that says it is right. For an erasure, and for special categories, a second member gives it.
 */
export function LookOverDialog({ c, onClose }: DialogProps) {
  const { t } = useT();
  const asked = correctionGroups(c);
  // What needed a look when the dialog opened stays in it, so that nothing jumps away under a click.
  const [listed] = useState(
    () =>
      new Set(
        c.groups.filter((g) => !asked.has(g.id) && (needsLook(g) || undecided(g))).map((g) => g.id),
      ),
  );
  const look = c.groups.filter((g) => listed.has(g.id));
  return (
    <Dialog
      open
      onClose={onClose}
      closeButton={t('shared.close')}
      aria-labelledby="look-title"
      className="wide-dialog"
    >
      <div className="stack">
        <Heading level={2} data-size="sm" id="look-title">
          {t('look.title')}
        </Heading>
        {look.length > 0 && (
          <section className="stack" aria-labelledby="look-eye">
            <Heading level={3} data-size="2xs" id="look-eye">
              {t('look.eye')}
            </Heading>
            <div className="groups">
              {look.map((group) => (
                <Group key={group.id} c={c} group={group} place="look" />
              ))}
            </div>
          </section>
        )}
        <WhatHappens c={c} />
        <Preview c={c} />
        <Approval c={c} onClose={onClose} />
      </div>
    </Dialog>
  );
}

/** What the person will see. Each reading is logged, so it is fetched when it is opened. */
function Preview({ c }: { c: Case }) {
  const { t } = useT();
  const [open, setOpen] = useState(false);
  return (
    <details className="ds-details plain" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('look.preview')}</summary>
      {open && (
        <div className="ds-details__content">
          <PreviewLetter c={c} level={3} />
        </div>
      )}
    </details>
  );
}

/** The plan in words: what will be done, and what will be left alone. */
export function WhatHappens({ c }: { c: Case }) {
  const { t, date } = useT();
  const plan = c.plan;
  if (!plan) return null;
  const done = plan.counts.filter((count) => !untouched.includes(count.action));
  const left = plan.counts.filter((count) => untouched.includes(count.action));
  const access = copies(c.right);
  return (
    <div className="stack">
      <PlanWords c={c} title={t(access ? 'look.plan.access' : 'look.plan.write')} counts={done} />
      {access ? <HeldBack c={c} /> : <PlanWords c={c} title={t('look.left.write')} counts={left} />}
      {plan.executes_at && (
        <Paragraph>{t('look.executes', { at: date(plan.executes_at) })}</Paragraph>
      )}
      {plan.warnings && plan.warnings.length > 0 && (
        <Alert data-color="info">
          <ul>
            {plan.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Alert>
      )}
      {plan.problems.length > 0 && (
        <Alert data-color="warning">
          <Heading level={3} data-size="2xs">
            {t('look.problems')}
          </Heading>
          <ul>
            {plan.problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Alert>
      )}
    </div>
  );
}

/** What the copy lacks. A row may be disclosed in part, so the groups tell it and not the rows. */
function HeldBack({ c }: { c: Case }) {
  const { t, n } = useT();
  const held = c.groups.filter(
    (group) => ['withhold', 'mask'].includes(group.decision.action) || group.redacted,
  );
  if (held.length === 0) return null;
  return (
    <section aria-label={t('look.left.access')}>
      <Heading level={3} data-size="2xs">
        {t('look.left.access')}
      </Heading>
      <ul className="plan-words">
        {held.map((group) => (
          <li key={group.id}>
            {['withhold', 'mask'].includes(group.decision.action)
              ? `${nameOf(group)}, ${n('group.rows', group.count)}: ${t(actionText[group.decision.action])}`
              : `${nameOf(group)}: ${n('redact.texts', group.redacted ?? 0)}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

type Counts = NonNullable<Case['plan']>['counts'];

interface WordsProps {
  c: Case;
  title: string;
  counts: Counts;
}

/** What people call the collection that steps of the plan touch. */
function named(c: Case, { source, collection }: Counts[number]): string {
  const group = c.groups.find((g) => g.source === source && g.collection === collection);
  if (!group) return collection;
  return nameOf(group, group.title.replace(/ – .*/, ''));
}

function PlanWords({ c, title, counts }: WordsProps) {
  if (counts.length === 0) return null;
  return (
    <section aria-label={title}>
      <Heading level={3} data-size="2xs">
        {title}
      </Heading>
      <ul className="plan-words">
        {counts.map((count) => (
          <li key={`${count.source}/${count.collection}/${count.action}`}>
            {named(c, count)}: {count.text}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Approval({ c, onClose }: DialogProps) {
  const { t } = useT();
  const say = useNotice();
  const session = useQuery(sessionQuery);
  const members = useQuery(membersQuery);
  const removes = c.plan?.removes === true;
  const special = c.plan?.special === true;
  const alone = (removes || special) && session.data?.approvers === 1;
  const shared = (removes || special) && !alone;
  const [confirmed, setConfirmed] = useState(false);
  const [missing, setMissing] = useState(false);
  const approve = can(c, 'approve');
  const plan = can(c, 'plan');
  const finish = () => {
    if (copies(c.right)) say(t('look.done.access'));
    else say(t(idle(c) ? 'look.done.idle' : 'look.done.write'));
    onClose();
  };
  const approving = useCaseAct(
    (digest: string) =>
      unwrap(api.POST('/staff/cases/{id}/approve', { ...at(c.id), body: { digest, confirmed } })),
    finish,
  );
  const planning = useCaseAct(
    () => unwrap(api.POST('/staff/cases/{id}/plan', at(c.id))),
    () => {
      if (!shared) return;
      say(t('look.asked'));
      onClose();
    },
  );
  if (c.plan?.approved_at) return <Approved c={c} />;
  const prepared = members.data?.members.some((member) => member.name === c.plan?.made_by);
  const four = approving.error instanceof ApiError && approving.error.code === 'four_eyes';
  // Whoever prepared what two people guard asks a colleague; where nobody has, this member does so now.
  const ask = shared && plan.allowed && (c.plan?.made_by_you || prepared === false || four);
  const submit = () => {
    setMissing(alone && !confirmed);
    if (c.plan && (!alone || confirmed)) approving.act(c.plan.digest);
  };
  return (
    <div className="stack approval">
      <ProblemAlert error={four ? undefined : (approving.error ?? planning.error)} focus />
      {c.plan?.stale && (
        <Alert data-color="info">
          <Paragraph>{t('look.stale')}</Paragraph>
          <Button
            variant="secondary"
            data-size="sm"
            loading={planning.busy}
            onClick={() => planning.act()}
          >
            {t('look.replan')}
          </Button>
        </Alert>
      )}
      {!copies(c.right) && <Paragraph>{t(thenText(c))}</Paragraph>}
      {special && (
        <Alert data-color="warning">
          <Paragraph>
            {t('look.special')} {shared && t('look.special.two')}
          </Paragraph>
        </Alert>
      )}
      {c.clock.extended_months && c.clock.refusal_timing === 'too_late' && <RefusalWarning c={c} />}
      {approve.allowed && alone && (
        <Checkbox
          label={t(removes ? 'look.alone' : 'look.alone.special')}
          description={t(removes ? 'look.alone.text' : 'look.alone.special.text')}
          value="confirmed"
          checked={confirmed}
          onChange={(event) => setConfirmed(event.target.checked)}
          error={missing && t('look.alone.missing')}
        />
      )}
      {approve.whyNot && (
        <p className="waits">
          {shared && c.plan?.made_by_you && <Tag data-color="info">{t('look.colleague')}</Tag>}
          <span>{approve.whyNot}</span>
        </p>
      )}
      <div className="buttons">
        {ask ? (
          <Button loading={planning.busy} onClick={() => planning.act()}>
            {t('look.ask')}
          </Button>
        ) : (
          <Button
            loading={approving.busy}
            disabled={!approve.allowed}
            {...(removes ? { 'data-color': 'danger' as const } : {})}
            onClick={submit}
          >
            {t(c.right === 'erasure' && !idle(c) ? 'look.approve.erasure' : 'look.approve')}
          </Button>
        )}
        <Button variant="secondary" onClick={onClose}>
          {t('look.later')}
        </Button>
      </div>
    </div>
  );
}

function Approved({ c }: { c: Case }) {
  const { t, instant } = useT();
  const plan = c.plan;
  if (!plan?.approved_at) return null;
  return (
    <p className="waits">
      <Tag data-color="success">{t('look.approved')}</Tag>
      <span>
        {t('look.approved.by', { who: plan.approved_by ?? '', at: instant(plan.approved_at) })}
      </span>
    </p>
  );
}
