import { Heading } from '@digdir/designsystemet-react';
import { Contact } from '../contact';
import { PersonPage } from '../personPage';
import { useText } from '../text';

/** "I ask for someone else": not here, but with the office. */
export function Other() {
  const { t } = useText();
  return (
    <PersonPage title={t('other.title')} back="/">
      <p>{t('other.text')}</p>
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
