import { Alert, Button, Details, Textfield } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { ApiError, api, unwrap } from '../../api/client';
import { Errors, errorOf, type FieldError } from '../../shared/errors';
import { ProblemAlert } from '../../shared/problem';
import { dropLink, type MailedLink, takeLink } from '../link';
import { PersonPage } from '../personPage';
import { useText } from '../text';
import { useEnter } from './code';

/** Where the mailed link leads. It does nothing by itself: programs open links too. */
export function Verify() {
  const [link, setLink] = useState(takeLink);
  const [disowned, setDisowned] = useState(false);
  useEffect(() => {
    const look = () => setLink(takeLink());
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  if (disowned) return <Disowned />;
  return link ? <Confirm link={link} onDisowned={() => setDisowned(true)} /> : <NoLink />;
}

/** The link lost its secret on the way, or the page was loaded again. */
function NoLink() {
  const { t } = useText();
  return (
    <PersonPage title={t('verify.none.title')}>
      <p>{t('verify.none.text')}</p>
      <p>
        <Link to="/code">{t('verify.none.code')}</Link>
      </p>
      <p>
        <Link to="/">{t('verify.none.again')}</Link>
      </p>
    </PersonPage>
  );
}

function Confirm({ link, onDisowned }: { link: MailedLink; onDisowned: () => void }) {
  const { t } = useText();
  const enter = useEnter();
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      const params = { path: { id: link.challenge } };
      const body = { token: link.token };
      const me = await unwrap(api.POST('/verifications/{id}/redeem', { params, body }));
      dropLink();
      await enter(me);
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const refused = failure instanceof ApiError && !failure.offline;
  const elsewhere = refused && failure.problem?.code === 'other_browser';
  return (
    <PersonPage title={t('verify.title')}>
      {!refused && <p>{t('verify.text')}</p>}
      {elsewhere ? <Elsewhere /> : <ProblemAlert error={failure} focus />}
      {refused && (
        <p>
          <Link to="/">{t('verify.none.again')}</Link>
        </p>
      )}
      {!refused && (
        <div className="actions">
          <Button onClick={() => void confirm()} loading={busy}>
            {t('verify.confirm')}
          </Button>
        </div>
      )}
      <Details>
        <Details.Summary>{t('notMe.summary')}</Details.Summary>
        <Details.Content>
          <NotMe link={link} onDone={onDisowned} />
        </Details.Content>
      </Details>
    </PersonPage>
  );
}

/** Mail programs open links in a browser of their own. That is no mistake of the person's. */
function Elsewhere() {
  const { t } = useText();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <Alert data-color="info" role="alert" ref={box} tabIndex={-1}>
      <strong>{t('verify.elsewhere')}</strong>
      <p>{t('verify.elsewhere.text')}</p>
    </Alert>
  );
}

/** "This was not me": needs a typed word, so that a program that clicks links cannot do it. */
function NotMe({ link, onDone }: { link: MailedLink; onDone: () => void }) {
  const { t } = useText();
  const [word, setWord] = useState('');
  const [errors, setErrors] = useState<FieldError[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const wanted = t('notMe.word');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const right = word.trim().toLowerCase() === wanted;
    setFailure(undefined);
    setErrors(right ? [] : [{ field: 'word', message: t('notMe.error', { word: wanted }) }]);
    if (!right) return;
    setBusy(true);
    try {
      await unwrap(
        api.POST('/verifications/{id}/not-me', {
          params: { path: { id: link.challenge } },
          body: { token: link.token, word: wanted },
        }),
      );
      dropLink();
      onDone();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  const error = errorOf(errors, 'word');
  return (
    <form onSubmit={submit} noValidate className="stack">
      <p>{t('notMe.text')}</p>
      <Errors errors={errors} />
      <ProblemAlert error={failure} focus />
      <Textfield
        id="word"
        label={t('notMe.label', { word: wanted })}
        value={word}
        onChange={(event) => setWord(event.target.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={20}
        {...(error ? { error } : {})}
      />
      <div className="actions">
        <Button type="submit" variant="secondary" data-color="danger" loading={busy}>
          {t('notMe.submit')}
        </Button>
      </div>
    </form>
  );
}

function Disowned() {
  const { t } = useText();
  return (
    <PersonPage title={t('notMe.done.title')}>
      <p>{t('notMe.done.text')}</p>
    </PersonPage>
  );
}
