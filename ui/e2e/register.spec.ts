import { enterAs, officer } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { Portal } from './portal';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

test('the register is edited on pages, by two at once, and an older version is put back', async ({
  visit,
}) => {
  const own = await Portal.start({ demo: true });
  try {
    const page = await visit(own.url, desk);
    await enterAs(page, officer);
    const edit = async (on: typeof page, name: string) => {
      await on.goto('/staff/register');
      await at(on, 'Protokoll');
      await on.getByRole('button', { name: `Rediger ${name}`, exact: true }).click();
      await expect(on.getByRole('group', { name: 'Formål' })).toBeVisible();
    };
    await edit(page, 'Nettlogg');

    // What cannot stand is told beside its field while one types, with a way there from the end.
    const retention = page.getByRole('group', { name: 'Lagringstid' });
    await retention.getByLabel('Måneder').fill('to');
    await expect(retention.getByText('skriv et helt tall')).toBeVisible();
    await page.getByRole('button', { name: 'Gå til feltet' }).click();
    await expect(retention.getByLabel('Måneder')).toBeFocused();
    await retention.getByLabel('Måneder').fill('4');
    await expect(retention.getByText('skriv et helt tall')).toBeHidden();

    // A kind of data is found by its name.
    const categories = page.getByRole('group', { name: 'Kategorier av opplysninger' });
    await categories.getByText('Velg fra listen').click();
    await categories.getByLabel('Søk i listen').fill('e-post');
    await expect(categories.getByRole('status')).not.toHaveText(/^86 /);
    await categories
      .getByRole('checkbox', { name: /E-post/ })
      .first()
      .check();
    await expectSound(page);

    // Somebody else saves meanwhile: their change is taken in, and nothing typed is lost.
    const other = await visit(own.url, phone);
    await enterAs(other, officer);
    await edit(other, 'Nyhetsbrev');
    await other
      .getByRole('group', { name: 'Formål' })
      .getByLabel('Bokmål')
      .fill('Vi sender nyheter.');
    await expectSound(other);
    await other.getByRole('button', { name: 'Lagre ny versjon' }).click();
    await expect(other.getByRole('paragraph').getByText('Vi sender nyheter.')).toBeVisible();

    await page.getByLabel('Hvorfor endrer du?').fill('Etter gjennomgang av loggene');
    await page.getByRole('button', { name: 'Lagre ny versjon' }).click();
    await page.getByRole('button', { name: 'Ta inn endringene' }).click();
    await page.getByRole('button', { name: 'Lagre ny versjon' }).click();
    await expect(page.getByRole('paragraph').getByText('Vi sender nyheter.')).toBeVisible();

    // An activity that a system points at stays, and which system is said.
    await edit(page, 'Kunderegister');
    await page.getByRole('button', { name: 'Fjern aktiviteten' }).click();
    await page.getByRole('button', { name: 'Lagre ny versjon' }).click();
    await expect(
      page.getByText(/Aktiviteten «Kunderegister» kan ikke fjernes: systemet «/),
    ).toBeVisible();
    await page.getByRole('button', { name: 'Avbryt' }).click();

    // Who, when and why; what changed in words; and back again.
    await page.getByRole('button', { name: 'Versjoner' }).click();
    const newest = page.getByRole('listitem').filter({ hasText: 'Etter gjennomgang av loggene' });
    await newest.getByText('Hva som ble endret').click();
    await expect(newest.getByText('Lagringstid › Måneder')).toBeVisible();
    await expectSound(page);
    await page.getByRole('button', { name: 'Gjenopprett versjon 2', exact: true }).click();
    await expect(page.getByText('Versjon 2 gjenopprettet').first()).toBeVisible();
    await page.getByRole('button', { name: 'Tilbake til protokollen' }).click();
    await expect(page.getByRole('paragraph').getByText('Vi sender nyheter.')).toBeHidden();
  } finally {
    await own.stop();
  }
});
