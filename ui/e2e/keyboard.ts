import type { Locator, Page } from '@playwright/test';
import { expect } from './page';

/** Somebody who has a keyboard and nothing else: what has the focus must be seen, where it stands. */
export class Keyboard {
  constructor(readonly page: Page) {}

  /** Moves on with Tab until the element has the focus, and sees that it shows. */
  async to(target: Locator): Promise<void> {
    await expect(target).toBeVisible();
    for (let presses = 0; presses < 150; presses++) {
      if (await target.evaluate((element) => element === document.activeElement)) {
        return this.#sees(target);
      }
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`no number of Tab leads to ${target}`);
  }

  async #sees(target: Locator): Promise<void> {
    await expect(target).toBeInViewport();
    // The ring stands around the element, what it makes clickable, or the field or row that it is in.
    const ring = () =>
      target.evaluate((element) => {
        const drawn = ({ outlineStyle, outlineWidth }: CSSStyleDeclaration) =>
          outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0;
        const around = [element, element.parentElement, element.closest('tr, li')];
        return (
          drawn(getComputedStyle(element, '::after')) ||
          around.some((each) => each !== null && drawn(getComputedStyle(each)))
        );
      });
    await expect.poll(ring, { message: `${target} shows that it has the focus` }).toBe(true);
  }

  async press(target: Locator, key = 'Enter'): Promise<void> {
    await this.to(target);
    await this.page.keyboard.press(key);
  }

  async type(target: Locator, text: string): Promise<void> {
    await this.to(target);
    await this.page.keyboard.type(text);
  }
}
