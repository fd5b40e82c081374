import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Locator } from '@playwright/test';
import { approve, enterAs, lookOver, officer, openCase, preview, searched, send } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, follow, proveAgain, receipt } from './person';
import { Company, Letterbox, Portal } from './portal';
import { unzip } from './zip';

const kari = 'kari.nordmann@fjordlys-kunde.example';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('a person asks to see, the officer answers, and the copy holds what is held', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', kari);
  await expect(page.getByLabel('Alt dere har om meg')).toBeChecked();
  await page.getByLabel('Navnet ditt (valgfritt)').fill('Kari Nordmann');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);
  const received = await letters.next(kari, /^Vi har mottatt kravet ditt/);
  expect(received.text).toContain(reference);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  // A long address does not widen the case's page on a phone.
  await office.setViewportSize({ width: 390, height: 844 });
  await expectSound(office);
  await office.setViewportSize({ width: 1280, height: 900 });
  const look = await lookOver(office);
  await approve(look);
  const letter = await preview(office);
  await send(office, letter);
  // What is done is folded away, and what may have gone wrong is said where the answer stands.
  await expect(office.getByRole('button', { name: /^Vis radene/ })).toHaveCount(0);
  await expect(office.getByRole('button', { name: 'Sendt til feil person' })).toBeVisible();
  await expectSound(office);

  const ready = await letters.next(kari, /^Svaret ditt er klart/);
  expect(ready.subject).toContain(reference);
  expect(ready.text).not.toContain('Nordmann');
  await page.getByRole('button', { name: 'Logg ut' }).click();
  await at(page, 'Du er logget ut');
  await follow(page, letters, kari, reference);
  await expect(page.getByText('Kopien er klar til nedlasting.')).toBeVisible();
  await proveAgain(page, letters, kari, 'Last ned', 'Bekreft koden');
  const link = page.getByRole('link', { name: 'Last ned kopien nå' });
  await expect(link).toBeFocused();
  await expectSound(page);
  const downloading = page.waitForEvent('download');
  await link.click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.zip$/);
  await expectPackage(await readFile(await download.path()), reference);
  await expect(page.getByText('Nedlastingen har begynt.')).toBeVisible();
  await expect(page.getByText('4 nedlastinger igjen')).toBeVisible();

  // Who has the copy has ours erased.
  await page.getByRole('button', { name: 'Slett kopien nå' }).click();
  const sure = page.getByRole('dialog', { name: 'Vil du slette kopien hos oss?' });
  await expect(sure).toBeVisible();
  await expectSound(page);
  await sure.getByRole('button', { name: 'Ja, jeg har kopien. Slett den' }).click();
  await expect(page.getByText('Kopien er slettet hos oss.')).toBeVisible();
  await expect(page.getByText('Du slettet kopien hos oss')).toBeVisible();
  await expectSound(page);
});

/** The note about Astrid names her neighbour, with her address. */
const astrid = 'astrid.solberg@example.org';

test('what is about another is redacted in a text, and the person gets the rest', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', astrid);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  const notes = office.locator('.group', { hasText: 'Notater' }).first();
  await notes.getByRole('button', { name: /^Vis radene/ }).click();
  const row = notes.getByRole('row', { name: /Gaven ble bestilt/ });
  await row.getByRole('button', { name: /^Sladd i teksten/ }).click();
  const dialog = office.getByRole('dialog', { name: 'Sladd i en tekst' });
  const text = dialog.getByLabel('Hele teksten');
  await expect(text).toHaveValue(/^Gaven ble bestilt av naboen Kari/);
  // What was found of a known person is proposed, and can be taken away and marked anew.
  const list = dialog.getByRole('listitem');
  await expect(list.filter({ hasText: kari }).getByText('Foreslått')).toBeVisible();
  await expectSound(office);
  const before = await list.count();
  await list
    .filter({ hasText: kari })
    .getByRole('button', { name: /^Fjern/ })
    .press('Enter');
  await expect(list).toHaveCount(before - 1);
  const shown = dialog.locator('.redact-preview');
  await expect(shown).toContainText(kari);
  await dialog.getByRole('button', { name: 'Sladd det markerte' }).press('Enter');
  await expect(dialog.getByText('Marker noe i teksten først.')).toBeVisible();
  await expect(text).toBeFocused();
  await mark(text, 'Kari Nordmann', kari);
  await dialog.getByRole('button', { name: 'Sladd det markerte' }).press('Enter');
  await expect(shown).toHaveText('Gaven ble bestilt av naboen [sladdet]). Spør henne om bytte.');
  await mark(text, 'henne');
  await dialog.getByRole('button', { name: /^Sladd alle steder/ }).press('Space');
  await expect(shown).toHaveText(
    'Gaven ble bestilt av naboen [sladdet]). Spør [sladdet] om bytte.',
  );
  // Without a reason nothing is kept, and the dialog says so.
  await dialog.getByRole('button', { name: 'Lagre sladdingen' }).click();
  await expect(dialog.getByText('Skriv hvorfor dette sladdes.').first()).toBeVisible();
  await expectSound(office);
  await office.setViewportSize({ width: 390, height: 844 });
  await expectSound(office);
  await office.setViewportSize({ width: 1280, height: 900 });
  await dialog.getByLabel('Hvorfor sladdes dette?').fill('Naboen er nevnt med navn og adresse.');
  await dialog.getByRole('button', { name: 'Lagre sladdingen' }).click();
  await expect(dialog).toBeHidden();
  await expect(notes.getByText('1 tekst delvis sladdet')).toBeVisible();
  await expect(row.getByText('Delvis sladdet')).toBeVisible();
  await expectSound(office);

  await approve(await lookOver(office));
  const letter = await preview(office);
  await expect(letter).toContainText('Deler av «Notat» er sladdet.');
  await send(office, letter);
  await page.getByRole('button', { name: 'Logg ut' }).click();
  await follow(page, letters, astrid, reference);
  await expect(page.getByText(/Deler av «Notat» er sladdet\./).first()).toBeVisible();
  await expectSound(page);
  await proveAgain(page, letters, astrid, 'Last ned', 'Bekreft koden');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Last ned kopien nå' }).click();
  const files = unzip(await readFile(await (await downloading).path()));
  const all = [...files].map(([name, body]) => name + body.toString('utf8')).join('\n');
  expect(all).toContain('Gaven ble bestilt av naboen [sladdet]). Spør [sladdet] om bytte.');
  expect(all).not.toContain(kari);
  expect(all).not.toContain('Kari Nordmann');
});

/** Selects from a phrase to the end of another with the keys alone. */
async function mark(text: Locator, phrase: string, end = phrase): Promise<void> {
  const value = await text.inputValue();
  const from = value.indexOf(phrase);
  await text.focus();
  await text.press('Control+Home');
  for (let i = 0; i < from; i++) await text.press('ArrowRight');
  for (let i = from; i < value.indexOf(end) + end.length; i++) await text.press('Shift+ArrowRight');
}

/** The package is whole, readable without us, and about Kari alone. */
async function expectPackage(zip: Buffer, reference: string): Promise<void> {
  const files = unzip(zip);
  const text = (name: string) => files.get(name)?.toString('utf8') ?? '';
  const manifest = JSON.parse(text('manifest.json')) as {
    reference: string;
    files: { name: string; sha256: string }[];
  };
  expect(manifest.reference).toBe(reference);
  for (const { name, sha256 } of manifest.files) {
    const body = files.get(name);
    expect(body, name).toBeDefined();
    expect(
      createHash('sha256')
        .update(body ?? '')
        .digest('hex'),
      name,
    ).toBe(sha256);
  }
  const names = [...files.keys()];
  const page = names.find((name) => name.endsWith('.html')) ?? '';
  const tables = names.filter((name) => name.endsWith('.csv')).map(text);
  const forms = [text(page), text('data.json'), tables.join('\n')];
  const company = await Company.about(portal.data, kari);
  const orders = company.rows('webshop', 'orders').map((row) => String(row.order_no));
  expect(orders.length).toBeGreaterThan(0);
  for (const form of forms) {
    for (const canary of ['K-100001', 'Nordmann', ...orders]) expect(form).toContain(canary);
    const strangers = (form.match(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g) ?? []).filter(
      (address) => !/^kari\.nordmann@/i.test(address) && !/@fjordlys\.example$/.test(address),
    );
    expect(strangers, 'addresses of others').toEqual([]);
  }
  expect(text(page), 'nothing is fetched from elsewhere').not.toMatch(
    /src="https?:|<link[^>]*href=/,
  );
  expect(text(page), 'the way back').toContain('/request/rectification">');
}
