import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { approve, approver, enterAs, lookOver, openCase, preview, searched, send } from './office';
import { desk, expect, expectSound, test } from './page';
import { begin, follow, openOwnCase, receipt } from './person';
import { Letterbox, Portal } from './portal';
import { unzip } from './zip';

const kari = 'kari.nordmann@fjordlys-kunde.example';
const place = 'Permen i arkivet';
const why = 'Permene fra 2019 må leses for hånd.';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

/** Opens the download with a fresh code and gives what is in the file. */
async function fetched(page: Page, title: string | RegExp): Promise<string> {
  const panel = page.getByRole('region', { name: title });
  await panel.getByRole('button', { name: 'Last ned' }).click();
  await panel.getByLabel('Kode', { exact: true }).fill(await letters.code(kari));
  await panel.getByRole('button', { name: 'Bekreft koden' }).click();
  const downloading = page.waitForEvent('download');
  await panel.getByRole('link', { name: 'Last ned kopien nå' }).click();
  const files = unzip(await readFile(await (await downloading).path()));
  await expect(panel.getByText('Nedlastingen har begynt.')).toBeVisible();
  return [...files.values()].map((body) => body.toString('utf8')).join('\n');
}

test('what is ready goes first, the rest completes it, and the answer is corrected', async ({
  visit,
}) => {
  const office = await visit(portal.url, desk);
  await enterAs(office, approver);
  await office.goto('/staff/sources');
  await office.getByRole('radio', { name: 'Et sted der en person ser etter' }).check();
  await office.getByLabel('Stedet').fill(place);
  await office.getByLabel('Hvordan letes det der?').fill('Se under etternavnet.');
  await office.getByRole('button', { name: 'Legg til' }).last().click();
  await expect(office.getByRole('link', { name: place })).toBeVisible();

  const page = await visit(portal.url);
  await begin(page, letters, 'access', kari);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  // Nobody has looked in the archive: the rest is sent without waiting for it.
  await openCase(office, reference);
  await office.getByRole('button', { name: 'Send en del nå' }).click();
  const dialog = office.getByRole('dialog', { name: 'Send en del av svaret' });
  const letter = dialog.getByRole('article');
  await expect(letter.getByText(place)).toBeVisible();
  await expectSound(office);
  await dialog.getByRole('button', { name: 'Send delen' }).click();
  await expect(
    dialog.getByRole('link', { name: 'Skriv hvorfor resten kommer senere.' }),
  ).toBeVisible();
  await expectSound(office);
  await office.setViewportSize({ width: 390, height: 844 });
  await expectSound(office);
  await office.setViewportSize({ width: 1280, height: 900 });
  await dialog.getByLabel('Hvorfor resten kommer senere').fill(why);
  await expect(letter.getByText(why)).toBeVisible();
  await dialog.getByRole('button', { name: 'Send delen' }).click();
  await expect(dialog).toBeHidden();
  await expect(office.getByText('Delen er sendt. Saken er fortsatt åpen.')).toBeVisible();
  const sent = office.getByText(/^En del ble sendt /).locator('..');
  await expect(sent).toContainText('Ikke lastet ned ennå');
  await expectSound(office);

  // The person is told, reads what is missing, and has what is ready.
  const told = await letters.next(kari, /^En del av svaret ditt er klar/);
  expect(told.subject).toContain(reference);
  expect(told.text).not.toContain(place);
  await openOwnCase(page, reference);
  await page.getByText('Les hele brevet').last().click();
  await expect(page.getByText(why)).toBeVisible();
  await expectSound(page);
  expect(await fetched(page, /^En del av svaret/)).toContain('K-100001');
  await expect(page.getByText('4 nedlastinger igjen')).toBeVisible();
  await expectSound(page);

  // The rest.
  await office.reload();
  await expect(sent).toContainText('Lastet ned');
  await office.getByRole('button', { name: /^Fant ingenting/ }).click();
  await searched(office);
  await approve(await lookOver(office));
  await expect(office.getByRole('button', { name: 'Send en del nå' })).toHaveCount(0);
  const whole = await preview(office);
  await expect(whole.getByText(/fullfører den delen du fikk før/)).toBeVisible();
  await send(office, whole);
  await letters.next(kari, /^Svaret ditt er klart/);
  await page.getByRole('button', { name: 'Logg ut' }).click();
  await follow(page, letters, kari, reference);
  await expectSound(page);
  expect(await fetched(page, 'Kopien av opplysningene dine')).toContain('K-100001');

  // What was wrong in it is told beside it, and a copy made anew comes in a case of its own.
  await office.getByRole('button', { name: 'Rett svaret' }).click();
  const mend = office.getByRole('dialog', { name: 'Rett et svar som er sendt' });
  await mend.getByRole('button', { name: 'Send rettingen' }).click();
  await expect(
    mend.getByRole('link', { name: 'Skriv hva som var feil eller manglet.' }),
  ).toBeVisible();
  await expectSound(office);
  await mend.getByLabel('Hva var feil eller manglet?').fill('Kundeklubben var ikke med.');
  await mend.getByLabel('Hva er riktig?').fill('Du er også medlem av kundeklubben.');
  await mend.getByLabel('Hvorfor ble det slik?').fill('Systemet var ikke koblet til.');
  await mend.getByLabel('Lag et nytt svar med ny kopi').check();
  await expectSound(office);
  await mend.getByRole('button', { name: 'Send rettingen' }).click();
  await expect(mend).toBeHidden();
  await expect(office.getByText('Rettingen er sendt, og en ny sak')).toBeVisible();
  await expectSound(office);
  const corrected = await letters.next(kari, /^Vi har rettet svaret vårt/);
  expect(corrected.text).not.toContain('undeklubb');
  await openOwnCase(page, reference);
  await page.getByText('Les hele brevet').last().click();
  await expect(page.getByText('Du er også medlem av kundeklubben.').last()).toBeVisible();
  await expectSound(page);
  await page.goto('/cases');
  await expect(page.getByRole('link', { name: /^Krav om innsyn/ })).toHaveCount(2);

  // The year's report counts both.
  await office.goto('/staff/report');
  await expect(office.getByText('Besvart i deler').locator('..')).toContainText('1');
  await expect(office.getByText('Svar rettet').locator('..')).toContainText('1');
  await expectSound(office);
});
