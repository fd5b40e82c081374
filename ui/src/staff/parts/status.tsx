import { Tag } from '@digdir/designsystemet-react';
import type { Schemas } from '../../api/client';
import { useT } from '../texts';

type Badge = Pick<Schemas['CaseSummary'], 'badge' | 'days_left'>;

const colors = {
  ok: 'neutral',
  soon: 'warning',
  late: 'danger',
  paused: 'info',
  done: 'success',
} as const;

/** The time that is left, in words and colour. */
export function DaysLeft({ badge, days_left: days }: Badge) {
  const { t, n } = useT();
  const text = () => {
    if (badge === 'done') return t('badge.done');
    if (badge === 'paused') return t('badge.paused');
    if (days < 0) return n('badge.late', -days);
    if (days === 0) return t('badge.today');
    return n('badge.left', days);
  };
  return (
    <Tag data-color={colors[badge]} className="days" data-badge={badge}>
      {text()}
    </Tag>
  );
}
