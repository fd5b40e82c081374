import { Heading } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { Contact } from '../contact';
import { PersonPage } from '../personPage';
import { usePortal } from '../portal';
import { useText } from '../text';

/** "I ask for someone else": where it begins, and how to talk to the office instead. */
export function Other() {
  const { t } = useText();
  const { rights } = usePortal();
  return (
    <PersonPage title={t('other.title')} back="/">
      <p>{t('other.text')}</p>
      <ul className="plain">
        {rights.map((right) => (
          <li key={right}>
            <Link to="/for/$right" params={{ right }}>
              {t(`right.${right}`)}
            </Link>
          </li>
        ))}
      </ul>
      <Heading level={2} data-size="xs">
        {t('other.who')}
      </Heading>
      <ul className="plain">
        <li>{t('other.child')}</li>
        <li>{t('other.guardian')}</li>
        <li>{t('other.proxy')}</li>
        <li>{t('other.dead')}</li>
      </ul>
      <p>{t('other.how')}</p>
      <p>{t('other.noId')}</p>
      <Contact />
    </PersonPage>
  );
}
