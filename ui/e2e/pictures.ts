import path from 'node:path';
import { enterAs, officer, openCase, searched } from './office';
import { desk, expect, test } from './page';
import { begin, receipt } from './person';
import { Letterbox, Portal } from './portal';

const images = path.join(import.meta.dirname, '../../docs/images');
const kari = 'kari.nordmann@fjordlys-kunde.example';
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 };

test('the pictures of the two sides', async ({ visit }) => {
  const portal = await Portal.start({ demo: true });
  try {
    const letters = new Letterbox(portal.demoMails);
    const page = await visit(portal.url, phone);
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.screenshot({ path: path.join(images, 'person.png') });
    await begin(page, letters, 'access', kari);
    await page.getByLabel('Navnet ditt (valgfritt)').fill('Kari Nordmann');
    await page.getByRole('button', { name: 'Send kravet' }).click();
    const reference = await receipt(page);
    const office = await visit(portal.url, desk);
    await enterAs(office, officer);
    await openCase(office, reference);
    await searched(office);
    await office.screenshot({ path: path.join(images, 'office.png') });
  } finally {
    await portal.stop();
  }
});
