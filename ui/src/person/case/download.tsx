import { Alert, Button, Dialog, Heading } from '@digdir/designsystemet-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { api, type Schemas, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import { Waiting } from '../../shared/waiting';
import { forgetCode, type Purpose, provedUntil } from '../proof';
import { StepUp } from '../stepUp';
import { useText } from '../text';

type Package = Schemas['Package'];

interface Props {
  id: string;
  email: string;
  held: Package;
  /** A part that went before the answer: its number, and when it was sent. */
  part?: { number: number; sent_at: string };
  /** The whole answer is there beside the part. */
  whole?: boolean;
  onChanged: () => Promise<void>;
}

/** The copy of the person's data: a fresh code for each download. */
export function Download({ id, email, held, part, whole, onChanged }: Props) {
  const { t, date } = useText();
  const heading = part ? `package-${part.number}` : 'package';
  const purpose: Purpose = { kind: 'download', request: id };
  const [unlocked, setUnlocked] = useState(() => provedUntil(purpose, Date.now()) !== undefined);
  return (
    <section className="panel stack" aria-labelledby={heading}>
      <Heading level={2} data-size="sm" id={heading}>
        {part ? t('package.part', { date: date(part.sent_at) }) : t('package.title')}
      </Heading>
      <State held={held} />
      {(held.state === 'ready' || held.state === 'locked') && (
        <>
          {unlocked ? (
            <Unlocked
              id={id}
              part={part?.number}
              onLocked={() => setUnlocked(false)}
              onChanged={onChanged}
            />
          ) : (
            <StepUp
              purpose={purpose}
              email={email}
              startLabel={t(held.state === 'locked' ? 'package.reopen' : 'package.start')}
              submitLabel={t('package.submit')}
              onDone={() => setUnlocked(true)}
            />
          )}
          <p className="quiet">{t('package.safe')}</p>
          {part ? (
            <p>{t(whole ? 'package.part.whole' : 'package.part.rest')}</p>
          ) : (
            <p>
              {t('package.wrong')}{' '}
              <Link to="/request/rectification">{t('package.wrong.tell')}</Link>
            </p>
          )}
          {held.fetched && !part && <Erase id={id} onChanged={onChanged} />}
        </>
      )}
    </section>
  );
}

/** Who has the copy may have ours erased before its time: asked once more first. */
function Erase({ id, onChanged }: Pick<Props, 'id' | 'onChanged'>) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const erase = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await unwrap(api.DELETE('/requests/{id}/package', { params: { path: { id } } }));
      forgetCode({ kind: 'download', request: id });
      await onChanged();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
      dialog.current?.close();
    }
  };
  return (
    <>
      <ProblemAlert error={failure} focus />
      <p>{t('package.have')}</p>
      <div className="actions">
        <Button variant="secondary" data-size="sm" onClick={() => dialog.current?.showModal()}>
          {t('package.erase')}
        </Button>
      </div>
      <Dialog ref={dialog} closeButton={t('shared.close')} aria-labelledby="erase-copy">
        <Dialog.Block className="stack tight">
          <Heading level={2} data-size="xs" id="erase-copy">
            {t('package.erase.sure')}
          </Heading>
          <p>{t('package.erase.text')}</p>
          <div className="actions">
            <Button data-color="danger" onClick={() => void erase()} loading={busy}>
              {t('package.erase.confirm')}
            </Button>
            <Button variant="secondary" onClick={() => dialog.current?.close()}>
              {t('package.erase.keep')}
            </Button>
          </div>
        </Dialog.Block>
      </Dialog>
    </>
  );
}

function State({ held }: { held: Package }) {
  const { t, n, date, size } = useText();
  switch (held.state) {
    case 'building':
      return (
        <div>
          <p>{t('package.building')}</p>
          <Waiting label={t('package.building.wait')} />
        </div>
      );
    case 'purged':
      return <p>{t('package.purged')}</p>;
    case 'locked':
      return <p>{held.purge_on ? t('package.locked', { date: date(held.purge_on) }) : null}</p>;
    case 'ready':
      return (
        <>
          <p>
            {t('package.ready')}
            {held.size !== undefined && ` (${size(held.size)})`}
          </p>
          <p>
            {held.open_until && <DaysLeft until={held.open_until} />}
            {held.downloads_left !== undefined && ` ${n('package.left', held.downloads_left)}`}
          </p>
        </>
      );
  }
}

/** Whole days until an instant, at least one. */
export function daysUntil(until: string, now: number): number {
  return Math.max(1, Math.ceil((Date.parse(until) - now) / 86_400_000));
}

function DaysLeft({ until }: { until: string }) {
  const { n, date } = useText();
  return n('package.days', daysUntil(until, Date.now()), { date: date(until) });
}

interface UnlockedProps {
  id: string;
  part: number | undefined;
  /** The link has been used, or was left too long. */
  onLocked: () => void;
  onChanged: () => Promise<void>;
}

/** The link itself. It works once and for some minutes, so it goes away with that. */
function Unlocked({ id, part, onLocked, onChanged }: UnlockedProps) {
  const { t } = useText();
  const link = useRef<HTMLAnchorElement>(null);
  const [taken, setTaken] = useState(false);
  useEffect(() => link.current?.focus(), []);
  useEffect(() => {
    if (taken) return;
    const look = () => {
      if (provedUntil({ kind: 'download', request: id }, Date.now()) === undefined) onLocked();
    };
    const timer = setInterval(look, 5_000);
    return () => clearInterval(timer);
  }, [taken, id, onLocked]);
  useEffect(() => {
    if (!taken) return;
    const timer = setTimeout(() => void onChanged(), 2000);
    return () => clearTimeout(timer);
  }, [taken, onChanged]);
  if (taken) {
    return (
      <Alert data-color="success" role="status">
        <div className="stack tight">
          <p>{t('package.started')}</p>
          <div className="actions">
            <Button variant="secondary" data-size="sm" onClick={onLocked}>
              {t('package.again')}
            </Button>
          </div>
        </div>
      </Alert>
    );
  }
  return (
    <div className="stack tight">
      <p role="status">{t('package.unlocked')}</p>
      <div className="actions">
        <Button asChild>
          <a
            ref={link}
            href={`/api/v1/requests/${id}/package${part ? `?part=${part}` : ''}`}
            download
            onClick={() => {
              forgetCode({ kind: 'download', request: id });
              setTaken(true);
            }}
          >
            {t('package.download')}
          </a>
        </Button>
      </div>
      <p className="quiet">{t('package.how')}</p>
    </div>
  );
}
