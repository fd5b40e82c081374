import { approver, enterAs, officer, openCase, preview, searched, send, switchTo } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, receipt, typeCode } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

type Visit = Parameters<Parameters<typeof test>[2]>[0]['visit'];

/** One person who has asked to see, on the page of the case, and the office on the same case. */
async function bothSides(visit: Visit, email: string) {
  const page = await visit(portal.url);
  await begin(page, letters, 'access', email);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);
  await page.getByRole('link', { name: 'Gå til saken' }).click();
  await at(page, 'Krav om innsyn');
  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  return { page, office, reference };
}

test('a person takes the request back', async ({ visit }) => {
  const { page, office } = await bothSides(visit, 'viktor.storm@example.com');
  await page.getByRole('button', { name: 'Trekk kravet' }).click();
  const sure = page.getByRole('dialog', { name: 'Vil du trekke kravet?' });
  await expect(sure).toBeVisible();
  await expectSound(page);
  await sure.getByRole('button', { name: 'Ja, trekk kravet' }).click();
  await expect(page.locator('.status-line')).toContainText('Trukket');
  await expect(page.getByRole('button', { name: 'Trekk kravet' })).toBeHidden();
  await office.reload();
  await expect(office.getByRole('button', { name: 'Se over' })).toBeHidden();
  await expectSound(office);
});

test('what a person says of who they are is erased when it is needed no longer', async ({
  visit,
}) => {
  const { page, office } = await bothSides(visit, 'solveig.tvil@example.com');
  await office.getByRole('button', { name: 'Spør personen' }).click();
  const ask = office.getByRole('dialog', { name: 'Spør personen' });
  await ask.getByRole('radio', { name: 'Rimelig tvil om hvem personen er' }).check();
  await ask.getByLabel('Hvorfor er dere i tvil?').fill('To kunder har dette navnet.');
  await ask.getByRole('button', { name: 'Send spørsmålet' }).click();
  await expect(ask).toBeHidden();
  await page.reload();
  await expect(page.getByText(/^Vi bruker svaret bare til å finne ut hvem du er/)).toBeVisible();
  await expectSound(page);
  await page.getByLabel('Svaret ditt').fill('Jeg kjøpte en grønn lampe i mai.');
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await expect(page.getByText('Jeg kjøpte en grønn lampe i mai.')).toBeVisible();

  await office.reload();
  await expect(office.getByText('Jeg kjøpte en grønn lampe i mai.')).toBeVisible();
  await expect(office.getByText(/^Slettes når det er avgjort hvem personen er/)).toBeVisible();
  await expectSound(office);
  await page.getByRole('button', { name: 'Trekk kravet' }).click();
  await page.getByRole('button', { name: 'Ja, trekk kravet' }).click();
  await expect(page.locator('.status-line')).toContainText('Trukket');
  await page.reload();
  await expect(page.getByText(/^Slettet hos oss/)).toBeVisible();
  await expect(page.getByText('Vi slettet det du svarte om hvem du er')).toBeVisible();
  await expect(page.getByText('Jeg kjøpte en grønn lampe i mai.')).toHaveCount(0);
  await expectSound(page);
  await office.reload();
  await expect(office.getByText(/^Et svar om hvem personen er/)).toBeVisible();
  await expect(office.getByText('Jeg kjøpte en grønn lampe i mai.')).toHaveCount(0);
  await expectSound(office);
});

test('messages go both ways, the time is extended, and the request is refused', async ({
  visit,
}) => {
  const henrik = 'henrik.vik@elektropartner.example';
  const { page, office, reference } = await bothSides(visit, henrik);
  await page.getByLabel('Skriv til oss').fill('Gjelder det også e-post?');
  await page.getByRole('button', { name: 'Send meldingen' }).click();
  await expect(page.getByText('Meldingen er sendt.')).toBeVisible();
  await letters.next('ingrid.aasen@fjordlys.example', new RegExp(reference));

  await office.reload();
  await expect(office.getByText('Gjelder det også e-post?')).toBeVisible();
  await office.getByLabel('Skriv til personen, eller et notat til saken').fill('Ja, også den.');
  await office.getByRole('button', { name: 'Send til personen' }).click();
  await expect(office.getByText('Meldingen er sendt.')).toBeVisible();
  await letters.next(henrik, /^Ny melding i saken din/);
  await page.reload();
  await expect(page.getByText('Ja, også den.')).toBeVisible();
  await expectSound(page);

  const due = page.locator('.due');
  const first = (await due.textContent()) ?? '';
  await office.getByRole('button', { name: 'Forleng fristen' }).click();
  const extend = office.getByRole('dialog', { name: 'Forleng fristen' });
  await extend.getByRole('checkbox').first().check();
  await extend
    .getByLabel('Begrunnelse til personen')
    .fill('Kravet omfatter to systemer som må leses for hånd.');
  await expectSound(office);
  await extend.getByRole('button', { name: 'Forleng og si fra til personen' }).click();
  await expect(extend).toBeHidden();
  await letters.next(henrik, /^Vi trenger mer tid/);
  await page.reload();
  await expect(due).toBeVisible();
  await expect(due).not.toHaveText(first);

  // A further copy may cost something: told before any work, without a word of refusing.
  await office.getByRole('button', { name: 'Varsle et gebyr' }).click();
  const fee = office.getByRole('dialog', { name: 'Varsle et gebyr' });
  await fee.getByRole('button', { name: 'Send varselet' }).click();
  await expect(fee.getByText('Velg hva gebyret bygger på.').first()).toBeVisible();
  await expectSound(office);
  await fee
    .getByLabel('Hva gebyret bygger på')
    .selectOption('En kopi til av de samme opplysningene (artikkel 15 nr. 3)');
  await fee
    .getByLabel('Hvorfor, i denne saken')
    .fill('Den samme kopien ble sendt for to uker siden.');
  await fee.getByLabel('Gebyr i kroner').fill('120');
  await fee.getByLabel('Hva gebyret dekker').fill('Utskrift og porto');
  await fee.getByRole('button', { name: 'Send varselet' }).click();
  await expect(fee).toBeHidden();
  await expect(office.getByText('Personen har fått varsel om gebyret.')).toBeVisible();
  await letters.next(henrik, /^Ny melding i saken din/);

  await office.getByRole('button', { name: 'Avslå hele kravet' }).click();
  const refuse = office.getByRole('dialog', { name: 'Avslå hele kravet' });
  await refuse.getByLabel('Hjemmel').selectOption({ index: 1 });
  await refuse
    .getByLabel('Begrunnelse til personen')
    .fill('Det samme kravet ble besvart for to uker siden.');
  await expectSound(office);
  // That somebody abuses the right is not for one member alone to say.
  await refuse.getByRole('button', { name: 'Foreslå avslaget' }).click();
  await expect(refuse).toBeHidden();
  await expectSound(office);
  await switchTo(office, approver);
  await office.getByRole('button', { name: 'Se over og godkjenn' }).click();
  await refuse.getByRole('button', { name: 'Avslå og si fra til personen' }).click();
  await expect(refuse).toBeHidden();
  await letters.next(henrik, /^Svar på kravet ditt/);
  await page.reload();
  await expect(page.locator('.status-line')).toContainText('Avslått');
  await expect(page.getByText('Det samme kravet ble besvart')).toBeVisible();
  await expect(page.getByText(/Datatilsynet/).first()).toBeVisible();
  await expectSound(page);
});

test('who is answered on paper is told of a fee in a letter', async ({ visit }) => {
  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await office.goto('/staff/cases/new');
  await office.getByRole('radio', { name: 'Brev' }).check();
  await office.getByRole('checkbox', { name: 'Innsyn' }).check();
  await office.getByLabel('Personens egne ord').fill('Send meg kopien en gang til.');
  await office.getByRole('textbox', { name: 'Navn', exact: true }).fill('Per Holm');
  await office.getByRole('textbox', { name: 'Postadresse' }).fill('Elvegata 2, 2670 Otta');
  await office.getByRole('radio', { name: 'På papir' }).check();
  await office.getByRole('button', { name: 'Registrer kravet' }).click();
  await expect(office.locator('.case-head .reference')).toBeVisible();
  await office.getByRole('button', { name: 'Varsle et gebyr' }).click();
  const fee = office.getByRole('dialog', { name: 'Varsle et gebyr' });
  await expect(fee.getByText(/skriv ut varselet under Meldinger/)).toBeVisible();
  await fee
    .getByLabel('Hva gebyret bygger på')
    .selectOption('En kopi til av de samme opplysningene (artikkel 15 nr. 3)');
  await fee
    .getByLabel('Hvorfor, i denne saken')
    .fill('Den samme kopien ble sendt for to uker siden.');
  await fee.getByLabel('Gebyr i kroner').fill('120');
  await fee.getByLabel('Hva gebyret dekker').fill('Utskrift og porto');
  await expectSound(office);
  await fee.getByRole('button', { name: 'Legg varselet i saken' }).click();
  await expect(fee).toBeHidden();
  await expect(office.getByText(/Skriv det ut og send det\./)).toBeVisible();
  const message = office.getByRole('listitem').filter({ hasText: '120 kroner' }).first();
  await expect(message.getByRole('button', { name: /^Skriv ut/ })).toBeVisible();
  await expectSound(office);
});

test('an older address is asked for, and what it finds waits for its confirmation', async ({
  visit,
}) => {
  const gunnar = 'gunnar.moe@example.net';
  const { page, office } = await bothSides(visit, gunnar);
  await askForOlder(office);
  await letters.next(gunnar, /^Kan vi ha deg registrert på en annen måte/);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Vi har et spørsmål til deg' })).toBeVisible();
  await expectSound(page);
  await page.getByLabel('En eldre e-postadresse').fill('gunnar.moe@gammelpost.example');
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await expect(page.getByRole('heading', { name: 'Vi har et spørsmål til deg' })).toBeHidden();

  await office.reload();
  await expect(office.getByText('Funnet med ubekreftet adresse').first()).toBeVisible();
  await expectSound(office);
  await office.getByRole('button', { name: /^Bekreft ?: gunnar\.moe@gammelpost/ }).click();
  const judge = office.getByRole('dialog', { name: /gunnar\.moe@gammelpost/ });
  await judge.getByLabel('Hvordan er det bekreftet?').fill('Ringte nummeret vi hadde fra før.');
  await judge.getByRole('button', { name: 'Bekreft', exact: true }).click();
  await expect(judge).toBeHidden();
  await expect(office.getByText('Funnet med ubekreftet adresse')).toHaveCount(0, {
    timeout: 60_000,
  });
  await searched(office);
});

test('a customer number is confirmed from the mailbox that is on file', async ({ visit }) => {
  const now = 'ola.ny@example.net';
  const onFile = 'ola.nordmann@fjordlys-kunde.example';
  const { page, office, reference } = await bothSides(visit, now);
  await askForOlder(office);
  await letters.next(now, /^Kan vi ha deg registrert på en annen måte/);
  await page.reload();
  await page.getByLabel('Et kundenummer').fill('K-100002');
  await page.getByRole('button', { name: 'Send svaret' }).click();
  await expect(page.getByRole('heading', { name: 'Vi har et spørsmål til deg' })).toBeHidden();

  await office.reload();
  await expect(office.getByText('Funnet med ubekreftet adresse').first()).toBeVisible();
  await office.getByRole('button', { name: /^Send kode til adressen vi har ?: K-100002/ }).click();
  await expect(
    office.getByText(/^Kode sendt til adressen vi har\. Vi venter på svar/),
  ).toBeVisible();
  await expect(office.getByText(onFile), 'nobody is told the address').toHaveCount(0);
  await expectSound(office);

  const mail = await letters.next(onFile, /^Er det du som har skrevet til oss\?/);
  expect(mail.subject).toContain(reference);
  expect(mail.text).not.toContain(now);
  const code = /^[0-9A-Z]{4}-[0-9A-Z]{4}$/m.exec(mail.text)?.[0] ?? '';
  const link = /\/confirm\/[0-9a-f]{32}$/m.exec(mail.text)?.[0] ?? '';
  const phone = await visit(portal.url, { viewport: { width: 320, height: 640 } });
  await phone.goto(link);
  await at(phone, 'Er det du som har skrevet til oss?');
  await expectSound(phone);
  await typeCode(phone, '0000-0000', 'Ja, kravet er mitt');
  await expect(phone.getByText(/^Koden er feil, brukt eller for gammel/)).toBeVisible();
  await expectSound(phone);
  await typeCode(phone, code, 'Ja, kravet er mitt');
  await at(phone, 'Takk, det er bekreftet');
  await expect(phone.getByText(now)).toHaveCount(0);
  await expectSound(phone);

  await office.reload();
  await expect(
    office.getByText('Bekreftet med kode til en e-postadresse dere hadde fra før'),
  ).toBeVisible();
  await expect(office.getByText('Funnet med ubekreftet adresse')).toHaveCount(0, {
    timeout: 60_000,
  });
  await searched(office);
});

test('of whom nothing is held gets an answer that says where we looked', async ({ visit }) => {
  const nora = 'nora.ukjent@example.net';
  const { page, office } = await bothSides(visit, nora);
  await askForOlder(office);
  await letters.next(nora, /^Kan vi ha deg registrert på en annen måte/);
  await page.reload();
  await page.getByRole('button', { name: 'Jeg har ikke noe eldre' }).click();
  await expect(page.getByRole('heading', { name: 'Vi har et spørsmål til deg' })).toBeHidden();
  await office.reload();
  const letter = await preview(office, 'Svar at dere ikke har noe');
  await send(office, letter);
  await letters.next(nora, /^Vi fant ingen opplysninger om deg/);
  await page.reload();
  await expect(page.locator('.status-line')).toContainText('Ingenting funnet');
  await expect(page.getByRole('heading', { name: 'Her har vi lett' })).toBeVisible();
  await expectSound(page);
});

/** Nothing was found: the person is asked once. */
async function askForOlder(office: Awaited<ReturnType<Visit>>): Promise<void> {
  await office.getByRole('button', { name: 'Spør om en eldre adresse' }).click();
  const ask = office.getByRole('dialog', { name: 'Spør personen' });
  await expect(ask).toBeVisible();
  await expectSound(office);
  await ask.getByRole('button', { name: 'Send spørsmålet' }).click();
  await expect(ask).toBeHidden();
}
