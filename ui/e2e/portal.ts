import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from '@playwright/test';

/** The program under test: the one that `make build` makes, unless MININFO_BIN names another. */
export const program = path.resolve(
  process.env.MININFO_BIN ?? path.join(import.meta.dirname, '../../bin/mininfo'),
);

/** The environment without what configures the portal: a test says all of that itself. */
function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('MININFO_'));
  return { ...Object.fromEntries(own), ...more };
}

/** A port that nobody listens at just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the port has no number');
  return address.port;
}

export interface Mail {
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** Where mails can be read: the demo's page, or a mail server of the test's own. */
export type ReadMails = () => Promise<readonly Mail[]>;

/** Reads each mail once, in the order in which the test waits for them. */
export class Letterbox {
  #seen = new Set<string>();

  constructor(readonly read: ReadMails) {}

  /** The mails to one address that have not been taken yet. */
  async #waiting(to: string, subject: RegExp): Promise<Mail[]> {
    const mails = await this.read();
    return mails.filter(
      (mail) => mail.to === to && subject.test(mail.subject) && !this.#seen.has(mail.id),
    );
  }

  /** Waits for the next mail to an address, and takes it. */
  async next(to: string, subject: RegExp): Promise<Mail> {
    let found: Mail | undefined;
    const look = async () => {
      [found] = await this.#waiting(to, subject);
      return found !== undefined;
    };
    await expect
      .poll(look, {
        message: `a mail like ${subject} to ${to}`,
        timeout: 30_000,
        intervals: [50, 100, 250],
      })
      .toBe(true);
    if (!found) throw new Error(`no mail like ${subject} to ${to}`);
    this.#seen.add(found.id);
    return found;
  }

  /** The code of the next mail that has one. */
  async code(to: string): Promise<string> {
    const { text } = await this.next(to, /^(Bekreft e-postadressen|Engangskode)/);
    const code = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(text)?.[0];
    if (!code) throw new Error('the mail has no code');
    return code;
  }

  /** How many mails to an address have come, taken or not. */
  async count(to: string, subject = /./): Promise<number> {
    const mails = await this.read();
    return mails.filter((mail) => mail.to === to && subject.test(mail.subject)).length;
  }
}

export interface Start {
  demo?: boolean;
  /** Such as smtp://localhost:2525; without it mails wait. */
  smtp?: string;
  /** A folder that is kept; without it a new one that goes away with the portal. */
  data?: string;
  port?: number;
}

/** One running portal. */
export class Portal {
  readonly #process: ChildProcess;
  readonly #log: string[];
  readonly #temporary: boolean;

  private constructor(
    readonly url: string,
    readonly data: string,
    child: ChildProcess,
    log: string[],
    temporary: boolean,
  ) {
    this.#process = child;
    this.#log = log;
    this.#temporary = temporary;
  }

  static async start({ demo = false, smtp, data, port }: Start): Promise<Portal> {
    const folder = data ?? (await mkdtemp(path.join(tmpdir(), 'mininfo-e2e-')));
    const listen = port ?? (await freePort());
    const args = ['serve', '--data', folder, '--listen', `127.0.0.1:${listen}`];
    if (demo) args.push('--demo');
    const child = spawn(program, args, {
      env: environment(smtp ? { MININFO_SMTP: smtp } : {}),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
    await opened(child, log);
    return new Portal(`http://localhost:${listen}`, folder, child, log, data === undefined);
  }

  /** What the server has logged. */
  get log(): string {
    return this.#log.join('');
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    if (this.#temporary) await rm(this.data, { recursive: true, force: true });
  }

  /** The mails that the demo would have sent, oldest first. */
  demoMails: ReadMails = async () => {
    const answer = await fetch(`${this.url}/api/v1/demo/mailbox`);
    const { mails } = (await answer.json()) as { mails: Mail[] };
    return mails.reverse();
  };
}

/** Waits until the program says where it is: from then on it takes connections. */
function opened(child: ChildProcess, log: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Mininfo is open at')) resolve();
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`mininfo ended (${code}):\n${log.join('')}`)));
  });
}

const execute = promisify(execFile);

/** Runs one command of the program to its end and gives what it prints. */
export async function run(args: readonly string[], env: Record<string, string> = {}) {
  const { stdout } = await execute(program, [...args], {
    env: environment(env),
    maxBuffer: 64 << 20,
  });
  return stdout;
}

type Row = Record<string, unknown>;

/** The company's own rows about an address, read from its databases by another process. */
export class Company {
  private constructor(private readonly sources: Record<string, Record<string, Row[]>>) {}

  static async about(data: string, email: string): Promise<Company> {
    const file = path.join(data, 'fjordlys', 'sources.yaml');
    const args = ['source', 'collect', '--sources', file, '--identity', `email=${email}`, '--json'];
    return new Company(JSON.parse(await run(args)));
  }

  rows(source: string, collection: string): readonly Row[] {
    return this.sources[source]?.[collection] ?? [];
  }
}
