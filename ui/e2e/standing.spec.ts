import { enterAs, officer, openCase } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { receipt, typeCode } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a representative asks, and the office records the authority', async ({ visit }) => {
  const page = await visit(portal.url);
  await page.goto('/ask/access');
  await page.getByRole('link', { name: 'Jeg spør for noen andre' }).click();
  await at(page, 'Hvem spør du for?');
  await page.getByLabel('En som har gitt meg fullmakt').check();
  await page.getByRole('button', { name: 'Fortsett' }).click();
  await at(page, 'Hvem har gitt deg fullmakt?');
  await page.getByRole('button', { name: 'Fortsett' }).click();
  await expect(page.getByText('Skriv navnet på den du spør for').first()).toBeVisible();
  await expectSound(page);
  await page.getByLabel('Navnet på den du spør for').fill('Viktor Storm');
  await page.getByLabel('E-postadressen til personen').fill('viktor.storm@example.com');
  await page.getByLabel('Navnet ditt').fill('Siv Moe');
  await page.getByLabel('Hva viser at du kan spørre?').fill('Fullmakt av 1. november');
  await page.getByRole('button', { name: 'Fortsett' }).click();
  await at(page, 'Hva er e-postadressen din?');
  await page.getByLabel('E-postadresse').fill('siv.moe@example.org');
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await at(page, 'Sjekk e-posten din');
  await typeCode(page, await letters.code('siv.moe@example.org'), 'Gå videre');
  await at(page, 'Hva vil du se?');
  await expect(page.getByText('Viktor Storm')).toBeVisible();
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  const who = office.getByRole('region', { name: 'Hvem spør?' });
  await expect(who).toContainText('Noter først hva dere har sett');
  await expectSound(office);
  await who.getByRole('button', { name: 'Noter fullmakten' }).click();
  const dialog = office.getByRole('dialog', { name: 'Noter fullmakten' });
  await dialog.getByLabel('Hvordan vet dere hvem den som spør, er?').selectOption('eid');
  await dialog.getByLabel('Hva ble vist fram?').fill('Fullmakten, underskrevet');
  await expect(dialog.getByRole('checkbox', { name: 'Innsyn' })).toBeChecked();
  await dialog.getByRole('checkbox', { name: 'Innsyn' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'Sletting' }).check();
  await expectSound(office);
  await dialog.getByRole('button', { name: 'Noter', exact: true }).click();
  await expect(who).toContainText('Skriftlig fullmakt: sletting');
  await expect(who).toContainText('Fullmakten dekker ikke dette kravet');
  await who.getByRole('button', { name: 'Noter en ny fullmakt' }).click();
  await dialog.getByLabel('Hvordan vet dere hvem den som spør, er?').selectOption('eid');
  await dialog.getByLabel('Hva ble vist fram?').fill('En ny, som dekker begge deler');
  await dialog.getByRole('checkbox', { name: 'Sletting' }).check();
  await dialog.getByRole('button', { name: 'Noter', exact: true }).click();
  await expect(who).toContainText('Skriftlig fullmakt: innsyn, sletting');
  await expect(who).not.toContainText('Noter først');
});
