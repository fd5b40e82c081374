import { api, type Schemas, unwrap } from '../api/client';

type Challenge = Schemas['PasskeyChallenge'];

/** The member closed the browser's own dialog, or no key was at hand: nothing happened. */
export class NoPasskey extends Error {
  override name = 'NoPasskey';
}

/** Whether this browser has passkeys at all. */
export function passkeysHere(): boolean {
  return (
    typeof PublicKeyCredential !== 'undefined' &&
    typeof PublicKeyCredential.parseRequestOptionsFromJSON === 'function'
  );
}

/** What the browser made or signed, as the server takes it. */
async function made(asking: Promise<Credential | null>): Promise<Record<string, unknown>> {
  const credential = await asking.catch((error: unknown) => {
    if (error instanceof DOMException) throw new NoPasskey(error.name);
    throw error;
  });
  if (!(credential instanceof PublicKeyCredential)) throw new NoPasskey();
  return credential.toJSON();
}

function sign({ options }: Challenge) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  return made(navigator.credentials.get({ publicKey }));
}

/** Signs in with whatever passkey the member picks. */
export async function signInWithPasskey(): Promise<Schemas['StaffSession']> {
  const challenge = await unwrap(api.POST('/staff/session/passkey/start'));
  const credential = await sign(challenge);
  return unwrap(api.POST('/staff/session/passkey', { body: { id: challenge.id, credential } }));
}

/** Proves once more who sits here. */
export async function proveWithPasskey(): Promise<Schemas['StaffSession']> {
  const challenge = await unwrap(api.POST('/staff/session/step-up/passkey/start'));
  const credential = await sign(challenge);
  return unwrap(
    api.POST('/staff/session/step-up/passkey', { body: { id: challenge.id, credential } }),
  );
}

/** Has the browser make a passkey for a challenge. */
export function makeKey(options: Challenge['options']): Promise<Record<string, unknown>> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as unknown as PublicKeyCredentialCreationOptionsJSON,
  );
  return made(navigator.credentials.create({ publicKey }));
}

/** Makes a passkey and has it kept under a name. */
export async function makePasskey(name: string): Promise<Schemas['Passkey']> {
  const { id, options } = await unwrap(api.POST('/staff/account/passkeys/start'));
  const credential = await makeKey(options);
  return unwrap(api.POST('/staff/account/passkeys', { body: { id, name, credential } }));
}
