import type { Page } from '@playwright/test';
import { approve, enterAs, executed, lookOver, officer, openCase, searched } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, openOwnCase, proveAgain, receipt } from './person';
import { Company, Letterbox, Portal } from './portal';

const astrid = 'astrid.solberg@example.org';
const newNumber = '+4740000099';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a person says that a number is wrong, and it is corrected where it stands', async ({
  visit,
}) => {
  const before = await Company.about(portal.data, astrid);
  const oldNumber = String(before.rows('webshop', 'customers')[0]?.phone);
  expect(oldNumber).toMatch(/^\+47/);

  const page = await visit(portal.url);
  await begin(page, letters, 'rectification', astrid);
  await proveAgain(page, letters, astrid, 'Send meg en kode', 'Vis opplysningene');
  await at(page, 'Hva er feil?');
  const phone = page
    .getByRole('listitem')
    .filter({ hasText: oldNumber })
    .filter({ hasText: 'Nettbutikken' })
    .first();
  await phone.getByRole('button', { name: /^Dette er feil/ }).click();
  const field = phone.getByRole('textbox', { name: /^Riktig:/ });
  await expect(field).toBeFocused();
  await field.fill(newNumber);
  await page.getByLabel('Ikke bruk opplysningene mens dere sjekker dem').check();
  await page.getByRole('button', { name: 'Se over' }).click();
  await at(page, 'Se over før du sender');
  await expect(page.getByText('bruker dem ikke')).toBeVisible();
  await expect(page.locator('del')).toHaveText(oldNumber);
  await expect(page.locator('ins')).toHaveText(newNumber);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await expect(office.getByRole('heading', { name: 'Det personen mener er feil' })).toBeVisible();
  await searchedCorrections(office);
  // As the person asked, the row is marked as restricted in the shop itself while it is looked into.
  await expect(office.getByRole('heading', { name: 'Gjør dette nå' })).toBeVisible();
  await office.getByRole('button', { name: 'Begrens mens vi undersøker' }).click();
  const restricted = office.getByRole('region', { name: 'Bare lagret inntil videre' });
  await expect(restricted).toContainText('Rader: 1');
  await office.getByRole('button', { name: /^Gjort/ }).click();
  await expectSound(office);
  await approve(await lookOver(office));
  await executed(office);
  await expect(restricted).toContainText('Personen har fått beskjed');

  const after = await Company.about(portal.data, astrid);
  expect(after.rows('webshop', 'customers')[0]?.phone).toBe(newNumber);
  expect(after.rows('webshop', 'customers')[0]?.restricted).toBe(true);
  await letters.next(astrid, /^Vi tar snart i bruk opplysninger igjen/);
  const done = await letters.next(astrid, /^Kravet ditt er behandlet/);
  // Should the person object, the office leaves it restricted.
  await office.getByRole('button', { name: 'Ikke opphev likevel' }).click();
  await expect(restricted).not.toContainText('Personen har fått beskjed');
  await expect(restricted.getByRole('button', { name: 'Opphev begrensningen' })).toBeVisible();
  expect(done.text, 'a mail has no value of the person').not.toContain(newNumber);
  await openOwnCase(page, reference);
  await expect(page.locator('.status-line')).toContainText('Innvilget');
  await expect(
    page.getByRole('heading', { name: 'Vi har rettet opplysningene dine' }),
  ).toBeVisible();
});

test('what a person describes in words is found and corrected by the office', async ({ visit }) => {
  const ola = 'ola.nordmann@fjordlys-kunde.example';
  const page = await visit(portal.url);
  await begin(page, letters, 'rectification', ola);
  await page.getByRole('button', { name: /^Hopp over/ }).click();
  await page
    .getByLabel('Hva er feil, og hva er riktig?')
    .fill('Etternavnet mitt er Nordman-Berg, ikke det dere har.');
  await page.getByRole('button', { name: 'Se over' }).click();
  await at(page, 'Se over før du sender');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  const customer = office.locator('.group').filter({ hasText: 'Kundene i nettbutikken' }).first();
  await customer.getByRole('button', { name: /^Vis radene/ }).click();
  await customer.getByRole('button', { name: /^Rett et felt/ }).click();
  const correct = office.getByRole('dialog', { name: 'Hvilket felt er feil?' });
  await correct.getByLabel('Felt', { exact: true }).selectOption({ label: 'Etternavn' });
  await correct.getByRole('button', { name: 'Legg til rettelsen' }).click();
  await expect(correct.getByText(/^Skriv hva som skal stå/).first()).toBeVisible();
  await expectSound(office);
  await correct.getByLabel('Riktig', { exact: true }).fill('Nordman-Berg');
  await correct.getByRole('button', { name: 'Legg til rettelsen' }).click();
  await expect(correct).toBeHidden();
  await expect(office.locator('ins')).toHaveText('Nordman-Berg', { timeout: 60_000 });
  await searched(office);
  await approve(await lookOver(office));
  await executed(office);
  const after = await Company.about(portal.data, ola);
  expect(after.rows('webshop', 'customers')[0]?.last_name).toBe('Nordman-Berg');
  await openOwnCase(page, reference);
  await expect(page.getByText('Etternavn: Nå står det «Nordman-Berg».')).toBeVisible();
});

/** The office accepts every correction that is still open. */
async function searchedCorrections(office: Page): Promise<void> {
  const accept = office.getByRole('button', { name: 'Godta' });
  await expect(accept).toHaveCount(1);
  await accept.click();
  await expect(office.getByText('Avgjørelsen er lagret.')).toBeVisible();
  await searched(office);
}
