import type { Locator } from '@playwright/test';

/** Seconds that a person needs for one click, with finding what to click. */
const perClick = 3;
/** Seconds for one character typed with two fingers. */
const perCharacter = 0.35;
/** Seconds to read a page or a dialog. */
const perPage = 12;

/** Does what a person does with a mouse and a keyboard, and counts it. */
export class Hand {
  clicks = 0;
  typed = 0;
  pasted = 0;
  pages = 0;

  async click(target: Locator): Promise<void> {
    this.clicks++;
    await target.click();
  }

  async check(target: Locator): Promise<void> {
    this.clicks++;
    await target.check();
  }

  async type(target: Locator, text: string): Promise<void> {
    this.clicks++;
    this.typed += text.length;
    await target.fill(text);
  }

  /** Takes a text from elsewhere: two clicks there, two here. */
  async paste(target: Locator, text: string): Promise<void> {
    this.clicks += 4;
    this.pasted++;
    await target.fill(text);
  }

  /** Chooses a file: the field, the file, "open". */
  async upload(target: Locator, file: { name: string; mimeType: string; buffer: Buffer }) {
    this.clicks += 3;
    await target.setInputFiles(file);
  }

  read(): void {
    this.pages++;
  }

  /** How long a person would have needed. */
  get minutes(): number {
    return (this.clicks * perClick + this.typed * perCharacter + this.pages * perPage) / 60;
  }

  toString(): string {
    const { clicks, typed, pages } = this;
    return `${clicks} clicks, ${typed} characters, ${pages} pages: about ${this.minutes.toFixed(1)} minutes`;
  }
}
