import { Button } from '@digdir/designsystemet-react';
import { type ReactNode, useState } from 'react';
import { api, type Schemas, unwrap } from '../api/client';
import { ProblemAlert } from '../shared/problem';
import { CodeForm } from './codeForm';
import type { AskedCode } from './kept';
import { askedCode, forgetCode, keepAsked, keepProved, type Purpose } from './proof';
import { useText } from './text';

type Started = Schemas['StepUpStarted'];

function start(purpose: Purpose): Promise<Started> {
  if (purpose.kind === 'fields') return unwrap(api.POST('/me/step-up'));
  if (purpose.kind === 'address') return unwrap(api.POST('/me/address/step-up'));
  return unwrap(
    api.POST('/requests/{id}/step-up', {
      params: { path: { id: purpose.request } },
      body: { operation: purpose.kind },
    }),
  );
}

function redeem(purpose: Purpose, code: string): Promise<Schemas['StepUpDone']> {
  if (purpose.kind === 'fields') return unwrap(api.POST('/me/step-up/redeem', { body: { code } }));
  if (purpose.kind === 'address')
    return unwrap(api.POST('/me/address/step-up/redeem', { body: { code } }));
  return unwrap(
    api.POST('/requests/{id}/step-up/redeem', {
      params: { path: { id: purpose.request } },
      body: { code },
    }),
  );
}

interface Props {
  purpose: Purpose;
  email: string;
  /** What the button says that asks for the code. */
  startLabel: string;
  submitLabel: string;
  /** What stands above the button, until a code has been asked for. */
  before?: ReactNode;
  onDone: () => Promise<void> | void;
}

/** Proves the address once more: one button sends a code, one field takes it. */
export function StepUp({ purpose, email, startLabel, submitLabel, before, onDone }: Props) {
  const { t } = useText();
  const [started, setStarted] = useState(() => waiting(purpose));
  const [failure, setFailure] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const ask = async () => {
    const answer = await start(purpose);
    const asked = askedNow(answer);
    keepAsked(purpose, asked);
    setStarted(asked);
  };
  const begin = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await ask();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(false);
    }
  };
  if (!started) {
    return (
      <div className="stack">
        {before}
        <ProblemAlert error={failure} focus />
        <div className="actions">
          <Button onClick={() => void begin()} loading={busy}>
            {startLabel}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack">
      <p role="status">{t('stepUp.sent', { email, minutes: started.minutes })}</p>
      <CodeForm
        codeLength={started.codeLength}
        resendAt={started.resendAt}
        submitLabel={submitLabel}
        onResend={ask}
        onCode={async (code) => {
          const { valid_until } = await redeem(purpose, code);
          keepProved(purpose, Date.parse(valid_until));
          await onDone();
        }}
      />
    </div>
  );
}

/** The code that this window waits for already. */
function waiting(purpose: Purpose): AskedCode | undefined {
  const asked = askedCode(purpose, Date.now());
  // A proof that was not used in time for its operation needs a new code.
  if (asked?.proved) forgetCode(purpose);
  return asked?.proved ? undefined : asked;
}

function askedNow(answer: Started): AskedCode {
  const now = Date.now();
  return {
    codeLength: answer.code_length,
    minutes: answer.expires_in_minutes,
    resendAt: now + answer.resend_after_seconds * 1000,
    until: now + answer.expires_in_minutes * 60_000,
    proved: false,
  };
}
