import type { Page } from '@playwright/test';
import { at, expect } from './page';
import type { Letterbox } from './portal';

export type Right = 'access' | 'rectification' | 'erasure' | 'objection';

const choice: Record<Right, string> = {
  access: 'Se opplysningene om meg',
  rectification: 'Rette noe som er feil',
  erasure: 'Slette opplysninger om meg',
  objection: 'Si nei til reklame eller annen bruk',
};

const form: Record<Right, string> = {
  access: 'Hva vil du se?',
  rectification: 'Se opplysningene dine først',
  erasure: 'Hva vil du ha slettet?',
  objection: 'Hva sier du nei til?',
};

/** A code as people type it: spaced, and in small letters. */
export function sloppy(code: string): string {
  return ` ${code.toLowerCase().replace('-', ' ')} `;
}

/** Types a mailed code into the field that waits for it. */
export async function typeCode(page: Page, code: string, button: string): Promise<void> {
  await page.getByLabel('Kode', { exact: true }).fill(sloppy(code));
  await page.getByRole('button', { name: button }).click();
}

/** From the landing page to "check your mail". */
export async function askForCode(page: Page, right: Right, email: string): Promise<void> {
  await page.goto('/');
  await at(page, 'Dine opplysninger');
  await page.getByRole('link', { name: choice[right] }).click();
  await at(page, 'Hva er e-postadressen din?');
  await page.getByLabel('E-postadresse').fill(email);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await at(page, 'Sjekk e-posten din');
}

/** From the landing page to the request's own form, with the code out of the mail. */
export async function begin(
  page: Page,
  letters: Letterbox,
  right: Right,
  email: string,
): Promise<void> {
  await askForCode(page, right, email);
  await typeCode(page, await letters.code(email), 'Gå videre');
  await at(page, form[right]);
  await expect(page.getByText(`Innlogget som ${email}`)).toBeVisible();
}

/** Asks for a fresh code with one button and types it in. */
export async function proveAgain(
  page: Page,
  letters: Letterbox,
  email: string,
  start: string,
  submit: string,
): Promise<void> {
  await page.getByRole('button', { name: start }).click();
  await expect(page.getByText(`Vi har sendt en kode til ${email}`)).toBeVisible();
  await typeCode(page, await letters.code(email), submit);
}

/** The receipt after sending: gives the reference. */
export async function receipt(page: Page): Promise<string> {
  await at(page, 'Vi har mottatt kravet ditt');
  await expect(page.getByText(/^Du får svar senest \d+\. \S+ \d{4}\.$/)).toBeVisible();
  const reference = (await page.locator('.reference').textContent()) ?? '';
  expect(reference).toMatch(/^MI-\d{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{2}$/);
  return reference;
}

/** Signs in anew and opens the case. */
export async function follow(
  page: Page,
  letters: Letterbox,
  email: string,
  reference: string,
): Promise<void> {
  await page.goto('/follow');
  await at(page, 'Følg saken din');
  await page.getByLabel('E-postadresse').fill(email);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await at(page, 'Sjekk e-posten din');
  await typeCode(page, await letters.code(email), 'Gå videre');
  // Going on before the answer is there would cut the question off.
  await expect(page.getByRole('heading', { name: 'Sjekk e-posten din' })).toBeHidden();
  await openOwnCase(page, reference);
}

/** From anywhere, signed in: my cases, and the case. */
export async function openOwnCase(page: Page, reference: string): Promise<void> {
  await page.goto('/cases');
  await at(page, 'Mine saker');
  await page
    .getByRole('listitem')
    .filter({ hasText: reference })
    .getByRole('link', { name: /^(Krav om|Protest)/ })
    .click();
  await at(page, /^(Krav om|Protest)/);
  await expect(page.getByText(`Saksnummer ${reference}`)).toBeVisible();
}
