import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { Hand } from './hand';
import { at, desk, expect, expectReadable, expectSound, test } from './page';
import { askForCode, sloppy, typeCode } from './person';
import { freePort, Letterbox, Portal, run } from './portal';
import { MailServer } from './smtp';
import { Authenticator } from './totp';

const member = {
  name: 'Ola Fjell',
  email: 'ola@fjellbakeri.example',
  password: 'sauer beiter i Ål',
};

/** What Excel writes in Norway: a mark at the beginning, semicolons, Windows line ends. */
const customers = Buffer.from(
  [
    '\uFEFFKundenummer;Navn;E-post;Telefon;Merknad',
    'B-17;Berit Moen;berit.moen@example.com;91234567;Glutenfri bolle hver fredag',
    'B-18;Arne Vik;arne.vik@example.com;92345678;Kake til bursdag',
    '',
  ].join('\r\n'),
);

function mailFrom(name: string, address: string, words: string): string {
  const day = new Date(Date.now() - 86_400_000).toUTCString().replace('GMT', '+0000');
  return [
    `From: ${name} <${address}>`,
    'To: post@fjellbakeri.example',
    'Subject: Innsyn',
    `Date: ${day}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    words,
    '',
  ].join('\r\n');
}

/** What an old mail program saves: eight bits of Latin-1, and a picture larger than what is read. */
function mailSaved(name: string, address: string, words: string): Buffer {
  const part = (type: string, body: string) => `--lapp\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
  const whole = mailFrom(name, address, '').replace(
    'text/plain; charset=utf-8',
    'multipart/mixed; boundary=lapp',
  );
  const picture = `image/jpeg; name=kvittering.jpg\r\nContent-Transfer-Encoding: base64`;
  return Buffer.from(
    [
      whole,
      part('text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit', words),
      part(picture, 'QUJD'.repeat(500_000)),
      '--lapp--\r\n',
    ].join(''),
    'latin1',
  );
}

let data: string;
let server: MailServer;
let letters: Letterbox;
let portal: Portal;
let authenticator: Authenticator;

test.describe.configure({ mode: 'serial' });

test.beforeAll(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'mininfo-e2e-small-'));
  const password = path.join(data, 'password.txt');
  await writeFile(password, `${member.password}\n`, { mode: 0o600 });
  const added = await run([
    ...['staff', 'add', '--data', data, '--name', member.name, '--email', member.email],
    ...['--password-file', password, '--json'],
  ]);
  await rm(password);
  authenticator = new Authenticator((JSON.parse(added) as { totp_secret: string }).totp_secret);
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

test('an office without a database sets up, and answers by mail and on paper', async ({
  visit,
}) => {
  const page = await visit(portal.url, desk);
  const hand = new Hand();
  const button = (name: string | RegExp, within: Page | Locator = page) =>
    within.getByRole('button', { name, exact: typeof name === 'string' });
  const on = async (title: string | RegExp) => {
    hand.read();
    await at(page, title);
  };

  await test.step('sign in', async () => {
    await page.goto('/staff');
    await on('Logg inn som saksbehandler');
    await hand.type(page.getByLabel('E-post'), member.email);
    await hand.type(page.getByLabel('Passord'), member.password);
    await hand.type(page.getByLabel('Engangskode'), authenticator.code());
    await hand.click(button('Logg inn'));
  });

  await test.step('set up', async () => {
    await on('Hvem svarer?');
    await hand.type(page.getByLabel('Navn', { exact: true }), 'Fjell Bakeri');
    await hand.type(page.getByLabel('E-post for personvern'), 'post@fjellbakeri.example');
    await hand.type(page.getByLabel('Postadresse'), 'Storgata 1, 2670 Otta');
    await hand.click(button('Neste'));
    await on('Kommer e-posten fram?');
    await hand.click(button(`Send en prøve til ${member.email}`));
    await letters.next(member.email, /./);
    await hand.click(button('Den kom, neste'));
    await on('Hvem får beskjed?');
    await expect(page.getByLabel('Den som svarer')).toHaveValue(member.email);
    await hand.click(button('Neste'));
    await on('Hva har dere?');
    await hand.click(button('Jeg har sett over, neste'));
    await on('Hvor skal vi lete?');
    await hand.type(page.getByLabel('Stedet'), 'Ordreboka på kontoret');
    await hand.type(page.getByLabel('Hvordan letes det der?'), 'Se under etternavnet.');
    await hand.click(button('Legg til'));
    await expect(page.getByRole('link', { name: 'Ordreboka på kontoret' })).toBeVisible();
    await hand.check(page.getByRole('radio', { name: 'En fil' }));
    await hand.upload(page.getByLabel('Fil (CSV eller XLSX)'), {
      name: 'Kundeliste.csv',
      mimeType: 'text/csv',
      buffer: customers,
    });
    await expect(page.getByLabel('Navn', { exact: true })).toHaveValue('Kundeliste');
    await hand.click(button('Legg til'));
    await expect(page.getByRole('link', { name: 'Kundeliste' })).toBeVisible();
    await expectSound(page);
    await hand.click(button('Neste'));
    await on('Da er alt klart');
    await hand.click(button('Ferdig'));
    await on('Innboks');
  });

  const berit = 'berit.moen@example.com';
  await test.step('a pasted mail, answered by mail', async () => {
    const words = 'Hei! Jeg vil vite hva dere har om meg. Hilsen Berit Moen';
    await register(page, hand, mailFrom('Berit Moen', berit, words));
    await expect(page.getByRole('textbox', { name: 'E-post', exact: true })).toHaveValue(berit);
    await expect(page.getByRole('checkbox', { name: 'Innsyn' })).toBeChecked();
    await hand.click(button('Registrer kravet'));
    await on(/^Innsyn for/);
    await confirmIdentity(page, hand);
    await search(page, hand, 'Jeg fant noe');
    await lookOver(page, hand);
    await expect(button('Send svar')).toBeEnabled({ timeout: 60_000 });
    await hand.click(button('Send svar'));
    const dialog = page.getByRole('dialog', { name: 'Send svar' });
    await expect(dialog.getByRole('article')).toBeVisible();
    hand.read();
    await expectSound(page);
    await hand.click(button('Send svaret', dialog));
    await expect(dialog).toBeHidden();
    await letters.next(berit, /^Svaret ditt er klart/);
  });

  const arne = 'arne.vik@example.com';
  await test.step('another, answered on paper', async () => {
    const words = 'Jeg ber om innsyn i det dere har på meg. Svar meg i posten. Arne Vik';
    await hand.click(page.getByRole('link', { name: 'Registrer et krav' }).first());
    await on('Registrer et krav');
    await hand.upload(page.locator('input[accept*=".eml"]'), {
      name: 'Innsyn.eml',
      mimeType: 'message/rfc822',
      buffer: mailSaved('Arne Vik', arne, words),
    });
    await expect(page.getByLabel('Personens egne ord')).toHaveValue(words);
    await expect(page.getByRole('textbox', { name: 'E-post', exact: true })).toHaveValue(arne);
    await hand.type(page.getByRole('textbox', { name: 'Postadresse' }), 'Elvegata 2, 2670 Otta');
    await hand.check(page.getByRole('radio', { name: 'På papir' }));
    await hand.click(button('Registrer kravet'));
    await on(/^Innsyn for/);
    await confirmIdentity(page, hand);
    await search(page, hand, 'Fant ingenting');
    await lookOver(page, hand);
    await expect(button('Send svar')).toBeEnabled({ timeout: 60_000 });
    await hand.click(button('Send svar'));
    const dialog = page.getByRole('dialog', { name: 'Send svar' });
    await expect(dialog.getByRole('article')).toBeVisible();
    hand.read();
    const letter = await printLetter(page, hand, dialog);
    for (const line of [
      'Fjell Bakeri',
      'Storgata 1, 2670 Otta',
      'Arne Vik',
      'Elvegata 2, 2670 Otta',
    ]) {
      expect(letter).toContain(line);
    }
    expect(letter).toMatch(/MI-\d{4}-/);
    expect(letter).toContain('Datatilsynet');
    expect(letter).not.toContain('Innboks');
    await hand.click(button('Skriv ut pakken', dialog));
    const printed = await print(page, hand);
    expect(printed).toContain('Kake til bursdag');
    expect(printed).not.toContain('Glutenfri');
    await hand.check(dialog.getByRole('checkbox', { name: 'Brevet er sendt i posten' }));
    await hand.click(button('Marker som besvart', dialog));
    await expect(dialog).toBeHidden();
    await expectSound(page);
  });

  await test.step('each view of the inbox is the only one that is marked', async () => {
    await page.goto('/staff/?view=done');
    await expect(page.getByRole('link', { name: /^MI-/ })).toHaveCount(2);
    await expect(page.locator('.tabs [aria-current]')).toHaveText('Avsluttet');
  });

  console.log(`      the small office: ${hand}`);
  test.info().annotations.push({ type: 'by hand', description: String(hand) });
  expect(hand.minutes, 'minutes that a person would need').toBeLessThanOrEqual(15);
});

/** The form for a request that came another way, filled in from a pasted mail. */
async function register(page: Page, hand: Hand, mail: string): Promise<void> {
  await hand.click(page.getByRole('link', { name: 'Registrer et krav' }).first());
  hand.read();
  await at(page, 'Registrer et krav');
  await hand.paste(page.getByLabel('Lim inn e-posten'), mail);
  await hand.click(page.getByRole('button', { name: 'Les e-posten' }));
  await expect(page.getByText('Skjemaet er fylt ut med det som sto i e-posten.')).toBeVisible();
  await expectSound(page);
}

async function confirmIdentity(page: Page, hand: Hand): Promise<void> {
  const form = page.getByRole('region', { name: 'Hvem er personen?' });
  await hand.check(form.getByRole('radio', { name: 'Kravet kom fra en adresse vi har fra før' }));
  await hand.type(form.getByLabel('Hva ble kontrollert?'), 'Står i kundelista');
  await hand.click(form.getByRole('button', { name: 'Bekreft identiteten' }));
  await expect(form).toBeHidden();
}

/** Looks in the one place that no machine can look in. */
async function search(page: Page, hand: Hand, outcome: 'Jeg fant noe' | 'Fant ingenting') {
  const task = page.getByRole('listitem').filter({ hasText: 'Ordreboka på kontoret' });
  await hand.click(task.getByRole('button', { name: outcome }).first());
  if (outcome === 'Jeg fant noe') {
    await hand.upload(task.getByLabel('Last opp det du fant'), {
      name: 'ordre.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('12. mai: to brød, hentes av Berit Moen'),
    });
    await expect(page.getByText('Filen er lagret i saken.')).toBeVisible();
    await expectSound(page);
    await hand.click(task.getByRole('button', { name: 'Ferdig her' }));
  }
  await expect(page.getByText('Lagret: Ordreboka på kontoret')).toBeVisible();
}

async function lookOver(page: Page, hand: Hand): Promise<void> {
  await expect(page.getByRole('heading', { name: 'Det vi fant' })).toBeVisible();
  const look = page.getByRole('button', { name: 'Se over' });
  await expect(look).toBeEnabled({ timeout: 60_000 });
  await expectSound(page);
  await hand.click(look);
  hand.read();
  const dialog = page.getByRole('dialog', { name: 'Se over saken' });
  const marked = dialog.locator('.group[data-look]');
  await expect(dialog).toBeVisible();
  for (let left = await marked.count(); left > 0; left--) {
    const group = marked.first();
    const decide = group.getByRole('button', { name: /^Bestem/ });
    if ((await decide.count()) > 0) {
      await hand.click(decide);
      await hand.check(group.locator('input[type=radio][value=disclose]'));
      await hand.click(group.getByRole('button', { name: 'Lagre' }));
    } else {
      await hand.click(group.getByRole('button', { name: /^Vis radene/ }));
      await hand.click(group.getByRole('button', { name: /^Jeg har sett på dette/ }));
    }
    await expect(marked).toHaveCount(left - 1);
  }
  await hand.click(dialog.getByRole('button', { name: 'Det stemmer' }));
  await prove(page, hand, dialog);
  await expect(dialog).toBeHidden();
}

/** Types the one-time code if it is asked for before the dialog that waits for it goes on. */
async function prove(page: Page, hand: Hand, waiting: Locator): Promise<void> {
  const proof = page.getByRole('dialog', { name: 'Bekreft at det er deg' });
  await expect
    .poll(async () => (await proof.isVisible()) || !(await waiting.isVisible()))
    .toBe(true);
  if (!(await proof.isVisible())) return;
  await expectSound(page);
  await hand.type(proof.getByLabel('Engangskode'), authenticator.code());
  await hand.click(proof.getByRole('button', { name: 'Bekreft', exact: true }));
  await expect(proof).toBeHidden();
}

/** Prints the letter alone and gives what stands on the paper. */
async function printLetter(page: Page, hand: Hand, dialog: Locator): Promise<string> {
  // Headless browsers have no printer: what it would be given is looked at instead.
  await page.evaluate(() => {
    window.print = () => undefined;
  });
  await hand.click(dialog.getByRole('button', { name: /^Skriv ut brevet/ }));
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('.paper article')).toBeVisible();
  const paper = await page.evaluate(() => document.body.innerText);
  await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: null });
  await expect(page.locator('.paper')).toHaveCount(0);
  return paper;
}

/** Opens the page to print and gives its text. */
async function print(page: Page, hand: Hand): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'Pakken' });
  const link = dialog.getByRole('link', { name: 'Åpne siden for utskrift' });
  const proof = page.getByRole('dialog', { name: 'Bekreft at det er deg' });
  await expect(link.or(proof)).toBeVisible();
  if (await proof.isVisible()) {
    await hand.type(proof.getByLabel('Engangskode'), authenticator.code());
    await hand.click(proof.getByRole('button', { name: 'Bekreft', exact: true }));
  }
  const opening = page.context().waitForEvent('page');
  await hand.click(link);
  const paper = await opening;
  await paper.waitForLoadState();
  const text = (await paper.locator('body').textContent()) ?? '';
  const html = await paper.content();
  await paper.close();
  await expectReadable(page.context(), html);
  await hand.click(dialog.getByRole('button', { name: 'Lukk' }));
  return text;
}

test('while the mail server is away the person is told to wait, and each mail comes once', async ({
  visit,
}) => {
  const email = 'arne.vik@example.com';
  await server.stop();
  const page = await visit(portal.url);
  await askForCode(page, 'access', email);
  const delayed = page.getByText('E-posten vår er forsinket akkurat nå');
  await expect(delayed, 'the page follows, without being loaded again').toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole('contentinfo')).toContainText('post@fjellbakeri.example');
  await expectSound(page);

  await server.start();
  const mail = await letters.next(email, /^Bekreft e-postadressen/);
  await expect(delayed).toBeHidden({ timeout: 60_000 });
  const code = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(mail.text)?.[0] ?? '';
  expect(sloppy(code)).not.toBe('  ');
  await typeCode(page, code, 'Gå videre');
  await at(page, 'Hva vil du se?');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await at(page, 'Vi har mottatt kravet ditt');
  await letters.next(email, /^Vi har mottatt kravet ditt/);
  expect(await letters.count(email, /^Bekreft e-postadressen/)).toBe(1);
});

test('a member adds a passkey, signs in with it alone and proves with it', async ({ visit }) => {
  const page = await visit(portal.url, desk);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const passkey = () => page.getByRole('row', { name: /Telefonen min/ });

  await page.goto('/staff');
  await page.getByLabel('E-post').fill(member.email);
  await page.getByLabel('Passord').fill(member.password);
  await page.getByLabel('Engangskode').fill(authenticator.code());
  await page.getByRole('button', { name: 'Logg inn', exact: true }).click();
  await page.getByRole('link', { name: new RegExp(member.name) }).click();
  await at(page, 'Innloggingen din');
  await button('Legg til en passnøkkel').click();
  await button('Lag passnøkkelen').click();
  await expect(page.getByText('Skriv et navn på passnøkkelen.').first()).toBeVisible();
  await page.getByLabel('Hva skal den hete?').fill('Telefonen min');
  await expectSound(page);
  await button('Lag passnøkkelen').click();
  await expect(passkey()).toContainText('Ikke brukt ennå');
  await letters.next(member.email, /^Innloggingen din hos/);
  await expectSound(page);

  await button('Logg ut').click();
  await at(page, 'Logg inn som saksbehandler');
  await button('Bruk passnøkkel').click();
  await at(page, /./);
  await page.goto('/staff/account');
  await expect(passkey()).not.toContainText('Ikke brukt ennå');
  await expect(page.getByRole('row', { name: /Her og nå/ })).toContainText('Passnøkkel');

  // A factor counts for five minutes: the server is made to ask once, as it does when they are over.
  let asked = false;
  await page.route('**/api/v1/staff/account/passkeys/*', async (route) => {
    if (asked) return route.continue();
    asked = true;
    await route.fulfill({
      status: 403,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 403, code: 'step_up_required', title: 'Bekreft' }),
    });
  });
  await passkey().getByRole('button', { name: 'Fjern' }).click();
  const dialog = page.getByRole('dialog', { name: /^Fjerne passnøkkelen/ });
  await dialog.getByRole('button', { name: 'Fjern' }).click();
  const proof = page.getByRole('dialog', { name: 'Bekreft at det er deg' });
  await expect(proof.getByRole('button', { name: 'Bruk engangskode' })).toBeVisible();
  await expectSound(page);
  await proof.getByRole('button', { name: 'Bruk passnøkkel' }).click();
  await expect(passkey()).toHaveCount(0);
  await letters.next(member.email, /^Innloggingen din hos/);
});
