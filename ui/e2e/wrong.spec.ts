import { at, expect, expectSound, test } from './page';
import { askForCode, begin, proveAgain, typeCode } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

/** The link of a mail, as a path of the portal. */
function linkIn(text: string): string {
  return /https?:\/\/[^/\s]+(\/verify#\S+)/.exec(text)?.[1] ?? '';
}

test('every address gets the same page, and a slip in it is said at the field', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  const texts: string[] = [];
  for (const email of ['lena.strand@example.com', 'ingen.slik@example.com']) {
    await askForCode(page, 'access', email);
    const main = (await page.getByRole('main').textContent()) ?? '';
    texts.push(main.replaceAll(email, 'ADDRESS').replace(/om \d+ sekund(er)?/, 'om SECONDS'));
  }
  expect(texts[1]).toBe(texts[0]);

  await page.goto('/ask/access');
  await page.getByLabel('E-postadresse').fill('ingen krøllalfa');
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await expect(page.getByRole('link', { name: /^Skriv en hel e-postadresse/ })).toBeVisible();
  await expect(page.getByLabel('E-postadresse')).toHaveValue('ingen krøllalfa');
  await expectSound(page);
});

test('a wrong code is refused, the right one taken, and its link is then used up', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  const email = 'jonas.berg@example.com';
  await askForCode(page, 'access', email);
  await typeCode(page, 'AB', 'Gå videre');
  await expect(page.getByRole('link', { name: /^Koden har 8 tegn/ })).toBeVisible();
  await typeCode(page, 'AAAA-AAAA', 'Gå videre');
  await expect(
    page.getByRole('alert').or(page.locator('[data-color=danger]')).first(),
  ).toBeVisible();
  await expectSound(page);
  const mail = await letters.next(email, /^Bekreft e-postadressen/);
  const code = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(mail.text)?.[0] ?? '';
  await typeCode(page, code, 'Gå videre');
  await at(page, 'Hva vil du se?');

  await page.goto(linkIn(mail.text));
  await at(page, 'Bekreft at adressen er din');
  expect(page.url(), 'the secret leaves the address bar').not.toContain('#');
  await page.getByRole('button', { name: 'Ja, dette er min adresse' }).click();
  await expect(page.getByText('Det gikk ikke')).toBeVisible();
  await expectSound(page);
});

test('a link opened in another browser does nothing and says where to open it', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  const email = 'silje.dahl@example.org';
  await askForCode(page, 'access', email);
  const mail = await letters.next(email, /^Bekreft e-postadressen/);
  const other = await visit(portal.url);
  await other.goto(linkIn(mail.text));
  await at(other, 'Bekreft at adressen er din');
  await other.getByRole('button', { name: 'Ja, dette er min adresse' }).click();
  await expect(other.getByText('Du begynte et annet sted')).toBeVisible();
  await expectSound(other);
  await other.goto('/cases');
  await at(other, 'Logg inn for å fortsette');

  await page.goto(linkIn(mail.text));
  await page.getByRole('button', { name: 'Ja, dette er min adresse' }).click();
  await at(page, 'Hva vil du se?');
});

test('a session that ended loses nothing that was typed', async ({ visit }) => {
  const page = await visit(portal.url);
  const email = 'marius.dahl@example.org';
  await begin(page, letters, 'access', email);
  const words = 'Særlig det som gjelder 2019.';
  await page.getByLabel('Er det noe særlig du leter etter? (valgfritt)').fill(words);
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await at(page, 'Logg inn for å fortsette');
  await page.getByRole('link', { name: 'Få en ny kode på e-post' }).click();
  await at(page, 'Fortsett der du var');
  await expect(page.getByLabel('E-postadresse')).toHaveValue(email);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await typeCode(page, await letters.code(email), 'Gå videre');
  await at(page, 'Hva vil du se?');
  await expect(page.getByLabel('Er det noe særlig du leter etter? (valgfritt)')).toHaveValue(words);
});

test('another language and a reload keep the place and what was typed', async ({ visit }) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', 'ivar.dale@example.com');
  await page.getByLabel('Bare noe av det').check();
  await page.getByLabel('Nettlogg').check();
  await page.getByLabel('Er det noe særlig du leter etter? (valgfritt)').fill('Fra 2019.');
  await page.getByRole('button', { name: 'English' }).click();
  await at(page, 'What would you like to see?');
  for (const again of [false, true]) {
    if (again) await page.reload();
    await at(page, 'What would you like to see?');
    await expect(page.getByLabel('Web log')).toBeChecked();
    await expect(page.getByLabel(/^Are you looking for something/)).toHaveValue('Fra 2019.');
  }
  await page.getByRole('button', { name: 'Send the request' }).click();
  await at(page, 'We have received your request');
  await expect(page.getByText('Only: Web log')).toBeVisible();
  await page.getByRole('link', { name: 'Go to the case' }).click();
  await at(page, 'Access request');
  await expect(page.locator('.state-text'), 'the page follows the search').toHaveText(
    'Under assessment',
  );
  await page.getByRole('button', { name: 'Bokmål' }).click();
  await expect(page.locator('.state-text')).toHaveText('Til vurdering');
  await expect(page.getByText('Bare: Nettlogg')).toBeVisible();
  await expectSound(page);
});

test('what somebody else signs in to in the same window shows nothing of the first', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', 'siri.holm@example.com');
  const words = page.getByLabel('Er det noe særlig du leter etter? (valgfritt)');
  await words.fill('Noe som bare Siri skal se.');
  await page.context().clearCookies();
  await page.goto('/cases');
  await at(page, 'Logg inn for å fortsette');
  await begin(page, letters, 'access', 'jonas.lie@example.com');
  await expect(words).toHaveValue('');
});

test('a request whose answer was lost is not sent twice, and the person is told', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', 'oda.berg@example.com');
  await page.route('**/api/v1/requests', async (route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    await route.fetch();
    await route.fulfill({ status: 408 }); // something on the way gave up waiting
  });
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await expect(page.getByRole('alert')).toContainText('Noe gikk galt');
  await page.unroute('**/api/v1/requests');
  await page.getByLabel('Er det noe særlig du leter etter? (valgfritt)').fill('Også e-post.');
  await page.getByRole('button', { name: 'Send kravet' }).click();
  await expect(page.getByRole('alert')).toContainText('Vi har allerede fått dette kravet');
  await expectSound(page);
  await page.getByRole('alert').getByRole('link', { name: 'Mine saker' }).click();
  await at(page, 'Mine saker');
  await expect(page.getByRole('link', { name: 'Krav om innsyn' })).toHaveCount(1);
});

test('a phone that drops the page while the mail is read loses no code', async ({ visit }) => {
  const page = await visit(portal.url);
  const email = 'astrid.solberg@example.org';
  await begin(page, letters, 'rectification', email);
  await page.getByRole('button', { name: 'Send meg en kode' }).click();
  await expect(page.getByText(`Vi har sendt en kode til ${email}`)).toBeVisible();
  await page.reload();
  await typeCode(page, await letters.code(email), 'Vis opplysningene');
  await at(page, 'Hva er feil?');
  await page.reload();
  await at(page, 'Hva er feil?');
  expect(await letters.count(email, /^Engangskode/), 'codes that were needed').toBe(1);
});

test('an address of several people shows no fields, and words will do', async ({ visit }) => {
  const page = await visit(portal.url);
  const email = 'familien.lie@example.com';
  await begin(page, letters, 'rectification', email);
  await proveAgain(page, letters, email, 'Send meg en kode', 'Vis opplysningene');
  await at(page, 'Hva er feil?');
  await expect(page.getByText('Vi kan ikke vise noe her.')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Dette er feil/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Se over' }).click();
  await expect(page.getByRole('link', { name: 'Skriv hva som er feil' })).toBeVisible();
  await expectSound(page);
});

test('a page that is not there says so, on both sides', async ({ visit }) => {
  const page = await visit(portal.url);
  await page.goto('/finnes/ikke');
  await at(page, 'Vi finner ikke siden');
  await page.goto('/cases');
  await at(page, 'Logg inn for å fortsette');
});
