// @vitest-environment node
import { afterEach, expect, it, vi } from 'vitest';
import { ApiError, api, newKey, onSignedOut, setApiLanguage, unwrap } from './client';

afterEach(() => vi.unstubAllGlobals());

// Outside a browser a request needs a whole address.
class PageRequest extends Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(typeof input === 'string' ? new URL(input, 'http://portal.example') : input, init);
  }
}

function answer(response: Response) {
  const fetch = vi.fn(async (_: Request) => response);
  vi.stubGlobal('fetch', fetch);
  return fetch;
}

const portal = () => unwrap(api.GET('/portal', { Request: PageRequest }));

it('gives the data of an answer, asked for in the page’s language', async () => {
  setApiLanguage('nn');
  const fetch = answer(Response.json({ name: 'Fjordlys' }));
  expect(await portal()).toEqual({ name: 'Fjordlys' });
  const request = fetch.mock.calls[0]?.[0];
  expect(request?.headers.get('Accept-Language')).toBe('nn');
  expect(new URL(request?.url ?? '').pathname).toBe('/api/v1/portal');
});

it('gives the server’s own sentence when it refuses', async () => {
  const problem = { type: 'about:blank', title: 'Vent litt.', status: 429, code: 'too_many' };
  answer(
    Response.json(problem, {
      status: 429,
      headers: { 'Content-Type': 'application/problem+json', 'Retry-After': '90' },
    }),
  );
  const error = await portal().catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 429,
    code: 'too_many',
    retryAfter: 90,
    offline: false,
    problem,
  });
});

it('does not take a page of a proxy for a problem', async () => {
  answer(new Response('<h1>Bad gateway</h1>', { status: 502 }));
  await expect(portal()).rejects.toMatchObject({ status: 502, problem: undefined, offline: false });
});

it('tells a lost network from a refusal', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('Failed to fetch');
  });
  await expect(portal()).rejects.toMatchObject({ status: 0, offline: true });
});

it('tells that the session is over, and still refuses', async () => {
  const told = vi.fn();
  onSignedOut(told);
  const problem = { type: 'about:blank', title: 'Logg inn.', status: 401, code: 'signed_out' };
  answer(Response.json(problem, { status: 401 }));
  await expect(portal()).rejects.toMatchObject({ status: 401 });
  expect(told).toHaveBeenCalledOnce();
  answer(Response.json({ ...problem, status: 403 }, { status: 403 }));
  await expect(portal()).rejects.toMatchObject({ status: 403 });
  expect(told).toHaveBeenCalledOnce();
});

it('makes keys that the contract accepts and that differ', () => {
  expect(newKey()).toMatch(/^[A-Za-z0-9_-]{8,100}$/);
  expect(newKey()).not.toBe(newKey());
});
