import { Heading } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { Contact } from '../contact';
import { helpTexts } from '../helpTexts';
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

/** Where the authority that watches over accessibility is found. */
const authority = 'https://www.uutilsynet.no/';

/** The statement on accessibility: what this portal is built to, what to do when it fails, and who watches. */
export function Accessibility() {
  const { t } = useText();
  const { name, accessibility_url } = usePortal();
  return (
    <PersonPage title={t('accessibility.title')} back="/">
      <p>{t('accessibility.lead', { name })}</p>
      {accessibility_url && (
        <p>
          <a className="ds-link" href={accessibility_url}>
            {t('accessibility.own', { name })}
          </a>
        </p>
      )}
      <Heading level={2} data-size="xs">
        {t('accessibility.status')}
      </Heading>
      <p>{t('accessibility.built')}</p>
      <p>{t('accessibility.tried')}</p>
      <Heading level={2} data-size="xs">
        {t('accessibility.wrong')}
      </Heading>
      <p>{t('accessibility.tell')}</p>
      <Contact />
      <Heading level={2} data-size="xs">
        {t('accessibility.authority')}
      </Heading>
      <p>{t('accessibility.watch')}</p>
      <p>
        <a className="ds-link" href={authority}>
          {t('accessibility.authority.link')}
        </a>
      </p>
    </PersonPage>
  );
}

/** What people ask about these pages, and whom to ask instead. */
export function Help() {
  const { locale } = useText();
  const { title, lead, answers } = helpTexts[locale];
  return (
    <PersonPage title={title} back="/">
      <p>{lead}</p>
      {answers.map(({ id, question, answer }) => (
        <section key={id} id={id} className="stack tight">
          <Heading level={2} data-size="xs">
            {question}
          </Heading>
          <p>{answer}</p>
        </section>
      ))}
      <Contact />
    </PersonPage>
  );
}
