import { createHash } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import {
  type BrowserContext,
  type BrowserContextOptions,
  test as base,
  expect,
  type Page,
} from '@playwright/test';

interface Visit {
  /** Opens a window of a browser of its own, with no cookie, that fails the test when it complains. */
  visit: (origin: string, options?: BrowserContextOptions) => Promise<Page>;
}

/** What the browser complained about: the Content-Security-Policy, an uncaught error, a foreign origin. */
function watch(context: BrowserContext, origin: string, complaints: string[]): void {
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    // An answer of 4xx is no fault of the page, nor is a network that a test takes away.
    const refused = /status of 4\d\d|ERR_INTERNET_DISCONNECTED/.test(message.text());
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    const own = url.origin === origin || !url.protocol.startsWith('http');
    if (!own) complaints.push(`request to another origin: ${url.origin}`);
  });
}

export const test = base.extend<Visit>({
  visit: async ({ browser, contextOptions, viewport, hasTouch, locale, timezoneId }, use) => {
    const complaints: string[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (origin, options = {}) => {
      const context = await browser.newContext({
        ...contextOptions,
        ...(viewport === undefined ? {} : { viewport }),
        ...(hasTouch === undefined ? {} : { hasTouch }),
        ...(locale === undefined ? {} : { locale }),
        ...(timezoneId === undefined ? {} : { timezoneId }),
        reducedMotion: 'reduce',
        baseURL: origin,
        acceptDownloads: true,
        ...options,
      });
      contexts.push(context);
      watch(context, origin, complaints);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
    expect(complaints, 'what the browser complained about').toEqual([]);
  },
});

export { expect };

/** The office sits at a desk. */
export const desk: BrowserContextOptions = {
  viewport: { width: 1280, height: 900 },
  hasTouch: false,
};

/** What must hold on every page: axe finds nothing, one h1, a title, a language, no sideways scroll. */
export async function expectSound(page: Page): Promise<void> {
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page).toHaveTitle(/ – /);
  await expect(page.locator('html')).toHaveAttribute('lang', /^(nb|nn|en)$/);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(sideways, 'pixels of sideways scroll').toBeLessThanOrEqual(0);
  await expectAccessible(page);
}

/** What axe finds on the page as it stands. There are no frames of other origins: the quick mode sees it all. */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((n) => `${n.target} (${n.failureSummary ?? ''})`).join(', ')}`,
  );
}

/** The builds of pages in which axe has found nothing, in this process. */
const accessible = new Set<string>();

/**
 * Axe finds nothing. Its rules look at elements, attributes and styles, not at what the words say: a
 * page of the very build of one that was looked at, in a window as wide, is not looked at again.
 */
async function expectAccessible(page: Page): Promise<void> {
  const build = createHash('sha256')
    .update(await page.evaluate(outline))
    .digest('hex');
  if (accessible.has(build)) return;
  expect(await violations(page), `axe at ${page.url()}`).toEqual([]);
  accessible.add(build);
}

/**
 * The page's elements with their attributes, whether they have text, and the window's width. Numbers
 * in attributes and the targets of links do not count; siblings of one build in a row count once.
 */
function outline(): string {
  const own = (element: Element): string => {
    const attributes = [...element.attributes]
      .map(({ name, value }) => (name === 'href' ? name : `${name}=${value.replace(/\d+/g, '#')}`))
      .sort();
    // A field's text is no child of it, and an empty one shows its placeholder.
    const filled = 'value' in element && element.value ? '!' : '';
    return [element.tagName, ...attributes, filled].join(' ');
  };
  const whole = (element: Element): string => {
    const inner: string[] = [];
    for (const node of element.childNodes) {
      const text = node.textContent?.trim() ? '.' : '';
      const part = node instanceof Element ? whole(node) : text;
      if (part && part !== inner.at(-1)) inner.push(part);
    }
    return `<${own(element)}>${inner.join('')}</>`;
  };
  return `${innerWidth} ${whole(document.documentElement)}`;
}

/** What must hold on a page that runs no scripts, such as one to print: looked at in a window of its own. */
export async function expectReadable(context: BrowserContext, html: string): Promise<void> {
  const copy = await context.newPage();
  await copy.setContent(html);
  await expect(copy.locator('h1')).toHaveCount(1);
  await expectAccessible(copy);
  await copy.close();
}

/** Waits for the page with this heading, which must be sound. */
export async function at(page: Page, title: string | RegExp): Promise<void> {
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
  await expectSound(page);
}
