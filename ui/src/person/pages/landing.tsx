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
            {portal.rights.filter(isCommon).map((right) => (
              <Choice key={right} right={right} />
            ))}
          </ul>
          <More rights={portal.rights.filter((right) => !isCommon(right))} />
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

/** What most people come for stands first, with a picture. */
const isCommon = (right: Right) => ['access', 'rectification', 'erasure'].includes(right);

function Choice({ right }: { right: Right }) {
  const { t } = useText();
  return (
    <li>
      <RightIcon right={right} />
      <div>
        <h3>
          <Ask right={right} />
        </h3>
        <p>{t(`right.${right}.text`)}</p>
      </div>
    </li>
  );
}

/** The other rights, in plain sight but quietly: taking back a consent is to be as easy as giving it. */
function More({ rights }: { rights: readonly Right[] }) {
  const { t } = useText();
  if (rights.length === 0) return null;
  return (
    <>
      <h3 id="more">{t('landing.more')}</h3>
      <ul className="more-rights" aria-labelledby="more">
        {rights.map((right) => (
          <li key={right}>
            <Ask right={right} />
            <p className="quiet">{t(`right.${right}.text`)}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** To the first question of a right, or past it for somebody who has signed in. */
function Ask({ right }: { right: Right }) {
  const { t } = useText();
  const me = useMe();
  return me ? (
    <Link to={`/request/${right}`}>{t(`right.${right}`)}</Link>
  ) : (
    <Link to="/ask/$right" params={{ right }}>
      {t(`right.${right}`)}
    </Link>
  );
}
