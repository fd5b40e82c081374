import { Heading, Paragraph } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import type { Right } from '../../api/client';
import { Page } from '../../shared/page';
import { RightIcon } from '../icons';
import { usePortal } from '../portal';
import { useMe } from '../session';
import { useText } from '../text';

/** What you can ask for here, and what will happen. */
export function Landing() {
  const portal = usePortal();
  const { t } = useText();
  return (
    <div className="landing">
      <div className="hero">
        <div className="frame">
          <Page
            title={t('landing.title')}
            windowTitle={t('landing.window')}
            suffix={portal.name}
            size="xl"
          >
            <Paragraph data-size="lg">{t('landing.lead', { name: portal.name })}</Paragraph>
          </Page>
        </div>
      </div>
      <div className="frame">
        <section aria-labelledby="choose">
          <Heading level={2} data-size="md" id="choose">
            {t('landing.choose')}
          </Heading>
          <ul className="choices">
            {portal.rights.map((right) => (
              <Choice key={right} right={right} />
            ))}
          </ul>
          <p className="follow">
            {t('landing.before')} <Link to="/follow">{t('landing.follow')}</Link>
          </p>
        </section>
        <section aria-labelledby="facts">
          <Heading level={2} data-size="md" id="facts">
            {t('landing.facts')}
          </Heading>
          <ul className="facts">
            <li>
              <strong>{t('landing.free')}</strong> {t('landing.reason')}
            </li>
            <li>
              <strong>{t('landing.due', { date: portal.deadline_text })}</strong>{' '}
              {t('landing.due.text')}
            </li>
            <li>
              <strong>{t('landing.ask')}</strong> {t('landing.ask.text')}
            </li>
            <li>
              <strong>{t('landing.id')}</strong> {t('landing.id.text')}
            </li>
          </ul>
        </section>
        <section className="aside-links">
          <p>
            <Link to="/other">{t('landing.other')}</Link>
          </p>
          <p>
            <Link to="/notice">{t('landing.notice')}</Link>
          </p>
        </section>
      </div>
    </div>
  );
}

function Choice({ right }: { right: Right }) {
  const { t } = useText();
  const me = useMe();
  return (
    <li>
      <RightIcon right={right} />
      <div>
        <h3>
          {me ? (
            <Link to={`/request/${right}`}>{t(`right.${right}`)}</Link>
          ) : (
            <Link to="/ask/$right" params={{ right }}>
              {t(`right.${right}`)}
            </Link>
          )}
        </h3>
        <p>{t(`right.${right}.text`)}</p>
      </div>
    </li>
  );
}
