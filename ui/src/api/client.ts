import createClient from 'openapi-fetch';
import type { components, paths } from './contract.gen';

export type Schemas = components['schemas'];
export type Problem = Schemas['Problem'];
export type Right = Schemas['Right'];

/**
 * Why a call gave no answer. A problem carries the server's own sentence in the page's language;
 * `offline` means that no answer came at all, so what was sent may or may not have arrived.
 */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly problem: Problem | undefined;
  readonly status: number;
  /** Seconds the server asks us to wait, if it does. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem?: Problem, retryAfter?: number) {
    super(problem?.code ?? (status === 0 ? 'offline' : `http ${status}`));
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get offline(): boolean {
    return this.status === 0;
  }

  get code(): string {
    return this.message;
  }
}

let language = 'nb';

/** Sets the language that the server answers in. */
export function setApiLanguage(locale: string): void {
  language = locale;
}

/** The typed client of the contract: `api.GET('/portal')`. Use it through `unwrap`. */
export const api = createClient<paths>({
  baseUrl: '/api/v1',
  credentials: 'same-origin',
  // Looked up at each call, so that a test can put its own fetch in place.
  fetch: (request) => globalThis.fetch(request),
});

api.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language);
    return request;
  },
});

let signedOut: (() => void) | undefined;

/** Sets what happens when the server answers that it knows no session (401). */
export function onSignedOut(act: () => void): void {
  signedOut = act;
}

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'title' in value && 'code' in value;
}

/** The answer of a call, or an ApiError. */
export async function unwrap<T>(call: Promise<Result<T>>): Promise<T> {
  let result: Result<T>;
  try {
    result = await call;
  } catch {
    throw new ApiError(0);
  }
  if (result.response.ok) return result.data as T;
  const problem = isProblem(result.error) ? result.error : undefined;
  // A mailed link that proves nothing says nothing about the session beside it.
  if (result.response.status === 401 && problem?.code !== 'task_link_invalid') signedOut?.();
  const wait = Number(result.response.headers.get('Retry-After'));
  throw new ApiError(
    result.response.status,
    problem,
    Number.isFinite(wait) && wait > 0 ? wait : undefined,
  );
}

/** A new Idempotency-Key: sent again with the same body, the server does the thing once. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
