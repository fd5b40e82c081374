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

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a person says no to marketing: it is the first thing the office does, and only marketing goes', async ({
  visit,
}) => {
  const before = await Company.about(portal.data, kari);
  expect(before.rows('webshop', 'newsletter_subscribers').length).toBeGreaterThan(0);

  const page = await visit(portal.url);
  await begin(page, letters, 'objection', kari);
  await expect(page.getByRole('radio', { name: /^Reklame/ })).toBeChecked();
  await expect(page.getByLabel('Hvorfor? (valgfritt)')).toBeHidden();
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await expect(office.getByRole('heading', { name: 'Gjør dette nå' })).toBeVisible();
  await searched(office);
  await office.getByRole('button', { name: /^Gjort/ }).click();
  await expect(office.getByRole('heading', { name: 'Gjør dette nå' })).toBeHidden();
  await approve(await lookOver(office, 'keep'), 'Jeg har sett over, be en kollega godkjenne');
  await switchTo(office, approver);
  await approve(await lookOver(office));
  await executed(office);

  const left = await Company.about(portal.data, kari);
  expect(left.rows('webshop', 'newsletter_subscribers')).toEqual([]);
  expect(left.rows('webshop', 'orders')).toEqual(before.rows('webshop', 'orders'));

  await letters.next(kari, /^Kravet ditt er behandlet/);
  await openOwnCase(page, reference);
  await at(page, 'Protest');
  await expect(page.locator('.status-line')).toContainText('Innvilget');
  await expect(page.getByText(/stanset den direkte markedsføringen til deg/)).toBeVisible();
  await expectSound(page);
});
