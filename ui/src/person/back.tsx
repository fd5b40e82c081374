import { Link } from '@tanstack/react-router';
import { useText } from './text';

export function BackLink({ to }: { to: string }) {
  const { t } = useText();
  return (
    <Link to={to} className="back">
      {t('shared.back')}
    </Link>
  );
}
