import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { offices, persons } from './list';
import { enterAs, lookOver, officer, openCase, preview, searched, send } from './office';
import { desk, expect, test, violations } from './page';
import { begin, receipt } from './person';
import { Letterbox, Portal } from './portal';

/** Where the pictures and the report are put, for a reader's eyes. */
const folder = path.join(import.meta.dirname, '../test-results/matrix');
const languages = (process.env.MININFO_MATRIX_LANGUAGES ?? 'nb nn en').split(' ');
const themes = ['light', 'dark'] as const;
const widths = (process.env.MININFO_MATRIX_WIDTHS ?? '320 768 1440').split(' ').map(Number);

const kari = 'kari.nordmann@fjordlys-kunde.example';

interface Seen {
  paths: readonly string[];
  page: Page;
  side: 'person' | 'office';
}

let portal: Portal;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
});

test.afterAll(() => portal.stop());

/** One access case answered, one erasure on the way: so that the pages about cases have something to show. */
async function staged(
  person: Page,
  office: Page,
): Promise<{ persons: string[]; offices: string[] }> {
  const letters = new Letterbox(portal.demoMails);
  await begin(person, letters, 'access', kari);
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const answered = await receipt(person);
  const receiptPath = new URL(person.url()).pathname;
  await enterAs(office, officer);
  await openCase(office, answered);
  const answeredPath = new URL(office.url()).pathname;
  await searched(office);
  const dialog = await lookOver(office);
  await dialog.getByRole('button', { name: 'Det stemmer' }).click();
  await expect(dialog).toBeHidden();
  await send(office, await preview(office));
  await person.goto('/request/erasure');
  await person.getByRole('button', { name: 'Se hva som skjer' }).click();
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const erasing = await receipt(person);
  await openCase(office, erasing);
  const erasingPath = new URL(office.url()).pathname;
  await searched(office);
  await office.goto('/staff/sources');
  await office.getByRole('main').getByRole('link').first().click();
  await expect(office.getByRole('link', { name: 'Til alle steder' })).toBeVisible();
  const id = receiptPath.split('/').pop();
  return {
    persons: [
      '/cases',
      `/cases/${id}`,
      receiptPath,
      '/request/access',
      '/request/rectification',
      '/request/erasure',
    ],
    offices: [answeredPath, erasingPath, new URL(office.url()).pathname],
  };
}

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

test('every page in each language, theme and width', async ({ visit }) => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
  const person = await visit(portal.url, phone);
  const office = await visit(portal.url, desk);
  const more = await staged(person, office);
  const sides: Seen[] = [
    { side: 'person', page: person, paths: [...persons.map(([p]) => p), ...more.persons] },
    { side: 'office', page: office, paths: [...offices.map(([p]) => p), ...more.offices] },
  ];
  const wrong: string[] = [];
  let looked = 0;
  for (const language of languages) {
    for (const { side, page, paths } of sides) {
      await page.evaluate((l) => localStorage.setItem('mininfo.language', l), language);
      for (const [number, each] of paths.entries()) {
        for (const width of widths) {
          await page.setViewportSize({ width, height: width < 700 ? 740 : 900 });
          for (const theme of themes) {
            await page.emulateMedia({ colorScheme: theme });
            await page.goto(each);
            await expect(page.locator('h1')).toBeVisible();
            await page.waitForLoadState('networkidle');
            looked++;
            const place = `${side} ${each} ${language} ${theme} ${width}`;
            for (const fault of await faults(page, language)) wrong.push(`${place}: ${fault}`);
            const name = `${side}-${String(number).padStart(2, '0')}${each.replace(/[0-9a-f]{32}/, 'id').replace(/\W+/g, '-')}`;
            const to = path.join(folder, language, theme, String(width));
            await mkdir(to, { recursive: true });
            await page.screenshot({ path: path.join(to, `${name}.png`), fullPage: true });
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
