import {
  approve,
  approver,
  enterAs,
  executed,
  lookOver,
  officer,
  openCase,
  searched,
  switchTo,
} from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, openOwnCase, receipt } from './person';
import { Company, Letterbox, Portal } from './portal';

const kari = 'kari.nordmann@fjordlys-kunde.example';
const household = 'ola.nordmann@fjordlys-kunde.example';
const neighbour = 'astrid.solberg@example.org';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a person asks to delete, two members agree, and only what may be kept is left', async ({
  visit,
}) => {
  const [hers, ola, astrid] = await Promise.all(
    [kari, household, neighbour].map((email) => Company.about(portal.data, email)),
  );
  if (!hers || !ola || !astrid) throw new Error('the demo has three persons');
  expect(hers.rows('webshop', 'newsletter_subscribers').length).toBeGreaterThan(0);

  const page = await visit(portal.url);
  await begin(page, letters, 'erasure', kari);
  await page.getByRole('button', { name: 'Se hva som skjer' }).click();
  await at(page, 'Se over før du sender');
  const invoices = page.getByRole('listitem').filter({ hasText: 'bokføringsloven' }).first();
  await expect(invoices).toContainText('Beholdes');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  await approve(await lookOver(office, 'keep'), 'Jeg har sett over, be en kollega godkjenne');
  await letters.next('tom.erik.ruud@fjordlys.example', new RegExp(reference));
  await expect(office.getByText('Utført og kontrollert')).toBeHidden();
  await switchTo(office, approver);
  await approve(await lookOver(office), 'Godkjenn slettingen');
  await executed(office);

  const left = await Company.about(portal.data, kari);
  expect(left.rows('webshop', 'newsletter_subscribers')).toEqual([]);
  expect(left.rows('webshop', 'consents')).toEqual([]);
  const [olaAfter, astridAfter] = await Promise.all(
    [household, neighbour].map((email) => Company.about(portal.data, email)),
  );
  expect(olaAfter?.rows('webshop', 'addresses')).toEqual(ola.rows('webshop', 'addresses'));
  expect(astridAfter?.rows('office', 'notes')).toEqual(astrid.rows('office', 'notes'));

  const done = await letters.next(kari, /^Kravet ditt er behandlet/);
  expect(done.text).toMatch(/Slettet: \d+\n/);
  expect(done.text).toMatch(/Beholdt: \d+\n/);
  expect(done.text).not.toMatch(/Nyhetsbrev|Faktura|bokføring/);
  expect(done.text).not.toMatch(/nordmann/i);
  await openOwnCase(page, reference);
  await expect(page.locator('.status-line')).toContainText('Delvis innvilget');
  const section = (heading: RegExp) =>
    page.locator('.letter-section').filter({ has: page.getByRole('heading', { name: heading }) });
  await expect(section(/^\d+\. Det vi har gjort$/)).toContainText('Vi har slettet dette.');
  const kept = section(/^\d+\. Det vi ikke har gjort$/);
  await expect(kept.getByText(/bokføringsloven/i).first()).toBeVisible();
  await expect(kept).toContainText(/Til og med\s*\d+\. \S+ \d{4}/);
  await expectSound(page);
});
