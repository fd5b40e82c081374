import { Button, Dialog, Heading, Paragraph, Textfield } from '@digdir/designsystemet-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type FormEvent,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { ApiError, api, unwrap } from '../api/client';
import { ProblemAlert } from '../shared/problem';
import { sessionQuery } from './api';
import { proofChannel } from './oidc';
import { SignInForm, usePlay } from './pages/sign-in';
import { NoPasskey, proveWithPasskey } from './passkey';
import { useT } from './texts';

/** The member closed the dialog: the act was not done, and there is nothing to report. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

type Ask = 'code' | 'sign-in';

interface Gate {
  /** Opens the dialog and resolves when the member has proved what was asked; rejects Cancelled. */
  ask(what: Ask): Promise<void>;
}

const Context = createContext<Gate | undefined>(undefined);

function useGate(): Gate {
  const gate = useContext(Context);
  if (!gate) throw new Error('useGate is used outside a GateProvider');
  return gate;
}

/** What proof the server wants before it does this, if that is why it refused. */
export function wanted(error: unknown): Ask | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'step_up_required') return 'code';
  return error.status === 401 ? 'sign-in' : undefined;
}

/** Does it, and does it again after each proof that the server asks for on the way. */
async function through<T>(gate: Gate, run: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const ask = wanted(error);
      if (!ask || tries === 2) throw error;
      await gate.ask(ask);
    }
  }
}

/** Reads what the server shows to a fresh proof alone: asks for the proof and reads again. */
export function useThrough(): <T>(run: () => Promise<T>) => Promise<T> {
  const gate = useGate();
  return useCallback((run) => through(gate, run), [gate]);
}

interface Waiter {
  resolve: () => void;
  reject: (reason: Cancelled) => void;
}

/**
 * Holds the two dialogs that may stand before an act: a fresh one-time code, and a new sign-in
 * when the session has run out. The page behind stays as it is, so nothing typed is lost.
 */
export function GateProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [asked, setAsked] = useState<Ask>();
  const waiting = useRef<Waiter[]>([]);

  const ask = useCallback(
    (what: Ask) =>
      new Promise<void>((resolve, reject) => {
        waiting.current.push({ resolve, reject });
        setAsked(what);
      }),
    [],
  );
  const settle = useCallback((done: boolean) => {
    const all = waiting.current;
    waiting.current = [];
    setAsked(undefined);
    for (const each of all) done ? each.resolve() : each.reject(new Cancelled());
  }, []);

  useEffect(
    () =>
      client.getQueryCache().subscribe(({ type, query }) => {
        const signedIn = client.getQueryData(sessionQuery.queryKey) !== undefined;
        if (type !== 'updated' || !signedIn || wanted(query.state.error) !== 'sign-in') return;
        setAsked((now) => now ?? 'sign-in');
      }),
    [client],
  );

  const gate = useMemo(() => ({ ask }), [ask]);
  return (
    <Context value={gate}>
      {children}
      {asked === 'code' && (
        <ProofDialog onDone={() => settle(true)} onCancel={() => settle(false)} />
      )}
      {asked === 'sign-in' && (
        <SignInDialog
          onDone={() => {
            settle(true);
            client.invalidateQueries();
          }}
          onCancel={() => settle(false)}
        />
      )}
    </Context>
  );
}

interface DialogProps {
  onDone: () => void;
  onCancel: () => void;
}

/** A fresh proof before an act that cannot be undone. The demo's members have no code to type. */
function ProofDialog(props: DialogProps) {
  const client = useQueryClient();
  const session = client.getQueryData(sessionQuery.queryKey);
  const proofs = session?.proofs ?? [];
  const [code, setCode] = useState(false);
  if (session?.demo) return <DemoProof member={session.member.id} {...props} />;
  if (proofs.length === 1 && proofs[0] === 'oidc') return <OIDCDialog {...props} />;
  if (!proofs.includes('passkey') || code) return <CodeDialog {...props} />;
  return (
    <PasskeyDialog
      {...props}
      {...(proofs.includes('password') ? { onCode: () => setCode(true) } : {})}
    />
  );
}

/** A fresh proof with the organisation's sign-in, in a window of its own: what stands here stays. */
function OIDCDialog({ onDone, onCancel }: DialogProps) {
  const { t } = useT();
  const client = useQueryClient();
  useEffect(() => {
    const channel = new BroadcastChannel(proofChannel);
    channel.onmessage = () => {
      client.invalidateQueries({ queryKey: sessionQuery.queryKey });
      onDone();
    };
    return () => channel.close();
  }, [client, onDone]);
  return (
    <Dialog open onClose={onCancel} closeButton={t('shared.close')} aria-labelledby="step-up-title">
      <div className="stack">
        <Heading level={2} data-size="sm" id="step-up-title">
          {t('stepup.title')}
        </Heading>
        <Paragraph>{t('stepup.oidc')}</Paragraph>
        <div className="buttons">
          <Button onClick={() => window.open('/staff/oidc?prove', '_blank', 'popup')} autoFocus>
            {t('oidc.sign.in')}
          </Button>
          <Button variant="secondary" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** A fresh proof with a passkey; with a code instead, where the member has one. */
function PasskeyDialog({ onDone, onCancel, onCode }: DialogProps & { onCode?: () => void }) {
  const { t } = useT();
  const client = useQueryClient();
  const prove = useMutation({
    mutationFn: proveWithPasskey,
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
  const aborted = prove.error instanceof NoPasskey;
  return (
    <Dialog open onClose={onCancel} closeButton={t('shared.close')} aria-labelledby="step-up-title">
      <div className="stack">
        <Heading level={2} data-size="sm" id="step-up-title">
          {t('stepup.title')}
        </Heading>
        <Paragraph>{t('stepup.passkey')}</Paragraph>
        <ProblemAlert error={aborted ? undefined : prove.error} />
        <div role="status">{aborted && <Paragraph>{t('passkey.aborted')}</Paragraph>}</div>
        <div className="buttons">
          <Button loading={prove.isPending} onClick={() => prove.mutate()} autoFocus>
            {t('passkey.use')}
          </Button>
          {onCode && (
            <Button variant="secondary" onClick={onCode}>
              {t('stepup.code')}
            </Button>
          )}
          <Button variant="secondary" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function DemoProof({ member, onDone, onCancel }: DialogProps & { member: string }) {
  const { t } = useT();
  const play = usePlay(onDone);
  return (
    <Dialog open onClose={onCancel} closeButton={t('shared.close')} aria-labelledby="step-up-title">
      <div className="stack">
        <Heading level={2} data-size="sm" id="step-up-title">
          {t('stepup.title')}
        </Heading>
        <Paragraph>{t('stepup.demo')}</Paragraph>
        <ProblemAlert error={play.error} />
        <div className="buttons">
          <Button loading={play.isPending} onClick={() => play.mutate(member)} autoFocus>
            {t('stepup.confirm')}
          </Button>
          <Button variant="secondary" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** Asks for a fresh one-time code. */
function CodeDialog({ onDone, onCancel }: DialogProps) {
  const { t } = useT();
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const [missing, setMissing] = useState(false);
  const prove = useMutation({
    mutationFn: () =>
      unwrap(api.POST('/staff/session/step-up', { body: { code: code.replace(/\s/g, '') } })),
    onSuccess: (session) => {
      client.setQueryData(sessionQuery.queryKey, session);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    const short = code.replace(/\s/g, '').length < 6;
    setMissing(short);
    if (!short) prove.mutate();
  };
  return (
    <Dialog open onClose={onCancel} closeButton={t('shared.close')} aria-labelledby="step-up-title">
      <form onSubmit={submit} noValidate className="stack">
        <Heading level={2} data-size="sm" id="step-up-title">
          {t('stepup.title')}
        </Heading>
        <Paragraph>{t('stepup.text')}</Paragraph>
        <ProblemAlert error={prove.error} />
        <Textfield
          id="step-up-code"
          label={t('field.code')}
          className="narrow"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          maxLength={12}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          error={missing && t('stepup.missing')}
        />
        <div className="buttons">
          <Button type="submit" loading={prove.isPending}>
            {t('stepup.confirm')}
          </Button>
          <Button variant="secondary" onClick={onCancel}>
            {t('common.cancel')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function SignInDialog({ onDone, onCancel }: DialogProps) {
  const { t } = useT();
  return (
    <Dialog open onClose={onCancel} closeButton={t('shared.close')} aria-labelledby="again-title">
      <div className="stack">
        <Heading level={2} data-size="sm" id="again-title">
          {t('signin.again.title')}
        </Heading>
        <Paragraph>{t('signin.again.text')}</Paragraph>
        <SignInForm onDone={onDone} level={3} />
      </div>
    </Dialog>
  );
}

export interface Doing<A> {
  act: (args: A) => void;
  busy: boolean;
  /** Why it was not done; undefined when the member cancelled it. */
  error: unknown;
  reset: () => void;
}

/** One act on the server: done once, after the proofs it needs, with its failure to show. */
export function useAct<A = void, T = unknown>(
  run: (args: A) => Promise<T>,
  done?: (answer: T, args: A) => void,
): Doing<A> {
  const gate = useGate();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (args: A) => through(gate, () => run(args)),
    ...(done ? { onSuccess: (answer: T, args: A) => done(answer, args) } : {}),
  });
  const act = useCallback((args: A) => mutate(args), [mutate]);
  return { act, busy: isPending, error: error instanceof Cancelled ? undefined : error, reset };
}
