import { enterAs, officer } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { Portal } from './portal';

test('letters get the organisation’s own words, by two at once, and nothing that the law requires goes', async ({
  visit,
}) => {
  const own = await Portal.start({ demo: true });
  try {
    const page = await visit(own.url, desk);
    await enterAs(page, officer);
    await page.goto('/staff/settings');
    await at(page, 'Innstillinger');
    await page.getByRole('link', { name: 'Rediger brevtekstene' }).click();
    await at(page, 'Brevtekster');
    const preview = page.getByRole('region', { name: 'Slik blir brevet' });
    await expect(preview.getByRole('heading', { name: '10. Er du uenig?' })).toBeVisible();
    await expectSound(page);

    // The letter beside the form follows what is written, a field of the case filled in.
    await page.getByLabel('Tittel').fill('Svar i sak {reference}');
    await expect(
      preview.getByRole('heading', { name: 'Svar i sak MI-2026-7F3K-2Q' }),
    ).toBeVisible();
    await page.getByText('Overskrift og innledning: Er du uenig?').click();
    await page.locator('#letters-disagree-heading').fill('Slik klager du');
    await page.getByRole('button', { name: /^Flytt opp ?: Er du uenig\?$/ }).click();
    await expect(preview.getByRole('heading', { name: '9. Slik klager du' })).toBeVisible();
    // Every part stays, and none has a way out.
    await expect(preview.getByRole('heading', { name: /^11\. / })).toBeVisible();
    await expect(page.getByRole('button', { name: /Fjern|Slett/ })).toHaveCount(0);

    // A field that there is not is told before anything is saved.
    await page.locator('#letters-disagree-intro').fill('Passordet er {passord}.');
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(
      page.getByRole('link', {
        name: 'Feltet {passord} finnes ikke. Bruk et av feltene i listen.',
      }),
    ).toBeVisible();
    await expectSound(page);
    await page.locator('#letters-disagree-intro').fill('');

    // Somebody else words another letter meanwhile: both are kept.
    const other = await visit(own.url, desk);
    await enterAs(other, officer);
    await other.goto('/staff/settings/letters');
    await at(other, 'Brevtekster');
    await other.locator('#letters-letter').selectOption('refusal');
    await other.locator('#letters-locale').selectOption('en');
    await other.getByLabel('Tittel').fill('Our decision');
    await other.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(other.getByText('Brevtekstene er lagret.')).toBeVisible();

    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await page.getByRole('button', { name: 'Ta inn endringene' }).click();
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(page.getByText('Brevtekstene er lagret.')).toBeVisible();
    await expectSound(page);
    await page.reload();
    await at(page, 'Brevtekster');
    await expect(page.getByLabel('Tittel')).toHaveValue('Svar i sak {reference}');
    await expect(preview.getByRole('heading', { name: '9. Slik klager du' })).toBeVisible();
    await page.locator('#letters-letter').selectOption('refusal');
    await page.locator('#letters-locale').selectOption('en');
    await expect(preview.getByRole('heading', { name: 'Our decision' })).toBeVisible();

    // As a file: a duty that is taken out is named with its line.
    await page.getByRole('button', { name: 'Rediger som fil (YAML)' }).click();
    const file = page.getByLabel('Brevtekstene som YAML');
    const body = await file.inputValue();
    await file.fill(body.replace('      - part: reasons\n', ''));
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(page.getByText('delen «reasons» mangler, og loven krever den')).toBeVisible();
    await page.getByRole('button', { name: /^Gå til linje/ }).click();
    await expect(file).toBeFocused();
    await expectSound(page);
    await file.fill(body);
    await page.getByRole('button', { name: 'Tilbake til skjemaet' }).click();

    // Back to the standard text.
    await page.locator('#letters-letter').selectOption('refusal');
    await page.locator('#letters-locale').selectOption('en');
    await page.getByRole('button', { name: 'Bruk standardteksten' }).click();
    await expect(preview.getByRole('heading', { name: 'Our decision' })).toBeHidden();
    await page.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(page.getByText('Brevtekstene er lagret.')).toBeVisible();
    // Nothing is asked of a portal that has stopped.
    await Promise.all([page, other].map((each) => each.goto('about:blank')));
  } finally {
    await own.stop();
  }
});
