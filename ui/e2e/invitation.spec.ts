import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { at, desk, expect, expectSound, test } from './page';
import { freePort, Letterbox, Portal, run } from './portal';
import { MailServer } from './smtp';
import { Authenticator } from './totp';

const admin = {
  name: 'Ola Fjell',
  email: 'ola@fjellbakeri.example',
  password: 'sauer beiter i Ål',
};
const officer = {
  name: 'Liv Dal',
  email: 'liv@fjellbakeri.example',
  password: 'geiter klatrer i Ås',
};
const newcomer = { name: 'Eva Ny', email: 'eva@fjellbakeri.example' };
const settings = {
  organisation: {
    name: 'Fjell Bakeri',
    email: 'post@fjellbakeri.example',
    postal_address: 'Storgata 1, 2670 Otta',
  },
  notify: [admin.email],
  cooling_off_hours: 24,
  done: true,
};

let data: string;
let server: MailServer;
let letters: Letterbox;
let portal: Portal;
const apps: Record<string, Authenticator> = {};

test.describe.configure({ mode: 'serial' });

async function add(who: typeof admin, role: string): Promise<void> {
  const password = path.join(data, 'password.txt');
  await writeFile(password, `${who.password}\n`, { mode: 0o600 });
  const added = await run([
    ...['staff', 'add', '--data', data, '--name', who.name, '--email', who.email],
    ...['--role', role, '--password-file', password, '--json'],
  ]);
  await rm(password);
  apps[who.email] = new Authenticator((JSON.parse(added) as { totp_secret: string }).totp_secret);
}

test.beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'mininfo-e2e-invitation-'));
  await add(admin, 'admin');
  await add(officer, 'privacy_officer');
  server = new MailServer(await freePort());
  await server.start();
  letters = new Letterbox(server.read);
  portal = await Portal.start({ data, smtp: `smtp://127.0.0.1:${server.port}` });
});

test.afterAll(async () => {
  await portal?.stop();
  await server?.stop();
  await rm(data, { recursive: true, force: true });
});

async function signIn(page: Page, who: typeof admin): Promise<void> {
  await page.goto('/staff');
  await at(page, 'Logg inn som saksbehandler');
  await page.getByLabel('E-post').fill(who.email);
  await page.getByLabel('Passord').fill(who.password);
  await page.getByLabel('Engangskode').fill(apps[who.email]?.code() ?? '');
  await page.getByRole('button', { name: 'Logg inn', exact: true }).click();
  await expect(page.locator('.account')).toContainText(who.name);
}

async function linkTo(email: string, subject: RegExp): Promise<string> {
  const { text } = await letters.next(email, subject);
  const found = /\/staff\/join#[0-9a-f]{32}\.[A-Za-z0-9_-]{43}/.exec(text)?.[0];
  if (!found) throw new Error('the mail has no link');
  return found;
}

test('somebody is invited, confirmed by another, and chooses a password alone', async ({
  visit,
}) => {
  const office = await visit(portal.url, desk);
  await signIn(office, admin);
  const named = await office.evaluate(async (body) => {
    const answer = await fetch('/api/v1/staff/settings', {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return `${answer.status} ${await answer.text()}`;
  }, settings);
  expect(named).toMatch(/^200/);
  await office.goto('/staff/members');
  await at(office, 'Medarbeidere');
  await office.getByRole('button', { name: 'Inviter en medarbeider' }).click();
  const dialog = office.getByRole('dialog', { name: 'Inviter en medarbeider' });
  await dialog.getByRole('button', { name: 'Inviter', exact: true }).click();
  await expect(dialog.locator('#invite-name')).toHaveAttribute('aria-invalid', 'true');
  await expectSound(office);
  await dialog.getByLabel('Navn').fill(newcomer.name);
  await dialog.getByLabel('E-post', { exact: true }).fill(newcomer.email);
  await dialog.getByRole('button', { name: 'Inviter', exact: true }).click();
  await expect(dialog).toBeHidden();
  const row = office.getByRole('row', { name: new RegExp(newcomer.name) });
  await expect(row).toContainText('Venter på bekreftelse');
  await expect(row.getByRole('button', { name: /^Bekreft/ })).toHaveCount(0);
  await expectSound(office);

  const other = await visit(portal.url, desk);
  await signIn(other, officer);
  await other.goto('/staff/members');
  await other.getByRole('button', { name: /^Bekreft.*Eva Ny/ }).click();
  await expect(other.getByRole('row', { name: new RegExp(newcomer.name) })).toContainText(
    /Sendes|Sendt/,
  );

  const link = await linkTo(newcomer.email, /Invitasjon/);
  const own = await visit(portal.url, desk);
  await own.goto(link);
  await at(own, 'Velg hvordan du vil logge inn');
  expect(own.url()).not.toContain('#');
  await expect(own.getByText('personvernsaker hos Fjell Bakeri')).toBeVisible();
  await expectSound(own);
  const instead = own.getByRole('button', { name: 'Bruk passord og engangskode i stedet' });
  if ((await instead.count()) > 0) await instead.click();
  const secret = await own.getByTestId('totp').innerText();
  await own.getByLabel('Velg et passord').fill('fem ord');
  await own.getByLabel('Engangskode', { exact: true }).fill(new Authenticator(secret).code());
  await own.getByRole('button', { name: 'Fullfør og logg inn' }).click();
  await expect(own.locator('#join-password')).toHaveAttribute('aria-invalid', 'true');
  await expectSound(own);
  await own.getByLabel('Velg et passord').fill('fjellvett på søndag kveld');
  await own.getByRole('button', { name: 'Fullfør og logg inn' }).click();
  await at(own, 'Innboks');
  await expect(own.locator('.account')).toContainText(newcomer.name);

  const thief = await visit(portal.url, desk);
  await thief.goto(link);
  await expect(thief.getByText(/Lenken er feil eller for gammel/)).toBeVisible();
});

test('a member who lost the app gets a new sign-in, which the officer confirms', async ({
  visit,
}) => {
  const office = await visit(portal.url, desk);
  await signIn(office, admin);
  await office.goto('/staff/members');
  await office.getByRole('button', { name: /^Ny innlogging.*Eva Ny/ }).click();
  const dialog = office.getByRole('dialog', { name: `Gi ${newcomer.name} ny innlogging?` });
  await expectSound(office);
  await dialog.getByRole('button', { name: 'Ny innlogging' }).click();
  await expect(dialog).toBeHidden();
  await letters.next(newcomer.email, /Innloggingen din/);

  const other = await visit(portal.url, desk);
  await signIn(other, officer);
  await other.goto('/staff/members');
  await other.getByRole('button', { name: /^Bekreft.*Eva Ny/ }).click();
  const own = await visit(portal.url, desk);
  await own.goto(await linkTo(newcomer.email, /Ny innlogging/));
  await at(own, 'Velg hvordan du vil logge inn');
  await expect(own.getByText('slutter å virke når du er ferdig her')).toBeVisible();
  await expectSound(own);
});
