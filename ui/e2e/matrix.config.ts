import { defineConfig } from '@playwright/test';
import journeys from '../playwright.config';

/** Every page in each language, theme and width: `make matrix`. */
export default defineConfig({
  ...journeys,
  testDir: '.',
  testMatch: '**/matrix.ts',
  outputDir: '../test-results/matrix-failed',
  timeout: 3_600_000,
  projects: [{ name: 'matrix' }],
});
