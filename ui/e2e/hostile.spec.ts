import { enterAs, officer, openCase, searched } from './office';
import { at, desk, expect, test } from './page';
import { begin, openOwnCase, receipt } from './person';
import { Letterbox, Portal } from './portal';

let portal: Portal;
let letters: Letterbox;

test.beforeAll(async () => {
  portal = await Portal.start({ demo: true });
  letters = new Letterbox(portal.demoMails);
});

test.afterAll(() => portal.stop());

/** What would run, load, break out or take over names, were it more than text. */
const hostile = [
  '<script>alert(1)</script>',
  '"><img src=https://evil.example/x onerror=alert(1)>',
  "'-alert(1)-'",
  '</textarea></title></style><svg onload=alert(1)>',
  '<iframe src="https://evil.example/"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<form id=location name=body><input name=cookie>',
  '<base href="https://evil.example/">',
  '<meta http-equiv=refresh content="0;url=https://evil.example/">',
  '{{constructor.constructor("alert(1)")()}} #{alert(1)} [x](javascript:alert(1))',
  'https://evil.example/ javascript:alert(1)',
  '__proto__ constructor \u202egpj.exe',
].join('\n');

test('what would run as code is text, on both sides', async ({ visit }) => {
  const page = await visit(portal.url);
  const office = await visit(portal.url, desk);
  const dialogs: string[] = [];
  for (const side of [page, office]) {
    side.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      return dialog.dismiss();
    });
  }
  await begin(page, letters, 'access', 'lena.strand@example.com');
  await page.getByLabel('Er det noe særlig du leter etter? (valgfritt)').fill(hostile);
  await page.getByRole('button', { name: 'Send kravet' }).click();
  const reference = await receipt(page);
  await openOwnCase(page, reference);
  await page.getByLabel('Skriv til oss').fill(hostile);
  await page.getByRole('button', { name: 'Send meldingen' }).click();
  await expect(page.getByText('Meldingen er sendt.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('<script>alert(1)</script>').first()).toBeVisible();

  await enterAs(office, officer);
  await openCase(office, reference);
  await searched(office);
  await expect(office.getByText('<script>alert(1)</script>').first()).toBeVisible();
  await office.getByLabel('Skriv til personen, eller et notat til saken').fill(hostile);
  await office.getByRole('button', { name: 'Send til personen' }).click();
  await expect(office.getByText('Meldingen er sendt.')).toBeVisible();
  await office.reload();
  await expect(office.getByText('<script>alert(1)</script>').last()).toBeVisible();
  await office.goto(`/staff/?q=${encodeURIComponent(hostile)}`);
  await at(office, 'Innboks');
  await page.reload();
  await expect(page.getByText('<script>alert(1)</script>').last()).toBeVisible();
  for (const side of [page, office]) {
    const planted = side.locator('script:not([src]), iframe, img[src*=evil], base, form#location');
    await expect(planted).toHaveCount(0);
    expect(new URL(side.url()).origin).toBe(portal.url);
  }
  expect(dialogs).toEqual([]);
});
