import { defineConfig } from '@playwright/test';
import journeys from '../playwright.config';

/** Makes the pictures of the README and the guides anew: `npm run pictures`. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  testMatch: '**/pictures.ts',
  outputDir: '../test-results',
  projects: [{ name: 'pictures' }],
});
