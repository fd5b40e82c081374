import type { Locator, Page } from '@playwright/test';
import { Keyboard } from './keyboard';
import { forms, persons } from './list';
import { enterAs, officer, searched } from './office';
import { at, desk, expect, expectSound, test, violations } from './page';
import { askForCode, begin, receipt, typeCode } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
const words = 'Er det noe særlig du leter etter? (valgfritt)';

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

/** A ring and a bar. */
const logo = Buffer.from(
  [
    'iVBORw0KGgoAAAANSUhEUgAAAKAAAAAoCAMAAABO8gGqAAAABlBMVEX///96H1yjIy25AAAAg0lEQVR42u3YMQ7AIA',
    'xDUXz/S3dEqgKUIeqPYo+wPDFA8BhOQkS2zbB1SKOEFioO3YcRSmyhBBfSgW8RTRhiSMKYggTeLeflk2+18SNwfbQG',
    'GpgJ3F0mh+vHJ2hgNyD1Jbl8iz3NFJwH8RO1P00N/sX8ZoHfzfDbrQL9IL9hrdBR4/IAncUHpdo3NsgAAAAASUVORK',
    '5CYII=',
  ].join(''),
  'base64',
);

/** The mailed code, without its hyphen. */
const codeFor = async (email: string) => (await letters.code(email)).replace('-', '');

test('the first page weighs little, and nothing of it comes from elsewhere', async ({ visit }) => {
  const page = await visit(portal.url, phone);
  const sizes: Promise<{ url: string; bytes: number }>[] = [];
  page.on('requestfinished', (request) =>
    sizes.push(
      request
        .sizes()
        .then(({ responseBodySize }) => ({ url: request.url(), bytes: responseBodySize })),
    ),
  );
  await page.goto('/');
  await at(page, 'Dine opplysninger');
  await page.waitForLoadState('networkidle');
  const all = await Promise.all(sizes);
  const sum = all.reduce((bytes, each) => bytes + each.bytes, 0);
  expect(all.length, 'what was fetched').toBeGreaterThan(4);
  expect(sum, JSON.stringify(all)).toBeLessThanOrEqual(180_000);
  expect(
    all.filter(({ url }) => /staff/.test(url)),
    'code of the office',
  ).toEqual([]);
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let moved = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries())
            moved += (entry as unknown as { value: number }).value;
        }).observe({ type: 'layout-shift', buffered: true });
        setTimeout(() => resolve(moved), 100);
      }),
  );
  expect(shift, 'layout shift').toBeLessThan(0.05);
});

/** Looks at one marked group, or decides what is open: it is disclosed. */
async function lookAt(keys: Keyboard, group: Locator): Promise<void> {
  const decide = group.getByRole('button', { name: /^Bestem/ });
  if ((await decide.count()) > 0) {
    await keys.press(decide);
    await keys.to(group.getByRole('radio').first());
    const wanted = group.locator('input[type=radio][value=disclose]');
    for (let left = 6; left > 0 && !(await wanted.isChecked()); left--) {
      await keys.page.keyboard.press('ArrowDown');
    }
    return keys.press(group.getByRole('button', { name: 'Lagre' }));
  }
  await keys.press(group.getByRole('button', { name: /^Vis radene/ }));
  await expect(group.getByRole('table')).toBeVisible();
  await keys.press(group.getByRole('button', { name: /^Jeg har sett på dette/ }));
}

test('with a keyboard alone: a person asks, and the officer answers', async ({ visit }) => {
  const page = await visit(portal.url, desk);
  const keys = new Keyboard(page);
  const email = 'kari.nordmann@fjordlys-kunde.example';
  await page.goto('/');
  await keys.press(page.getByRole('link', { name: 'Hopp til hovedinnholdet' }));
  await keys.press(page.getByRole('link', { name: 'Se opplysningene om meg' }));
  await at(page, 'Hva er e-postadressen din?');
  await keys.type(page.getByLabel('E-postadresse'), email);
  await page.keyboard.press('Enter');
  await at(page, 'Sjekk e-posten din');
  await keys.type(page.getByLabel('Kode', { exact: true }), await codeFor(email));
  await page.keyboard.press('Enter');
  await at(page, 'Hva vil du se?');
  await keys.press(page.locator('summary', { hasText: 'Vil du be om mer med en gang?' }));
  await keys.to(page.getByRole('checkbox').first());
  await keys.press(page.getByRole('button', { name: 'Send kravet' }));
  const reference = await receipt(page);
  await keys.press(page.getByRole('link', { name: 'Gå til saken' }));
  await at(page, /^Krav om/);

  const office = await visit(portal.url, desk);
  const desktop = new Keyboard(office);
  await enterAs(office, officer);
  await desktop.press(office.getByRole('link', { name: reference }).first());
  await searched(office);
  await desktop.press(office.getByRole('button', { name: 'Se over' }));
  const dialog = office.getByRole('dialog', { name: 'Se over saken' });
  await expect(dialog).toBeVisible();
  const marked = dialog.locator('.group[data-look]');
  for (let left = await marked.count(); left > 0; left--) {
    await lookAt(desktop, marked.first());
    await expect(marked).toHaveCount(left - 1);
  }
  await desktop.press(dialog.getByRole('button', { name: 'Det stemmer' }));
  await expect(dialog).toBeHidden();
  const send = office.getByRole('button', { name: 'Send svar', exact: true });
  await expect(send).toBeEnabled({ timeout: 60_000 });
  await desktop.press(send);
  const preview = office.getByRole('dialog', { name: 'Send svar' });
  await expect(preview.getByRole('article')).toBeVisible();
  await desktop.press(preview.getByRole('button', { name: 'Send svaret' }));
  await expect(office.getByText('Svaret er sendt.')).toBeVisible();

  await page.reload();
  const copy = page.getByRole('button', { name: 'Last ned', exact: true });
  await expect(copy).toBeVisible({ timeout: 60_000 });
  await keys.press(copy);
  await expect(page.getByText(`Vi har sendt en kode til ${email}`)).toBeVisible();
  await keys.type(page.getByLabel('Kode', { exact: true }), await codeFor(email));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Last ned kopien nå' })).toBeFocused();
});

test('with a keyboard alone: a person corrects, and a person deletes', async ({ visit }) => {
  const page = await visit(portal.url, desk);
  const keys = new Keyboard(page);
  const email = 'astrid.solberg@example.org';
  await begin(page, letters, 'rectification', email);
  await keys.press(page.getByRole('button', { name: 'Send meg en kode' }));
  await keys.type(page.getByLabel('Kode', { exact: true }), await codeFor(email));
  await page.keyboard.press('Enter');
  await at(page, 'Hva er feil?');
  const field = page.getByRole('listitem').filter({ hasText: /\+47/ }).first();
  await keys.press(field.getByRole('button', { name: /^Dette er feil/ }));
  await keys.type(field.getByRole('textbox', { name: /^Riktig:/ }), '+4740000099');
  await keys.press(page.getByRole('button', { name: 'Se over' }));
  await at(page, 'Se over før du sender');
  await keys.press(page.getByRole('button', { name: 'Send kravet' }));
  await receipt(page);

  await page.goto('/request/erasure');
  await at(page, 'Hva vil du ha slettet?');
  // Nothing is chosen: the summary takes the focus, and its line leads to the field.
  await keys.to(page.getByRole('radio', { name: 'Alt dere kan slette' }));
  await page.keyboard.press('ArrowDown');
  await keys.press(page.getByRole('button', { name: 'Se hva som skjer' }));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await keys.press(page.getByRole('checkbox', { name: 'Nyhetsbrev' }), 'Space');
  await keys.press(page.getByRole('button', { name: 'Se hva som skjer' }));
  await at(page, 'Se over før du sender');
  await keys.press(page.getByRole('button', { name: 'Send kravet' }));
  await receipt(page);
});

test('the network goes and comes in the middle, and nothing typed is lost', async ({ visit }) => {
  const page = await visit(portal.url, phone);
  const context = page.context();
  const email = 'oda.berg@example.com';
  await page.goto('/');
  await page.getByRole('link', { name: 'Se opplysningene om meg' }).click();
  await page.getByLabel('E-postadresse').fill(email);
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await expect(page.getByRole('alert')).toContainText('Vi får ikke kontakt');
  await expect(page.getByLabel('E-postadresse')).toHaveValue(email);
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await at(page, 'Sjekk e-posten din');
  const code = await letters.code(email);
  await context.setOffline(true);
  await typeCode(page, code, 'Gå videre');
  await expect(page.getByRole('alert')).toContainText('Vi får ikke kontakt');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Gå videre' }).click();
  await at(page, 'Hva vil du se?');

  await page.getByLabel(words).fill('Fra hytta, uten dekning.');
  await context.setOffline(true);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await expect(page.getByRole('alert')).toContainText('Vi får ikke kontakt');
  await expectSound(page);
  await expect(page.getByLabel(words)).toHaveValue('Fra hytta, uten dekning.');
  await context.setOffline(false);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await receipt(page);
  await page.goto('/cases');
  await expect(page.getByRole('link', { name: 'Krav om innsyn' })).toHaveCount(1);
});

test('back, another tab, an ended session and slow code lose nothing either', async ({ visit }) => {
  const page = await visit(portal.url, phone);
  const email = 'marius.dahl@example.org';
  // Every piece of code takes its time.
  await page.route('**/assets/*.js', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 150));
    await route.continue();
  });
  await askForCode(page, 'access', email);
  await page.goBack();
  await expect(page.getByLabel('E-postadresse')).toHaveValue(email);
  await page.goForward();
  await typeCode(page, await letters.code(email), 'Gå videre');
  await at(page, 'Hva vil du se?');
  await page.getByLabel(words).fill('Det fra den første fanen.');
  await page.getByRole('link', { name: 'Tilbake' }).click();
  await at(page, 'Dine opplysninger');
  await page.goBack();
  await at(page, 'Hva vil du se?');
  await expect(page.getByLabel(words)).toHaveValue('Det fra den første fanen.');

  const other = await page.context().newPage();
  await other.goto('/request/erasure');
  await at(other, 'Hva vil du ha slettet?');
  await other.getByLabel('Er det noe vi bør vite? (valgfritt)').fill('Det fra den andre.');
  await expect(page.getByLabel(words)).toHaveValue('Det fra den første fanen.');
  // The session ends in one tab; the other one finds out when it sends.
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await at(page, 'Logg inn for å fortsette');
  await page.getByRole('link', { name: 'Få en ny kode på e-post' }).click();
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await typeCode(page, await letters.code(email), 'Gå videre');
  await at(page, 'Hva vil du se?');
  await expect(page.getByLabel(words)).toHaveValue('Det fra den første fanen.');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await receipt(page);
  await other.getByRole('button', { name: 'Se hva som skjer' }).click();
  await at(other, 'Se over før du sender');
  await other.getByRole('button', { name: 'Send kravet' }).click();
  await receipt(other);
});

/** The least that people who need more air between letters and lines set (WCAG 2.2, 1.4.12). */
async function spread(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-block-end: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
  });
}

/** What is cut off, or moves although whoever looks has asked for rest. */
async function lost(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push('sideways scroll');
    for (const element of document.querySelectorAll<HTMLElement>('main *, header *, footer *')) {
      const { overflowX, overflowY, position, display } = getComputedStyle(element);
      if (
        position === 'absolute' ||
        display === 'inline' ||
        element.closest('textarea, select, svg')
      )
        continue;
      const wide = overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1;
      const high = overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1;
      if (wide || high) found.push(`cut off: ${element.tagName}.${element.className}`);
    }
    for (const each of document.getAnimations()) {
      if (Number(each.effect?.getTiming().duration) > 1) found.push('something moves');
    }
    return found;
  });
}

test('at 200 % and with more air between letters nothing is lost, and nothing moves', async ({
  visit,
}) => {
  // 1280 × 900 at 200 %.
  const magnified = { viewport: { width: 640, height: 450 }, hasTouch: false };
  const stranger = await visit(portal.url, magnified);
  const page = await visit(portal.url, magnified);
  await begin(page, letters, 'access', 'silje.dahl@example.org');
  for (const [who, pages] of [
    [stranger, persons],
    [page, forms],
  ] as const) {
    for (const [path, title] of pages) {
      await who.goto(path);
      await expect(who.getByRole('heading', { level: 1, name: title })).toBeVisible();
      await spread(who);
      expect(await lost(who), path).toEqual([]);
    }
  }
  await page.setViewportSize({ width: 320, height: 640 });
  for (const [path, title] of forms) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
    await spread(page);
    expect(await lost(page), `${path} at 320`).toEqual([]);
  }
});

test('the organisation wears its own colour and logo, and every colour it may wear can be read', async ({
  visit,
}) => {
  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await office.goto('/staff/settings');
  const colour = office.getByRole('textbox', { name: 'Farge', exact: true });
  const save = office
    .locator('form', { has: colour })
    .getByRole('button', { name: 'Lagre', exact: true });
  await colour.fill('#ffd200');
  await save.click();
  await expect(office.getByRole('link', { name: /^Fargen er for lys/ })).toBeVisible();
  await colour.fill('#7a1f5c');
  await office.getByLabel('Logo', { exact: true }).setInputFiles({
    name: 'logo.png',
    mimeType: 'image/png',
    buffer: logo,
  });
  await save.click();
  await expect(office.getByText('Innstillingene er lagret.')).toBeVisible();
  await expect(office.getByRole('img', { name: 'Logo' })).toBeVisible();
  await expectSound(office);

  const page = await visit(portal.url, phone);
  await page.goto('/');
  const worn = page.locator('.top img');
  await expect(worn).toBeVisible();
  expect(await worn.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
  const base = () =>
    page.evaluate(() =>
      getComputedStyle(document.documentElement).getPropertyValue('--ds-color-accent-base-default'),
    );
  expect((await base()).trim()).toBe('#7a1f5c');
  for (const path of ['/', '/ask/access']) {
    await page.goto(path);
    await expect(page.locator('h1')).toBeVisible();
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const accent of ['#767676', '#c4161c', '#007a33', '#1a1aff']) {
        await page.emulateMedia({ colorScheme });
        await page.evaluate(async (colour) => {
          document.documentElement.style.setProperty('--accent', colour);
          await new Promise(requestAnimationFrame);
          await Promise.all(document.getAnimations().map((each) => each.finished));
        }, accent);
        expect(await violations(page), `${accent} ${colorScheme} ${path}`).toEqual([]);
      }
    }
  }
});

/** The main pages as they looked when somebody last looked at them: made anew by --update-snapshots=all. */
test('the main pages look as they did', async ({ visit }) => {
  const own = await Portal.start({ demo: true });
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await visit(own.url, { ...phone, colorScheme });
      // A page does without its font when that comes late; here it waits.
      await page.route('**/*.css', async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replace(
          /font-display:\s*optional/g,
          'font-display:block',
        );
        await route.fulfill({ response, body });
      });
      for (const [name, path] of [
        ['landing', '/'],
        ['ask', '/ask/access'],
        ['follow', '/follow'],
        ['accessibility', '/accessibility'],
      ] as const) {
        // On a busy machine the font may come too late for a page all the same: then it is opened anew.
        await expect(async () => {
          await page.goto(path);
          await expect(page.locator('h1')).toBeVisible();
          await page.waitForLoadState('networkidle');
          await page.evaluate(() => Promise.all([...document.fonts].map((face) => face.load())));
          await expect(page).toHaveScreenshot(`${name}-${colorScheme}.png`, {
            maxDiffPixelRatio: 0.03,
            timeout: 5_000,
          });
        }).toPass({ timeout: 90_000 });
      }
    }
  } finally {
    await own.stop();
  }
});
