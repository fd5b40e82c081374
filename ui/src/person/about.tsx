import type { Right } from '../api/client';
import { apart, keptStanding } from './standing';
import { useText } from './text';

/** Whose data a request is about: those of the address, unless it is asked for somebody else. */
export function About({ email, right }: { email: string; right: Right }) {
  const { t } = useText();
  if (apart(keptStanding(right))) return null;
  return (
    <p>
      {t('request.about')} <strong className="address">{email}</strong>
    </p>
  );
}
