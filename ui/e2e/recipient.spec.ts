import {
  approve,
  approver,
  enterAs,
  executed,
  lookOver,
  officer,
  openCase,
  searched,
  switchTo,
} from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, openOwnCase, receipt } from './person';
import { Letterbox, type Mail, Portal } from './portal';

const kari = 'kari.nordmann@fjordlys-kunde.example';
const carrier = 'personvern@pakkelevering.example';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

function linkIn({ text }: Mail): string {
  const path = /(\/recipient#[0-9a-f]{32}\.[A-Za-z0-9_-]{43})/.exec(text)?.[1];
  if (!path) throw new Error('the mail has no link');
  return path;
}

test('who got the data is told of the erasure and answers, and the person reads of it', async ({
  visit,
}) => {
  const page = await visit(portal.url);
  await begin(page, letters, 'erasure', kari);
  await page.getByRole('button', { name: 'Se hva som skjer' }).click();
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  await approve(await lookOver(office, 'keep'), 'Jeg har sett over, be en kollega godkjenne');
  await switchTo(office, approver);
  await approve(await lookOver(office), 'Godkjenn slettingen');
  await executed(office);

  const told = await letters.next(carrier, new RegExp(reference));
  expect(told.text).not.toMatch(/nordmann|Kari/i);
  const recipient = await visit(portal.url);
  await recipient.goto(linkIn(told));
  await at(recipient, 'Til dere som har fått opplysninger');
  expect(new URL(recipient.url()).hash, 'the secret does not stay in the address').toBe('');
  await recipient.getByRole('button', { name: 'Vis hvem det gjelder' }).click();
  await at(recipient, 'Dette må dere gjøre');
  for (const fact of [kari, 'Fjordlys AS', 'Utlevering til samarbeidspartnere', reference]) {
    await expect(recipient.locator('.facts-list')).toContainText(fact);
  }
  await recipient.getByRole('button', { name: 'Send svaret' }).click();
  await expect(recipient.getByRole('link', { name: 'Velg hva som er gjort.' })).toBeVisible();
  await recipient.getByRole('radio', { name: 'Det er ikke mulig' }).check();
  await recipient.getByRole('button', { name: 'Send svaret' }).click();
  await expect(
    recipient.getByRole('link', { name: 'Skriv hvorfor det ikke er mulig.' }),
  ).toBeVisible();
  await expectSound(recipient);
  await recipient.getByRole('radio', { name: 'Det er gjort hos oss' }).check();
  await recipient.getByRole('button', { name: 'Send svaret' }).click();
  await at(recipient, 'Takk for hjelpen');
  await recipient.goto('/');
  await recipient.goto(linkIn(told));
  await recipient.getByRole('button', { name: 'Vis hvem det gjelder' }).click();
  await expect(recipient.getByText('Dere har alt svart på dette.')).toBeVisible();

  await office.reload();
  const list = office.locator('#recipients');
  await expect(list.locator('.task', { hasText: 'Pakkelevering Norge AS' })).toContainText(
    'Har bekreftet at det er gjort',
  );
  const fitters = list.locator('.task', { hasText: 'Montørlaget Nordvest AS' });
  await expect(fitters).toContainText('Ring montasjelederen');
  await fitters.getByRole('button', { name: /^Jeg har sagt fra/ }).click();
  await fitters.getByRole('button', { name: 'Lagre' }).click();
  await expect(fitters).toContainText('Skriv hvordan de fikk vite det.');
  await expectSound(office);
  await fitters.getByRole('textbox').fill('Ringte montasjelederen. Kunden er tatt ut.');
  await fitters.getByRole('button', { name: 'Lagre' }).click();
  await expect(fitters).toContainText('Har fått beskjed, ikke svart');
  await expectSound(office);

  await openOwnCase(page, reference);
  const mine = page.getByRole('region', { name: 'Hvem som har fått opplysningene' });
  await expect(
    mine.getByRole('listitem').filter({ hasText: 'Pakkelevering Norge AS' }),
  ).toContainText('Har svart at det er gjort');
  await expectSound(page);
});
