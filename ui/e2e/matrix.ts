import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test, violations } from './page';
import { Portal } from './portal';
import { type Language, type Side, type Sight, says, staged } from './stage';

/** Where the pictures and the report are put, for a reader's eyes. */
const folder = path.join(import.meta.dirname, '../test-results/matrix');
const languages = (process.env.MININFO_MATRIX_LANGUAGES ?? 'nb nn en').split(' ') as Language[];
const themes = ['light', 'dark'] as const;
const widths = (process.env.MININFO_MATRIX_WIDTHS ?? '320 768 1440').split(' ').map(Number);
/** Which sights: all of them, or those whose side and name fit. */
const only = new RegExp(process.env.MININFO_MATRIX_ONLY ?? '');

let portal: Portal;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
});

test.afterAll(() => portal.stop());

/** What is wrong with the page as it stands; nothing when it is sound. */
async function faults(page: Page, language: string): Promise<string[]> {
  const found = await violations(page);
  if ((await page.locator('h1').count()) !== 1) found.push('not one h1');
  if (!/ – /.test(await page.title())) found.push(`title: ${await page.title()}`);
  const lang = await page.locator('html').getAttribute('lang');
  if (lang !== language) found.push(`language: ${lang}`);
  if ((await page.getByRole('main').count()) !== 1) found.push('not one main');
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  if (sideways > 0) found.push(`${sideways} pixels of sideways scroll`);
  return found;
}

/** Waits for colours that are still changing. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((each) => each.finished.catch(() => undefined))),
  );
}

/** Goes to a sight and does there what it takes. */
async function show(page: Page, sight: Sight, side: Side, language: Language): Promise<void> {
  await page.emulateMedia({ media: 'screen' });
  // Another fragment alone would not load the page anew.
  if (sight.path.includes('#')) await page.goto('/signed-out');
  await page.goto(sight.path);
  await expect(page.locator('h1')).toBeVisible();
  await page.waitForLoadState('networkidle');
  await sight.open?.(page, says(side, language));
  await page.waitForLoadState('networkidle');
}

test('every page in each language, theme and width', async ({ visit }) => {
  const wrong: string[] = [];
  let looked = 0;
  const sides = await staged(portal, visit, wrong);
  for (const language of languages) {
    for (const { side, page, sights, signIn } of sides) {
      await signIn?.();
      await page.evaluate((l) => localStorage.setItem('mininfo.language', l), language);
      for (const sight of sights.filter(({ name }) => only.test(`${side} ${name}`))) {
        const place = `${side} ${sight.name} ${language}`;
        try {
          await show(page, sight, side, language);
        } catch (error) {
          wrong.push(`${place}: not reached: ${String(error).split('\n')[0]}`);
        }
        for (const width of widths) {
          await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
          for (const colorScheme of themes) {
            await page.emulateMedia({ colorScheme, media: sight.print ? 'print' : 'screen' });
            await settled(page);
            looked++;
            for (const fault of await faults(page, language))
              wrong.push(`${place} ${colorScheme} ${width}: ${fault}`);
            const to = path.join(folder, language, colorScheme, String(width));
            await mkdir(to, { recursive: true });
            const dialog = (await page.locator('dialog[open]').count()) > 0;
            await page.screenshot({
              path: path.join(to, `${side}-${sight.name}.png`),
              fullPage: !dialog,
            });
          }
        }
      }
    }
  }
  await writeFile(path.join(folder, 'report.txt'), `${wrong.join('\n')}\n`);
  console.log(
    `${looked} pages looked at, ${wrong.length} faults; pictures in ui/test-results/matrix`,
  );
  expect(wrong).toEqual([]);
});
