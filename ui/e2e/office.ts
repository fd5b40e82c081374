import type { Locator, Page } from '@playwright/test';
import { at, expect, expectSound } from './page';

export const officer = 'Ingrid Aasen';
export const approver = 'Tom Erik Ruud';

/** Enters the demo's office as one of its two members. */
export async function enterAs(page: Page, name: string): Promise<void> {
  await page.goto('/staff');
  await at(page, 'Logg inn som saksbehandler');
  await page.getByRole('button', { name: `Gå inn som ${name}` }).click();
  await at(page, 'Innboks');
  // An act that cannot be undone wants a fresh proof when the last one is five minutes old.
  await page.addLocatorHandler(
    page.getByRole('dialog', { name: 'Bekreft at det er deg' }),
    (proof) => proof.getByRole('button', { name: 'Bekreft', exact: true }).click(),
  );
}

/** Opens a case from the inbox. */
export async function openCase(page: Page, reference: string): Promise<void> {
  await page.goto('/staff/');
  await at(page, 'Innboks');
  await page.getByRole('link', { name: reference }).first().click();
  await expect(page.locator('.case-head .reference')).toHaveText(reference);
}

/** The search in the systems has come to its end: the case can be looked over. */
export async function searched(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Det vi fant' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Se over' })).toBeEnabled();
  await expectSound(page);
}

/**
 * Opens "look over" and looks at every group that the machine marked. Where it proposes nothing,
 * the act is chosen.
 */
export async function lookOver(page: Page, act: 'disclose' | 'keep' = 'disclose') {
  await page.getByRole('button', { name: 'Se over' }).click();
  const dialog = page.getByRole('dialog', { name: 'Se over saken' });
  await expect(dialog).toBeVisible();
  await expectSound(page);
  const marked = dialog.locator('.group[data-look]');
  for (let left = await marked.count(); left > 0; left--) {
    await lookAt(marked.first(), act);
    await expect(marked).toHaveCount(left - 1);
  }
  return dialog;
}

/** One marked group: its rows are opened and confirmed, or what is open is decided. */
async function lookAt(group: Locator, act: string): Promise<void> {
  const decide = group.getByRole('button', { name: /^Bestem/ });
  if ((await decide.count()) > 0) {
    await decide.click();
    await group.locator(`input[type=radio][value=${act}]`).check();
    await group.getByRole('button', { name: 'Lagre' }).click();
    return;
  }
  await group.getByRole('button', { name: /^Vis radene/ }).click();
  await expect(group.getByRole('table')).toBeVisible();
  await group.getByRole('button', { name: /^Jeg har sett på dette/ }).click();
}

/** Says that all is right; the dialog closes. */
export async function approve(dialog: Locator, button = 'Det stemmer'): Promise<void> {
  await dialog.getByRole('button', { name: button }).click();
  await expect(dialog).toBeHidden();
}

/** Becomes the other member without leaving the page. */
export async function switchTo(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: `Bytt til ${name.split(' ')[0]}` }).click();
  await expect(page.locator('.account')).toContainText(name);
}

/** The plan has been carried out in the systems and checked by another search. */
export async function executed(page: Page): Promise<void> {
  await expect(page.getByText('Utført og kontrollert')).toBeVisible({ timeout: 60_000 });
  await expectSound(page);
}

/** Opens "send answer" with the preview of what the person will see. */
export async function preview(page: Page, title = 'Send svar'): Promise<Locator> {
  const send = page.getByRole('button', { name: 'Send svar', exact: true });
  await expect(send).toBeEnabled({ timeout: 60_000 });
  await send.click();
  const dialog = page.getByRole('dialog', { name: title });
  await expect(dialog.getByRole('article')).toBeVisible();
  await expectSound(page);
  return dialog;
}

/** Sends the answer that the preview shows. */
export async function send(page: Page, dialog: Locator): Promise<void> {
  await dialog.getByRole('button', { name: 'Send svaret' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('Svaret er sendt.')).toBeVisible();
  await expectSound(page);
}
