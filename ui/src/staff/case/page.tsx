import { Alert, Button, Heading, Paragraph, Tag } from '@digdir/designsystemet-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api, unwrap } from '../../api/client';
import { useChanges } from '../../shared/changes';
import { Page } from '../../shared/page';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { type Case, caseQuery } from '../api';
import { can } from '../can';
import { DaysLeft } from '../parts/status';
import { channelText, outcomeText, rightText, useT } from '../texts';
import { correctionGroups, nothingHeld } from '../todo';
import { AskedSection } from './asked';
import { ClockSection } from './clock';
import { CorrectionsSection } from './corrections';
import { DrillNote } from './drill';
import { DutiesSection } from './duties';
import { ExecutionSection } from './execution';
import { FindingsSection } from './findings';
import { IdentitySection } from './identity';
import { KnowSection, WeighSection } from './know';
import { AnswerSection } from './letter';
import { MessagesSection } from './messages';
import { NothingSection } from './nothing';
import { PersonSection } from './person';
import { PlacesSection } from './places';
import { RecipientsSection } from './recipients';
import { RestrictionSection } from './restriction';
import { PreparedRefusal, StandingSection } from './standing';
import { TechnicalSection } from './technical';
import { at, useCaseAct } from './use-case';
import { Verbs } from './verbs';

/** One case on one page: who, what was asked, how long is left, and the two verbs. */
export function CasePage() {
  const { id } = useParams({ from: '/cases/$id' });
  const client = useQueryClient();
  const followed = useChanges(`/api/v1/staff/changes?case=${id}`, () => {
    void client.invalidateQueries({ queryKey: caseQuery(id).queryKey });
  });
  const found = useQuery(caseQuery(id, followed));
  if (found.data) return <CaseView key={id} c={found.data} stale={found.error} />;
  if (found.error) return <ProblemAlert error={found.error} onRetry={() => found.refetch()} />;
  return <Waiting />;
}

function CaseView({ c, stale }: { c: Case; stale: unknown }) {
  const { t } = useT();
  const who = c.name || c.email || c.who || t('inbox.nobody');
  const asked = correctionGroups(c);
  const groups = c.groups.filter((g) => !asked.has(g.id));
  return (
    <Page
      title={t('case.title', { right: t(rightText[c.right]), who })}
      windowTitle={`${c.reference} ${t(rightText[c.right])}`}
      suffix={t('app.name')}
      size="md"
      className="case"
      over={
        <p className="crumb">
          <Link to="/" className="ds-link">
            {t('case.back')}
          </Link>
        </p>
      }
    >
      <CaseHead c={c} />
      {stale ? <ProblemAlert error={stale} /> : null}
      <DrillNote c={c} />
      <Stopped c={c} />
      <Lacking c={c} />
      {c.beside && (
        <Alert data-color="info" data-size="sm">
          {c.beside}
        </Alert>
      )}
      <DutiesSection c={c} />
      <Verbs c={c} />
      <div className="case-body">
        <div className="case-main">
          <PreparedRefusal c={c} />
          <StandingSection c={c} />
          {can(c, 'identity').offered && !['company', 'heir'].includes(c.standing?.kind ?? '') && (
            <IdentitySection c={c} />
          )}
          <AskedSection c={c} />
          <WeighSection c={c} />
          <ExecutionSection c={c} />
          <RestrictionSection c={c} />
          <AnswerSection c={c} />
          <RecipientsSection c={c} />
          {nothingHeld(c) && <NothingSection c={c} />}
          <PlacesSection c={c} />
          {(c.corrections?.length ?? 0) > 0 && <CorrectionsSection c={c} />}
          {groups.length > 0 && <FindingsSection c={c} groups={groups} />}
          <KnowSection c={c} />
          <MessagesSection c={c} />
        </div>
        <aside className="case-side" aria-label={t('case.side')}>
          <ClockSection c={c} />
          <PersonSection c={c} />
        </aside>
      </div>
      <TechnicalSection c={c} />
    </Page>
  );
}

function CaseHead({ c }: { c: Case }) {
  const { t, instant } = useT();
  return (
    <>
      <div className="case-head">
        <span className="reference">{c.reference}</span>
        <DaysLeft badge={c.badge} days_left={c.days_left} />
        {c.outcome && <Tag data-color="neutral">{t(outcomeText[c.outcome])}</Tag>}
        {c.delivery === 'paper' && <Tag data-color="info">{t('case.paper')}</Tag>}
        {c.drill && <Tag data-color="info">{t('drill.tag')}</Tag>}
        {!c.verified && <Tag data-color="warning">{t('inbox.unverified')}</Tag>}
      </div>
      <p className="under">
        {t('case.received', { channel: t(channelText[c.channel]), at: instant(c.received_at) })}
        {' · '}
        {c.identity.text}
      </p>
    </>
  );
}

/** What the register has to say before the answer can be sent. */
function Lacking({ c }: { c: Case }) {
  const { t } = useT();
  const lacking = c.lacking ?? [];
  if (lacking.length === 0) return null;
  return (
    <Alert data-color="warning" id="lacking" tabIndex={-1}>
      <Heading level={2} data-size="xs">
        {t('lacking.title')}
      </Heading>
      <Paragraph>{t('lacking.text')}</Paragraph>
      <ul>
        {lacking.map(({ id, name, text }) => (
          <li key={`${id}/${text}`}>
            <strong>{name}</strong>: {text}
          </li>
        ))}
      </ul>
      <Link to="/register" className="ds-link">
        {t('lacking.link')}
      </Link>
    </Alert>
  );
}

/** The case stopped: somebody must look, and may then let it go on. */
function Stopped({ c }: { c: Case }) {
  const { t } = useT();
  const resume = useCaseAct(() => unwrap(api.POST('/staff/cases/{id}/resume', at(c.id))));
  if (!c.needs_human) return null;
  return (
    <Alert data-color="warning">
      <Heading level={2} data-size="xs">
        {t('case.stopped')}
      </Heading>
      <Paragraph>{c.needs_human}</Paragraph>
      <ProblemAlert error={resume.error} />
      {can(c, 'resume').allowed && (
        <Button
          variant="secondary"
          data-size="sm"
          loading={resume.busy}
          onClick={() => resume.act()}
        >
          {t('case.resume')}
        </Button>
      )}
    </Alert>
  );
}
