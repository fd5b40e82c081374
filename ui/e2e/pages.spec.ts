import { enterAs, officer } from './office';
import { at, desk, expect, test } from './page';
import { Portal } from './portal';

let portal: Portal;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
});

test.afterAll(() => portal.stop());

const persons: readonly (readonly [path: string, title: string])[] = [
  ['/', 'Dine opplysninger'],
  ['/ask/access', 'Hva er e-postadressen din?'],
  ['/follow', 'Følg saken din'],
  ['/notice', 'Personvernerklæring'],
  ['/other', 'Spørre for en annen'],
  ['/demo', 'Prøv begge sider'],
  ['/demo/mail', 'Demoens e-postkasse'],
  ['/verify', 'Lenken er ikke hel'],
  [`/confirm/${'0'.repeat(32)}`, 'Er det du som har skrevet til oss?'],
  ['/signed-out', 'Du er logget ut'],
  ['/finnes/ikke', 'Vi finner ikke siden'],
];

const offices: readonly (readonly [path: string, title: string | RegExp])[] = [
  ['/staff/', 'Innboks'],
  ['/staff/cases/new', 'Registrer et krav'],
  ['/staff/sources', 'Hvor vi leter'],
  ['/staff/register', 'Protokoll'],
  ['/staff/report', 'Rapport'],
  ['/staff/settings', 'Innstillinger'],
  ['/staff/members', 'Medlemmer'],
  ['/staff/clients', 'Andre systemer'],
  ['/staff/audit', 'Hendelseslogg'],
  ['/staff/start', 'Hvem svarer?'],
  ['/staff/finnes/ikke', 'Siden finnes ikke'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the person's pages are sound, ${colorScheme}`, async ({ visit }) => {
    const page = await visit(portal.url, { colorScheme });
    for (const [path, title] of persons) {
      await page.goto(path);
      await at(page, title);
    }
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
