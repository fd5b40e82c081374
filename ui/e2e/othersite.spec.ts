import { once } from 'node:events';
import { createServer } from 'node:http';
import { at, expect, test } from './page';
import { begin } from './person';
import { freePort, Letterbox, Portal } from './portal';

let portal: Portal;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
});

test.afterAll(() => portal.stop());

/** A site of somebody else's: for a browser 127.0.0.1 is another one than localhost. */
async function otherSite() {
  const port = await freePort();
  const server = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end('<!doctype html><title>Noe annet</title>');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${port}/`, stop: () => server.close() };
}

test('another site neither acts, nor reads, nor shows the portal in a frame', async ({
  browser,
  locale,
}) => {
  const site = await otherSite();
  const context = await browser.newContext({ baseURL: portal.url, locale: locale ?? 'nb-NO' });
  try {
    const page = await context.newPage();
    await begin(page, new Letterbox(portal.demoMails), 'access', 'oda.berg@example.com');
    const other = await context.newPage();
    await other.goto(site.url);

    const refused = await other.evaluate(async (origin) => {
      const fails = (attempt: Promise<unknown>) =>
        attempt.then(
          () => false,
          () => true,
        );
      const call = (path: string, init: RequestInit = {}) =>
        fails(fetch(`${origin}/api/v1${path}`, { credentials: 'include', ...init }));
      const loads = (tag: 'img' | 'script') =>
        new Promise((resolve) => {
          const element = document.createElement(tag);
          element.onload = () => resolve(false);
          element.onerror = () => resolve(true);
          element.src = `${origin}/api/v1/me`;
          document.head.append(element);
        });
      const asked = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"right":"access","locale":"nb"}',
      };
      return {
        read: await call('/me'),
        write: await call('/requests', asked),
        simple: await call('/requests', { method: 'POST', mode: 'no-cors', body: asked.body }),
        signOut: await call('/me', { method: 'DELETE' }),
        image: await loads('img'),
        script: await loads('script'),
      };
    }, portal.url);
    expect(Object.entries(refused).filter(([, stopped]) => !stopped)).toEqual([]);

    // What a form sends without asking first arrives, and is turned away.
    const answer = other.waitForResponse(/\/api\/v1\/requests$/);
    await other.evaluate((origin) => {
      const form = document.createElement('form');
      Object.assign(form, {
        method: 'post',
        action: `${origin}/api/v1/requests`,
        enctype: 'text/plain',
      });
      const field = document.createElement('input');
      Object.assign(field, { name: '{"right":"access","locale":"nb","text":"', value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
    }, portal.url);
    expect((await answer).status()).toBe(403);

    await other.goto(site.url);
    await other.evaluate((origin) => {
      const frame = document.createElement('iframe');
      frame.src = origin;
      document.body.append(frame);
    }, portal.url);
    await expect.poll(() => other.frames().at(1)?.url()).toMatch(/^chrome-error:/);

    const opened = context.waitForEvent('page');
    await other.evaluate((origin) => {
      Object.assign(window, { opened: window.open(origin) });
    }, portal.url);
    await at(await opened, 'Dine opplysninger');
    const held = () => other.evaluate(() => (window as { opened?: Window }).opened?.closed);
    await expect.poll(held, 'the other site has no hold of the window').toBe(true);

    await page.goto('/cases');
    await at(page, 'Mine saker');
    await expect(page.getByRole('link', { name: /^Krav om/ })).toHaveCount(0);
  } finally {
    await context.close();
    site.stop();
  }
});
