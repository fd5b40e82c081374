import { defineConfig } from '@playwright/test';
import journeys from '../playwright.config';

/** Makes the two pictures of the README anew: `npm run pictures`. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  testMatch: '**/pictures.ts',
  outputDir: '../test-results',
  projects: [{ name: 'pictures' }],
});
