import type { Page } from '@playwright/test';
import { approve, approver, enterAs, lookOver, officer, openCase, switchTo } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, receipt } from './person';
import { Letterbox, type Mail, Portal } from './portal';

const mia = 'mia.arkiv@fjordlys.example';
const place = 'Permen i arkivet';

let portal: Portal;
let letters: Letterbox;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

/** Where the link of a mail's one task leads. */
function linkIn({ text }: Mail): string {
  const path = /(\/colleague#[0-9a-f]{32}\.[A-Za-z0-9_-]{43})/.exec(text)?.[1];
  if (!path) throw new Error('the mail has no link');
  return path;
}

async function openTask(page: Page, mail: Mail, title: string): Promise<void> {
  await page.goto(linkIn(mail));
  await at(page, 'En oppgave til deg');
  expect(new URL(page.url()).hash, 'the secret does not stay in the address').toBe('');
  await page.getByRole('button', { name: 'Vis oppgaven' }).click();
  await at(page, title);
}

test('a place gets a colleague, who looks through a link and uploads what is there', async ({
  visit,
}) => {
  const office = await visit(portal.url, desk);
  await enterAs(office, approver); // case handlers do not change where we look
  await office.goto('/staff/sources');
  await office.getByRole('radio', { name: 'Et sted der en person ser etter' }).check();
  await office.getByLabel('Stedet').fill(place);
  await office.getByLabel('Hvordan letes det der?').fill('Se under etternavnet.\nTa med baksiden.');
  await office.getByLabel('Kollegaens e-post').fill('mia.arkiv');
  await office.getByRole('button', { name: 'Legg til' }).last().click();
  await expect(office.getByRole('link', { name: 'Skriv hva kollegaen heter.' })).toBeVisible();
  await office.getByLabel('Kollegaens navn').fill('Mia Arkiv');
  await office.getByRole('button', { name: 'Legg til' }).last().click();
  await expect(office.getByText('Skriv hva kollegaen heter.')).toBeHidden();
  await expect(office.locator('#source-colleague-email')).toHaveAttribute('aria-invalid', 'true');
  await office.getByLabel('Kollegaens e-post').fill(mia);
  await expectSound(office);
  await office.getByRole('button', { name: 'Legg til' }).last().click();
  await expect(office.getByRole('link', { name: place })).toBeVisible();

  const email = 'nils.permisjon@example.net';
  const person = await visit(portal.url);
  await begin(person, letters, 'access', email);
  await person.getByLabel('Navnet ditt (valgfritt)').fill('Nils Permisjon');
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(person);

  const asked = await letters.next(mia, /^Kan du se etter for /);
  expect(asked.text).toContain(`${reference}: ${place}`);
  expect(asked.text).not.toMatch(/permisjon@|Nils/);
  const page = await visit(portal.url);
  await openTask(page, asked, 'Kan du se etter her?');
  for (const fact of ['Nils Permisjon', email, place, 'Ta med baksiden.', reference]) {
    await expect(page.locator('.facts-list').first()).toContainText(fact);
  }
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await expect(page.getByRole('link', { name: 'Velg hva du fant.' })).toBeVisible();
  await expectSound(page);
  await page.getByRole('radio', { name: 'Jeg kan ikke lete her' }).check();
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await expect(
    page.getByRole('link', { name: 'Skriv hvorfor du ikke kan lete her.' }),
  ).toBeVisible();
  await page.getByRole('radio', { name: 'Jeg fant noe' }).check();
  const file = page.getByLabel('Last opp det du fant');
  await file.setInputFiles({
    name: 'side.exe',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('MZ\0\0'),
  });
  await expect(page.getByText('Denne typen fil kan ikke legges ved.')).toBeVisible();
  await file.setInputFiles({
    name: 'side 12.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('Nils Permisjon kjøpte en lampe i 2019.'),
  });
  await expect(page.getByText('Lastet opp: side 12.txt')).toBeVisible();
  await expectSound(page);
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await at(page, 'Takk for hjelpen');

  // The link is dead, and says so to whoever holds it.
  await page.goto('/');
  await page.goto(linkIn(asked));
  await page.getByRole('button', { name: 'Vis oppgaven' }).click();
  await expect(page.getByText('Denne oppgaven er avsluttet.')).toBeVisible();
  await page.goto(`/colleague#${'0'.repeat(32)}.${'A'.repeat(43)}`);
  await page.getByRole('button', { name: 'Vis oppgaven' }).click();
  await expect(page.getByText('Lenken er feil eller for gammel.')).toBeVisible();
  await expectSound(page);

  await openCase(office, reference);
  const task = office.locator('.task').filter({ hasText: place });
  await expect(task).toContainText('Funnet');
  await expect(task).toContainText('side 12.txt');
  await expect(task).toContainText('Kollega: Mia Arkiv. Ferdig.');
  // What a colleague attached goes out as it is, so somebody who answers for it looks first.
  await expect(task).toContainText('Se etter om andre er nevnt i dem.');
  await expectSound(office);
  await task.getByRole('button', { name: 'Jeg har sett på filene' }).click();
  await expect(task.getByText('Se etter om andre er nevnt i dem.')).toHaveCount(0);
  await expect(task).toContainText('Funnet');
});

test('a colleague erases what was decided, after the office has sent the mail again', async ({
  visit,
}) => {
  const email = 'siv.permisjon@example.net';
  const person = await visit(portal.url);
  await begin(person, letters, 'erasure', email);
  await person.getByRole('button', { name: 'Se hva som skjer' }).click();
  await at(person, 'Se over før du sender');
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(person);

  // The day's mail has gone out: what comes later waits for the morning, unless the office sends it.
  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  const task = office.locator('.task').filter({ hasText: place });
  await task.getByRole('button', { name: /^Send e-posten på nytt/ }).click();
  const asked = await letters.next(mia, /^Kan du se etter for /);
  const page = await visit(portal.url);
  await openTask(page, asked, 'Kan du se etter her?');
  await page.getByRole('radio', { name: 'Jeg fant noe' }).check();
  await page.getByLabel('Hva er det? (valgfritt)').fill('En side i permen');
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await at(page, 'Takk for hjelpen');
  await page.goto('/');
  await openTask(page, asked, 'Takk, vi ser på det');

  await office.reload();
  await expect(task).toContainText('En side i permen');
  await approve(await lookOver(office), 'Jeg har sett over, be en kollega godkjenne');
  await switchTo(office, approver);
  await approve(await lookOver(office), 'Godkjenn slettingen');
  let decided = await letters.next(mia, /^Kan du se etter for /);
  while (!decided.text.includes('Nå kan du gjøre det som er bestemt')) {
    decided = await letters.next(mia, /^Kan du se etter for /);
  }
  await page.goto('/');
  await openTask(page, decided, 'Nå kan du gjøre det');
  await page.getByRole('button', { name: 'Jeg har slettet det' }).click();
  await at(page, 'Takk for hjelpen');
  await letters.next(email, /^Kravet ditt er behandlet/);
});
