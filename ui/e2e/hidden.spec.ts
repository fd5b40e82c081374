import { enterAs, officer, openCase, searched } from './office';
import { desk, expect, expectSound, test } from './page';
import { begin, receipt } from './person';
import { Letterbox, Portal } from './portal';

const silje = 'silje.dahl@example.org';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

test('what needs particular protection is shown with a reason, and the log says so', async ({
  visit,
}) => {
  const person = await visit(portal.url);
  await begin(person, letters, 'access', silje);
  await person.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(person);

  const office = await visit(portal.url, desk);
  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  const hidden = office.getByRole('button', { name: /^Vis skjult\s*: Fødselsnummer/ });
  const closed = office.getByRole('button', { name: /^Vis radene/ });
  for (let left = await closed.count(); left > 0 && (await hidden.count()) === 0; left--) {
    await closed.first().click();
    await expect(closed).toHaveCount(left - 1);
    await office.waitForLoadState('networkidle');
  }
  await expect(hidden.first()).toBeVisible();
  await hidden.first().evaluate((button) => button.closest('td')?.setAttribute('id', 'number'));
  await expect(office.locator('#number')).not.toContainText(/\d{6}/);
  await expectSound(office);
  await hidden.first().click();
  const dialog = office.getByRole('dialog', { name: 'Vis det som er skjult' });
  await dialog.getByLabel('Hvorfor må du se dette?').selectOption({ label: 'Noe annet' });
  await expectSound(office);
  await dialog.getByRole('button', { name: 'Vis', exact: true }).click();
  await expect(dialog.getByText(/Velg hvorfor du må se dette/).first()).toBeVisible();
  await dialog.getByLabel('Hva gjelder det?').fill('Navnene er like');
  await dialog.getByRole('button', { name: 'Vis', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(office.locator('#number')).toHaveText(/^\d{11}$/);
  await expectSound(office);

  await office.goto('/staff/audit');
  await expect(office.getByText('Skjulte felt ble vist').first()).toBeVisible();
  await expect(office.locator('main')).not.toContainText('Navnene er like');
});
