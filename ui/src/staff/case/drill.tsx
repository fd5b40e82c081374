import { Alert, Heading, Paragraph } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import type { Case } from '../api';
import { type StaffKey, useT } from '../texts';

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
      <Paragraph>
        <Link to="/drill" className="ds-link">
          {t('drill.all')}
        </Link>
      </Paragraph>
    </Alert>
  );
}
