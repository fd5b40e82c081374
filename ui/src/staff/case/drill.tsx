import { Alert, Heading, Paragraph } from '@digdir/designsystemet-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import type { Case } from '../api';
import { type StaffKey, useT } from '../texts';
import { at } from './use-case';

/** What to do next in a rehearsal, in a few words. */
function hint(c: Case): StaffKey {
  switch (c.state) {
    case 'received':
      return c.verified ? 'drill.hint.collect' : 'drill.hint.identity';
    case 'collecting':
      return 'drill.hint.collect';
    case 'review':
      return 'drill.hint.review';
    case 'approved':
    case 'executing':
      return 'drill.hint.send';
    case 'answered':
    case 'withdrawn':
    case 'purged':
      return 'drill.hint.done';
    default:
      return 'drill.hint.other';
  }
}

/** Says that nobody asked, and helps the member on. */
export function DrillNote({ c }: { c: Case }) {
  const { t } = useT();
  if (!c.drill) return null;
  return (
    <Alert data-color="info">
      <Heading level={2} data-size="xs">
        {t('drill.note')}
      </Heading>
      <Paragraph>{t(hint(c))}</Paragraph>
      {c.state !== 'purged' && <Mailbox c={c} />}
      <Paragraph>
        <Link to="/drill" className="ds-link">
          {t('drill.all')}
        </Link>
      </Paragraph>
    </Alert>
  );
}

/** The mails that a real case would have sent. They are fetched when somebody opens the mailbox. */
function Mailbox({ c }: { c: Case }) {
  const { t, instant } = useT();
  const [open, setOpen] = useState(false);
  const box = useQuery({
    queryKey: ['drill-mails', c.id, c.log.length],
    queryFn: () => unwrap(api.GET('/staff/cases/{id}/drill-mails', at(c.id))),
    enabled: open,
  });
  const mails = box.data?.mails ?? [];
  return (
    <details className="ds-details plain" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('drill.mails')}</summary>
      <div className="ds-details__content stack">
        <Paragraph data-size="sm">{t('drill.mails.text')}</Paragraph>
        <ProblemAlert error={box.error} onRetry={() => box.refetch()} />
        {open && box.isPending && <Waiting />}
        {box.data && mails.length === 0 && <Paragraph>{t('drill.mails.none')}</Paragraph>}
        {mails.map((mail) => (
          <article key={mail.at + mail.subject} className="stack">
            <div>
              <strong>{mail.subject}</strong>
              <div className="under">
                {t(mail.to_office ? 'drill.mails.office' : 'drill.mails.person', {
                  at: instant(mail.at),
                })}
              </div>
            </div>
            <p className="own-words">{mail.text.trim()}</p>
          </article>
        ))}
      </div>
    </details>
  );
}
