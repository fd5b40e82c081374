import type { Page } from '@playwright/test';
import { forms, offices, persons } from './list';
import { enterAs, officer } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin } from './person';
import { Letterbox, Portal } from './portal';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

let portal: Portal;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
});

test.afterAll(() => portal.stop());

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the person's pages are sound, ${colorScheme}`, async ({ visit }) => {
    const page = await visit(portal.url, { colorScheme });
    for (const [path, title] of persons) {
      await page.goto(path);
      await at(page, title);
    }
  });

  test(`the form of each right is sound, ${colorScheme}`, async ({ visit }) => {
    const page = await visit(portal.url, { colorScheme, viewport: { width: 390, height: 844 } });
    await begin(page, new Letterbox(portal.demoMails), 'access', `${colorScheme}@example.com`);
    for (const [path, title] of forms) {
      await page.goto(path);
      await at(page, title);
      const folded = page.getByText('Vil du be om mer med en gang?');
      if ((await folded.count()) > 0) await folded.first().click();
      await at(page, title);
    }
    await page.getByRole('radio', { name: /^Barnet mitt/ }).check();
    await page.getByRole('button', { name: 'Fortsett' }).click();
    await at(page, 'Hvilket barn spør du for?');
    await page.getByRole('radio', { name: /^Under/ }).check();
    await page.getByLabel('Navnet på den du spør for').fill('Emma');
    await page.getByLabel('E-postadressen til personen').fill('emma@example.com');
    await page.getByLabel('Navnet ditt').fill('Kari');
    await page.getByRole('button', { name: 'Fortsett' }).click();
    await at(page, 'Hva sier du nei til?');
    await expect(page.getByText('Du spør for:')).toContainText('Barnet mitt: Emma');
    await page.goto('/request/human_review');
    await at(page, 'Vi finner ikke siden');
  });

  test(`the office's pages are sound, ${colorScheme}`, async ({ visit }) => {
    const page = await visit(portal.url, { ...desk, colorScheme });
    await enterAs(page, officer);
    for (const [path, title] of offices) {
      await page.goto(path);
      await at(page, title);
    }
    await page.goto('/staff/sources');
    await page.getByRole('main').getByRole('link').first().click();
    await expect(page.getByRole('link', { name: 'Til alle steder' })).toBeVisible();
    await at(page, /./);
  });
}

test('the narrowest window scrolls in one direction only, and every language has its title', async ({
  visit,
}) => {
  const page = await visit(portal.url, { viewport: { width: 320, height: 640 } });
  for (const [path, title] of persons) {
    await page.goto(path);
    await at(page, title);
  }
  await page.goto('/');
  for (const [language, code] of [
    ['Nynorsk', 'nn'],
    ['English', 'en'],
  ] as const) {
    await page.getByRole('button', { name: language }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', code);
    await at(page, /./);
  }
});

/** Writes the register anew with one thing changed, as the office does. */
async function changeRegister(page: Page, before: string, after: string): Promise<void> {
  await page.goto('/staff/register');
  await at(page, 'Protokoll');
  await page.getByRole('button', { name: 'Rediger som YAML' }).click();
  const area = page.getByRole('textbox', { name: 'Protokollen (YAML)' });
  const from = (await area.inputValue()).indexOf(before);
  expect(from).toBeGreaterThan(0);
  // The place alone: the browser takes long over writing the whole file anew.
  await area.evaluate((e: HTMLTextAreaElement, [start, end]) => e.setSelectionRange(start, end), [
    from,
    from + before.length,
  ] as const);
  await area.focus();
  await page.keyboard.insertText(after);
  await page.getByRole('button', { name: 'Lagre ny versjon' }).click();
  await expect(area).toBeHidden();
}

test('the notice has versions, on a phone and at a desk, and is for machines too', async ({
  visit,
}) => {
  const own = await Portal.start({ demo: true });
  try {
    const office = await visit(own.url, desk);
    await enterAs(office, officer);
    const [before, after] = ['I to år etter siste bestilling.', 'I tre år etter siste bestilling.'];
    await changeRegister(office, `nb: ${before}`, `nb: ${after}`);
    for (const [colorScheme, options] of [
      ['light', phone],
      ['dark', phone],
      ['light', desk],
      ['dark', desk],
    ] as const) {
      const page = await visit(own.url, { ...options, colorScheme });
      await page.goto('/');
      await page
        .getByRole('contentinfo')
        .getByRole('link', { name: 'Personvernerklæring' })
        .click();
      await page.getByText('Hva som er nytt i denne versjonen').click();
      const changes = page.locator('.changes');
      await expect(changes.getByText('Kunderegister')).toBeVisible();
      await expect(changes.getByText(before)).toBeVisible();
      await expect(changes.getByText(after)).toBeVisible();
      await expectSound(page);
      await page.getByRole('link', { name: /^Versjon \d/ }).click();
      await expect(page.getByText('Dette er en eldre versjon.')).toBeVisible();
      await expect(page.getByText(before)).toBeVisible();
      await expect(page.getByText(after)).toBeHidden();
      await page.emulateMedia({ media: 'print' });
      await expect(page.getByRole('button', { name: 'Skriv ut' })).toBeHidden();
      await expect(page.getByRole('navigation', { name: 'Innhold' })).toBeHidden();
      await expect(page.getByRole('heading', { name: 'Er du uenig?' })).toBeVisible();
    }
    const linked = await office.request.get('/api/v1/notice.jsonld');
    expect(linked.headers()['content-type']).toBe('application/ld+json');
    expect((await linked.json())['@type']).toContain('dpv:PrivacyNotice');
  } finally {
    await own.stop();
  }
});
