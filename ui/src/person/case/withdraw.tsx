import { Alert, Button, Dialog, Heading } from '@digdir/designsystemet-react';
import { useRef, useState } from 'react';
import { ApiError, api, unwrap } from '../../api/client';
import { ProblemAlert } from '../../shared/problem';
import type { Request } from '../requests';
import { StepUp } from '../stepUp';
import { useText } from '../text';

interface Props {
  request: Request;
  email: string;
  onDone: () => Promise<void>;
}

/** Takes the request back: asked once more first, and with a fresh code when the proof is old. */
export function Withdraw({ request, email, onDone }: Props) {
  const { t } = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<unknown>();
  const [prove, setProve] = useState(false);
  const [busy, setBusy] = useState(false);
  const withdraw = async () => {
    await unwrap(api.POST('/requests/{id}/withdraw', { params: { path: { id: request.id } } }));
    setProve(false);
    await onDone();
  };
  const confirm = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await withdraw();
    } catch (error) {
      if (needsProof(error)) setProve(true);
      else setFailure(error);
    } finally {
      setBusy(false);
      dialog.current?.close();
    }
  };
  return (
    <section className="stack tight no-print" aria-labelledby="withdraw">
      <Heading level={2} data-size="sm" id="withdraw">
        {t('withdraw.title')}
      </Heading>
      <p>{t(request.right === 'erasure' ? 'withdraw.text.erasure' : 'withdraw.text')}</p>
      <ProblemAlert error={failure} focus />
      {prove ? (
        <Alert data-color="info">
          <div className="stack tight">
            <p>{t('withdraw.prove')}</p>
            <StepUp
              purpose={{ kind: 'withdraw', request: request.id }}
              email={email}
              startLabel={t('withdraw.prove.start')}
              submitLabel={t('withdraw.confirm')}
              onDone={withdraw}
            />
          </div>
        </Alert>
      ) : (
        <div className="actions">
          <Button
            variant="secondary"
            data-color="danger"
            onClick={() => dialog.current?.showModal()}
          >
            {t('withdraw.start')}
          </Button>
        </div>
      )}
      <Dialog ref={dialog} closeButton={t('shared.close')} aria-labelledby="withdraw-sure">
        <Dialog.Block className="stack tight">
          <Heading level={2} data-size="xs" id="withdraw-sure">
            {t('withdraw.sure')}
          </Heading>
          <p>{t('withdraw.sure.text')}</p>
          <div className="actions">
            <Button data-color="danger" onClick={() => void confirm()} loading={busy}>
              {t('withdraw.confirm')}
            </Button>
            <Button variant="secondary" onClick={() => dialog.current?.close()}>
              {t('withdraw.keep')}
            </Button>
          </div>
        </Dialog.Block>
      </Dialog>
    </section>
  );
}

/** Whether the server asks for a fresher proof of the address than the session has. */
function needsProof(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}
