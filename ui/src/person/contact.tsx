import { Link } from '@digdir/designsystemet-react';
import { usePortal } from './portal';
import { useText } from './text';

/** How to reach the office without this portal. */
export function Contact() {
  const portal = usePortal();
  const { t } = useText();
  return (
    <address className="contact">
      <strong>{portal.name}</strong>
      <dl>
        <div>
          <dt>{t('contact.email')}</dt>
          <dd>
            <Link href={`mailto:${portal.email}`}>{portal.email}</Link>
          </dd>
        </div>
        {portal.phone && (
          <div>
            <dt>{t('contact.phone')}</dt>
            <dd>
              <Link href={`tel:${portal.phone.replace(/\s/g, '')}`}>{portal.phone}</Link>
            </dd>
          </div>
        )}
        <div>
          <dt>{t('contact.post')}</dt>
          <dd className="lines">{portal.postal_address}</dd>
        </div>
        {portal.dpo && (
          <div>
            <dt>{t('contact.dpo')}</dt>
            <dd>{portal.dpo}</dd>
          </div>
        )}
      </dl>
    </address>
  );
}
