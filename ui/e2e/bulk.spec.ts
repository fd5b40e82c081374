import { approver, enterAs, officer } from './office';
import { at, desk, expect, expectSound, test } from './page';
import { begin, receipt } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('several cases are given to a member at once', async ({ visit }) => {
  const references: string[] = [];
  for (const email of ['kari.nordmann@fjordlys-kunde.example', 'astrid.solberg@example.org']) {
    const person = await visit(portal.url);
    await begin(person, letters, 'access', email);
    await person.getByRole('button', { name: 'Send kravet' }).click();
    references.push(await receipt(person));
  }
  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  for (const reference of references) {
    await expect(office.getByRole('link', { name: reference })).toBeVisible();
  }
  const all = office.getByRole('checkbox', { name: 'Velg alle som vises' });
  const rows = office.getByRole('row').filter({ has: office.getByRole('rowheader') });
  const shown = await rows.count();
  await expect(office.getByRole('button', { name: 'Fordel sakene' })).toHaveCount(0);

  // By keyboard: Space chooses the row and does not open it.
  await office.getByRole('checkbox', { name: `Velg ${references[0]}` }).focus();
  await office.keyboard.press('Space');
  await expect(office.getByText('1 sak er valgt')).toBeVisible();
  expect(await all.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await at(office, 'Innboks');
  await office.getByLabel('Hvem tar sakene?').selectOption({ label: 'Jeg selv' });
  await office.getByRole('button', { name: 'Fordel sakene' }).click();
  await expect(office.getByText(`1 sak er gitt til ${officer}.`)).toBeVisible();
  await expect(all).toBeFocused();
  await expect(office.getByText(/valgt$/)).toHaveCount(0);
  const first = rows.filter({ hasText: references[0] ?? '' });
  await expect(first).toContainText(officer);

  await all.check();
  await expect(office.getByText(`${shown} saker er valgt`)).toBeVisible();
  await expectSound(office);
  await office.setViewportSize({ width: 390, height: 844 });
  await expectSound(office);
  await office.setViewportSize({ width: 1280, height: 900 });
  await office.getByLabel('Hvem tar sakene?').selectOption({ label: approver });
  await office.getByRole('button', { name: 'Fordel sakene' }).click();
  await expect(office.getByText(`${shown} saker er gitt til ${approver}.`)).toBeVisible();
  for (const reference of references) {
    await expect(rows.filter({ hasText: reference })).toContainText(approver);
  }
  // Once more: nothing is left to give, and the page says so.
  await all.check();
  await office.getByLabel('Hvem tar sakene?').selectOption({ label: approver });
  await office.getByRole('button', { name: 'Fordel sakene' }).click();
  await expect(office.getByText(`${shown} hadde ${approver} fra før.`)).toBeVisible();
});
