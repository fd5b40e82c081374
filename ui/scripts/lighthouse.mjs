// Measures the person's pages with Lighthouse on a slow phone, and prints each page's scores; fails under 95.
// It starts a portal of its own. Lighthouse itself is fetched by npx: it is too large to be installed with the rest.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const lighthouse = 'lighthouse@12.8.2';
const pages = ['/', '/ask/access', '/follow', '/notice', '/help', '/accessibility'];
const least = 95;
const port = process.env.PORT ?? '8199';
const program = process.env.MININFO_BIN ?? join(import.meta.dirname, '../../bin/mininfo');

const folder = await mkdtemp(join(tmpdir(), 'mininfo-lighthouse-'));
const portal = spawn(
  program,
  ['serve', '--demo', '--data', join(folder, 'data'), '--listen', `127.0.0.1:${port}`],
  { stdio: ['ignore', 'pipe', 'ignore'] },
);
let low = false;
try {
  await once(portal.stdout, 'data');
  for (const page of pages) {
    const file = join(folder, 'report.json');
    await promisify(execFile)(
      'npx',
      [
        ...['--yes', lighthouse, `http://localhost:${port}${page}`, '--quiet'],
        ...['--output=json', `--output-path=${file}`],
        // The pages ask search engines to leave them alone, which Lighthouse counts as a fault of its own.
        '--skip-audits=is-crawlable',
        '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage',
      ],
      {
        env: { ...process.env, CHROME_PATH: process.env.MININFO_CHROMIUM ?? '/usr/bin/chromium' },
        maxBuffer: 64 << 20,
      },
    );
    const { categories, audits } = JSON.parse(await readFile(file, 'utf8'));
    const scores = Object.values(categories).map(({ title, score }) => {
      const points = Math.round(score * 100);
      low ||= points < least;
      return `${title} ${points}`;
    });
    const { displayValue } = audits.interactive;
    console.log(`${page.padEnd(16)} ${scores.join(' · ')} · interactive ${displayValue}`);
  }
} finally {
  portal.kill();
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = low ? 1 : 0;
