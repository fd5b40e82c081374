import { defineConfig, devices } from '@playwright/test';

/** Keeps the browser from calling home, and lets it run as root in a container. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Text as wide in the shell of the browser as in the whole of it.
  '--font-render-hinting=none',
];

/** Whole journeys of the three rights and of a colleague, made on a phone and at a desk. */
const rights = /\/(access|rectification|erasure|colleague|recipient|part)\.spec\.ts$/;
/** What else a person may meet, on a phone; the office's own is made at a desk. */
const persons = /\/(talk|wrong)\.spec\.ts$/;

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  // Each file starts a portal of its own, and waits for it more than it works; the machine may be small.
  workers: 2,
  forbidOnly: true,
  retries: 0,
  timeout: 300_000,
  expect: { timeout: 20_000 },
  use: {
    launchOptions: { args, executablePath: process.env.MININFO_CHROMIUM ?? '/usr/bin/chromium' },
    actionTimeout: 20_000,
    navigationTimeout: 30_000,
    locale: 'nb-NO',
    timezoneId: 'Europe/Oslo',
    screenshot: 'only-on-failure',
  },
  projects: [
    {
      name: 'phone',
      testMatch: [rights, persons],
      use: { ...devices['Desktop Chrome'], viewport: { width: 390, height: 844 }, hasTouch: true },
    },
    {
      name: 'desktop',
      testIgnore: persons,
      use: { ...devices['Desktop Chrome'], viewport: { width: 1280, height: 900 } },
    },
  ],
});
