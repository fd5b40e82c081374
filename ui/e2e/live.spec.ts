import { approve, enterAs, lookOver, officer, openCase, preview, searched, send } from './office';
import { at, desk, expect, test } from './page';
import { begin, openOwnCase, receipt } from './person';
import { Letterbox, Portal } from './portal';

const kari = 'kari.nordmann@fjordlys-kunde.example';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a new case comes to the inbox, and the answer to the person, by themselves', async ({
  visit,
}) => {
  const inbox = await visit(portal.url, desk);
  await enterAs(inbox, officer);
  const office = await inbox.context().newPage();
  await office.goto(`${portal.url}/staff/`);
  await at(office, 'Innboks');
  await inbox.bringToFront();
  const followed = inbox.waitForResponse((answer) => answer.url().endsWith('/staff/changes'));
  await inbox.reload();
  expect((await followed).headers()['content-type']).toContain('text/event-stream');
  await inbox.evaluate(() => {
    document.body.dataset.same = 'page';
  });

  const person = await visit(portal.url);
  await begin(person, letters, 'access', kari);
  await person.getByLabel('Navnet ditt (valgfritt)').fill('Kari Nordmann');
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(person);
  // The inbox asks by itself every half minute only.
  await expect(inbox.getByRole('link', { name: reference })).toBeVisible({ timeout: 8_000 });
  await expect(inbox.locator('body')).toHaveAttribute('data-same', 'page');

  await openOwnCase(person, reference);
  await openCase(office, reference);
  await searched(office);
  await approve(await lookOver(office));
  await send(office, await preview(office));
  // A page of a case that is being looked over does not ask by itself at all.
  await expect(person.getByText('Kopien er klar til nedlasting.')).toBeVisible({ timeout: 15_000 });
});

test('where the stream cannot be had, the page asks by itself', async ({ visit }) => {
  const person = await visit(portal.url);
  await person.route('**/changes', (route) => route.fulfill({ status: 429 }));
  await begin(person, letters, 'access', 'astrid.solberg@example.org');
  const looks: string[] = [];
  person.on('request', (request) => {
    if (/\/requests\/[0-9a-f]{32}$/.test(request.url())) looks.push(request.url());
  });
  await person.getByRole('button', { name: 'Send kravet' }).click();
  await receipt(person);
  await expect.poll(() => looks.length, { timeout: 15_000 }).toBeGreaterThan(1);
});
