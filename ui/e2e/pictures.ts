import path from 'node:path';
import type { Page } from '@playwright/test';
import { approve, enterAs, lookOver, officer, openCase, preview, searched, send } from './office';
import { desk, expect, test } from './page';
import { askForCode, receipt, typeCode } from './person';
import { Letterbox, Portal } from './portal';

const images = path.join(import.meta.dirname, '../../docs/images');
const kari = 'kari.nordmann@fjordlys-kunde.example';
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 };

/** Takes a picture of what stands in the window. */
async function take(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
  });
  await page.screenshot({ path: path.join(images, `${name}.png`) });
}

test('the pictures of the guides', async ({ visit }) => {
  const portal = await Portal.start({ demo: true });
  try {
    const letters = new Letterbox(portal.demoMails);
    const page = await visit(portal.url, phone);
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await take(page, 'person');
    await askForCode(page, 'access', kari);
    await take(page, 'person-code');
    await typeCode(page, await letters.code(kari), 'Gå videre');
    await page.getByLabel('Navnet ditt (valgfritt)').fill('Kari Nordmann');
    await take(page, 'person-ask');
    await page.getByRole('button', { name: 'Send kravet' }).click();
    const reference = await receipt(page);
    await take(page, 'person-receipt');

    const office = await visit(portal.url, desk);
    await enterAs(office, officer);
    await expect(office.getByRole('link', { name: reference }).first()).toBeVisible();
    await take(office, 'office-inbox');
    await openCase(office, reference);
    await searched(office);
    await take(office, 'office');
    const dialog = await lookOver(office);
    await take(office, 'office-look');
    await approve(dialog);
    const answer = await preview(office);
    await take(office, 'office-answer');
    await send(office, answer);
    for (const [name, at] of [
      ['office-sources', 'sources'],
      ['office-audit', 'audit'],
      ['office-start', 'start'],
    ] as const) {
      await office.goto(`/staff/${at}`);
      await expect(office.getByRole('heading', { level: 1 })).toBeVisible();
      await office.waitForLoadState('networkidle');
      await take(office, name);
    }

    await page.getByRole('link', { name: 'Gå til saken' }).click();
    await expect(page.getByRole('button', { name: 'Last ned', exact: true })).toBeVisible({
      timeout: 60_000,
    });
    await take(page, 'person-answer');
  } finally {
    await portal.stop();
  }
});
