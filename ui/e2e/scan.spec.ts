import path from 'node:path';
import { approver, enterAs, officer } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { Portal } from './portal';

const kari = 'kari.nordmann@fjordlys-kunde.example';

test('an admin connects a database that nobody described, and tries it', async ({ visit }) => {
  const portal = await Portal.start({ demo: true });
  try {
    const page = await visit(portal.url, desk);
    await enterAs(page, officer);
    await page.goto('/staff/sources');
    await at(page, 'Hvor vi leter');
    await page.getByLabel('En database').check();
    await page.getByLabel('Type').selectOption('sqlite');
    await page.getByLabel('Navn').fill('Butikk nummer to');
    await page.getByLabel('Tilkobling').fill('sqlite:///finnes/ikke.db');
    await page.getByRole('button', { name: 'Se gjennom databasen' }).click();
    await expect(page.getByText('Filen finnes ikke der tilkoblingen peker').first()).toBeVisible();
    await expectSound(page);
    const file = path.join(portal.data, 'fjordlys', 'webshop.db');
    await page.getByLabel('Tilkobling').fill(`sqlite://${file}`);
    await page.getByRole('button', { name: 'Se gjennom databasen' }).click();

    const heading = page.getByRole('heading', { name: /^Tabell \d+ av \d+/ });
    await expect(heading).toHaveText('Tabell 1 av 12: customers');
    await expect(heading).toBeFocused();
    await expect(page.getByLabel('Hva email inneholder')).toHaveValue('user.contact.email');
    await expect(page.getByLabel('Hva birth_date inneholder')).toHaveValue(
      'user.demographic.date_of_birth',
    );
    await expectSound(page);
    // Keys are in no answer; what else stands in a customer's row is, unless somebody says no.
    await expect(page.getByText(/kolonner? blir ikke med i et svar/)).toBeVisible();
    await expect(page.getByLabel('Hva created_on inneholder')).toHaveValue('user');
    await expect(page.getByText('Sier det noe om dem?').first()).toBeVisible();
    // A decision of one's own, and a table that is left out.
    await page.getByLabel('Hva created_on inneholder').selectOption('user.account');
    await page.getByRole('button', { name: 'Stemmer, neste' }).click();
    await expect(heading).toHaveText('Tabell 2 av 12: newsletter_subscribers');
    await page.getByRole('button', { name: 'Ta ikke med tabellen' }).click();
    await expect(heading).toHaveText(/^Tabell 3 av 12/);
    await page.getByRole('button', { name: 'Godta resten som foreslått' }).click();

    await expect(page.getByRole('heading', { name: 'Prøv med en du kjenner' })).toBeFocused();
    await page.getByRole('button', { name: 'Prøv', exact: true }).click();
    await expect(page.getByRole('link', { name: 'Skriv en e-postadresse.' })).toBeVisible();
    await page.getByLabel('E-postadresse').fill(kari);
    await page.getByRole('button', { name: 'Prøv', exact: true }).click();
    const found = page.getByRole('status').filter({ hasText: 'Dette fant vi' });
    await expect(found).toContainText('customers: 1 rad');
    await expect(found).toContainText('orders');
    await expect(found).not.toContainText('newsletter_subscribers');
    await expectSound(page);
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(page.getByText('Lagt til: Butikk nummer to')).toBeVisible();
    await page.getByRole('link', { name: 'Butikk nummer to' }).click();
    await at(page, 'Butikk nummer to');
    const dataset = page.getByLabel('Datasettfil (YAML)');
    await expect(dataset).toHaveValue(/name: created_on\n\s+data_categories: \[user\.account\]/);
    await expect(dataset).toHaveValue(
      /name: newsletter_subscribers\n\s+fides_meta: \{skip_processing: true\}/,
    );
    // Without a word about it, the table is something new: the colleague who switches the system on is told.
    await dataset.fill(
      (await dataset.inputValue()).replace(/ *- name: newsletter_subscribers\n.*\n.*\n/, ''),
    );
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(page.getByText('Lagret som versjon 2.')).toBeVisible();
    const colleague = await visit(portal.url, desk);
    await enterAs(colleague, approver);
    await colleague.goto('/staff/sources');
    await colleague.getByRole('link', { name: 'Butikk nummer to' }).click();
    await colleague.getByRole('button', { name: 'Slå på' }).click();
    await expect(colleague.getByText('Lagret som versjon 3.')).toBeVisible();
    await colleague.getByRole('button', { name: 'Prøv tilkoblingen' }).click();
    await expect(
      colleague.getByText('Tabellen newsletter_subscribers er ikke beskrevet'),
    ).toBeVisible();
    await colleague.getByRole('link', { name: 'Innboks' }).click();
    await expect(colleague.getByText('Nye personopplysninger som ikke er beskrevet')).toBeVisible();
    await expectSound(colleague);
  } finally {
    await portal.stop();
  }
});
