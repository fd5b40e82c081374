import type { Page } from '@playwright/test';
import personEn from '../src/text/person.en';
import personNb, { type PersonKey } from '../src/text/person.nb';
import personNn from '../src/text/person.nn';
import { en as staffEn } from '../src/text/staff.en';
import { type StaffKey, nb as staffNb } from '../src/text/staff.nb';
import { nn as staffNn } from '../src/text/staff.nn';
import { forms, offices, persons } from './list';
import {
  approve,
  approver,
  enterAs,
  executed,
  lookOver,
  officer,
  openCase,
  preview,
  searched,
  send,
  switchTo,
} from './office';
import { desk, expect, type test } from './page';
import { begin, proveAgain, type Right, receipt, typeCode } from './person';
import { Letterbox, type Mail, type Portal } from './portal';

export type Visit = Parameters<Parameters<typeof test>[2]>[0]['visit'];

const catalogues = {
  person: { nb: personNb, nn: personNn, en: personEn },
  office: { nb: staffNb, nn: staffNn, en: staffEn },
} as const;
export type Side = keyof typeof catalogues;
export type Language = 'nb' | 'nn' | 'en';
/** A text of the screen in the language that the page speaks. */
export type Say = (key: PersonKey | StaffKey) => string;

export function says(side: Side, language: Language): Say {
  const texts: Record<string, string> = catalogues[side][language];
  return (key) => texts[key] ?? key;
}

/** One page as somebody meets it, or what they open on it. */
export interface Sight {
  name: string;
  path: string;
  /** What is done before it is looked at. */
  open?: (page: Page, say: Say) => Promise<void>;
  /** It is looked at as it is printed. */
  print?: boolean;
}

export interface Seen {
  side: Side;
  page: Page;
  /** Signs in again, where whoever looks has been signed out meanwhile. */
  signIn?: () => Promise<void>;
  sights: readonly Sight[];
}

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
const kari = 'kari.nordmann@fjordlys-kunde.example';
const astrid = 'astrid.solberg@example.org';

/** Presses the button of this text, or one that begins with it and then says what it is about. */
function press(...keys: (PersonKey | StaffKey)[]) {
  return async (page: Page, say: Say) => {
    for (const key of keys) {
      const text = say(key).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      await page
        .getByRole('button', { name: new RegExp(`^${text}(:|$|\\s)`) })
        .first()
        .click();
    }
  };
}

/** Unfolds the part under this text. */
function unfold(...keys: (PersonKey | StaffKey)[]) {
  return async (page: Page, say: Say) => {
    for (const key of keys)
      await page
        .locator('summary', { hasText: say(key) })
        .first()
        .click();
  };
}

/** One after the other. */
function then(...acts: NonNullable<Sight['open']>[]) {
  return async (page: Page, say: Say) => {
    for (const act of acts) await act(page, say);
  };
}

const listed = ([path]: readonly [string, unknown]): Sight => ({
  name: path.replace(/0{32}/, 'id').replace(/\W+/g, '-').replace(/^-/, '') || 'landing',
  path,
});

function linkIn({ text }: Mail, page: string): string {
  const path = new RegExp(`(/${page}#[0-9a-f]{32}\\.[A-Za-z0-9_-]{43})`).exec(text)?.[1];
  if (!path) throw new Error(`the mail has no link to ${page}`);
  return path;
}

/** What a stage gives; nothing where it could not be set. */
type Parts = Record<string, unknown>;

/**
 * Sets the demo up so that every page has something to show, and says what there is to look at. A stage
 * that cannot be set is a fault of its own: the others are looked at all the same.
 */
export async function staged(portal: Portal, visit: Visit, faults: string[]): Promise<Seen[]> {
  const letters = new Letterbox(portal.demoMails);
  const office = await visit(portal.url, desk);
  await enterAs(office, approver);
  await colleagueFor(office);
  await changesWait(office);
  await switchTo(office, officer);
  const stage = new Stage(portal, visit, letters, office);
  const attempt = async <P extends Parts>(name: string, set: () => Promise<P>) => {
    try {
      return await set();
    } catch (error) {
      faults.push(`stage ${name}: ${String(error).split('\n').slice(0, 3).join(' ')}`);
      await office.goto('/staff/');
      return undefined;
    }
  };
  const answered = await attempt('answered', () => stage.answered());
  const waiting = await attempt('waiting', () => stage.waiting());
  const other = await attempt('other', () => stage.other());
  const changing = await attempt('changing', () => stage.changing());
  const told = await attempt('told', () => stage.told());
  const asked = await attempt('asked', () => stage.asked());
  const parted = await attempt('parted', () => stage.parted());
  const drill = await attempt('drill', () => stage.drill());
  const stranger = await visit(portal.url, phone);
  await stranger.goto('/');
  return [
    {
      side: 'person',
      page: stranger,
      sights: [
        ...persons.map(listed),
        ...(told?.persons ?? []),
        ...(asked?.persons ?? []),
        ...(changing?.links ?? []),
      ],
    },
    ...[answered, waiting, changing, told?.own, parted?.own].flatMap((each): Seen[] =>
      each
        ? [
            {
              side: 'person',
              page: each.page,
              sights: each.persons,
              signIn: () => stage.signIn(each.page, each.email),
            },
          ]
        : [],
    ),
    {
      side: 'office',
      page: office,
      sights: [
        ...offices.map(listed),
        ...officeParts,
        ...(answered?.offices ?? []),
        ...(waiting?.offices ?? []),
        ...(other?.offices ?? []),
        ...(told?.offices ?? []),
        ...(asked?.offices ?? []),
        ...(parted?.offices ?? []),
        ...(drill?.offices ?? []),
      ],
    },
  ];
}

/** What is opened on the office's own pages. */
const officeParts: readonly Sight[] = [
  { name: 'inbox-all', path: '/staff/?view=all' },
  { name: 'inbox-none', path: '/staff/?q=finnesikke' },
  {
    name: 'new-case-company',
    path: '/staff/cases/new',
    open: async (page) => {
      await page.locator('#case-standing-kind').selectOption('company');
    },
  },
  { name: 'new-case-empty', path: '/staff/cases/new', open: press('new.submit') },
  { name: 'breach-new', path: '/staff/breaches', open: press('breach.new') },
  { name: 'breach-assess', path: '/staff/breaches', open: press('breach.assess') },
  { name: 'informing-done', path: '/staff/informing', open: press('informing.do') },
  { name: 'register-edit', path: '/staff/register', open: press('register.edit') },
  { name: 'register-versions', path: '/staff/register', open: press('reg.versions') },
  ...['mail', 'told', 'register', 'places', 'done'].map((step) => ({
    name: `start-${step}`,
    path: `/staff/start?step=${step}`,
  })),
];

/** A place where a colleague looks. */
async function colleagueFor(office: Page): Promise<void> {
  await office.goto('/staff/sources');
  await office.getByRole('radio', { name: 'Et sted der en person ser etter' }).check();
  await office.getByLabel('Stedet').fill('Permen i arkivet');
  await office.getByLabel('Hvordan letes det der?').fill('Se under etternavnet.');
  await office.getByLabel('Kollegaens navn').fill('Mia Arkiv');
  await office.getByLabel('Kollegaens e-post').fill('mia.arkiv@fjordlys.example');
  await office.getByRole('button', { name: 'Legg til' }).last().click();
  await expect(office.getByRole('link', { name: 'Permen i arkivet' })).toBeVisible();
}

/** A change of address waits, so that there is something to stop. */
async function changesWait(office: Page): Promise<void> {
  await office.goto('/staff/settings');
  await office.locator('#settings-address_hours').fill('72');
  await office
    .locator('form', { has: office.locator('#settings-address_hours') })
    .getByRole('button', { name: 'Lagre' })
    .click();
  await expect(office.getByText('Innstillingene er lagret.')).toBeVisible();
}

class Stage {
  constructor(
    readonly portal: Portal,
    readonly visit: Visit,
    readonly letters: Letterbox,
    readonly office: Page,
  ) {}

  /** Somebody who has signed in to ask for a right. */
  async person(right: Right, email: string): Promise<Page> {
    const page = await this.visit(this.portal.url, phone);
    await begin(page, this.letters, right, email);
    return page;
  }

  /** Signs somebody in who has been away for too long. */
  async signIn(page: Page, email: string): Promise<void> {
    await page.goto('/cases');
    await page.evaluate(() => localStorage.setItem('mininfo.language', 'nb'));
    await page.reload();
    const again = page.getByRole('link', { name: 'Få en ny kode på e-post' });
    await expect(again.or(page.getByRole('heading', { name: 'Mine saker' })).first()).toBeVisible();
    if (!(await again.isVisible())) return;
    await again.click();
    await page.getByLabel('E-postadresse').fill(email);
    await page.getByRole('button', { name: 'Send meg en kode' }).click();
    await typeCode(page, await this.letters.code(email), 'Gå videre');
    await expect(page.getByRole('heading', { name: 'Mine saker' })).toBeVisible();
  }

  /** Sends the form that is open; gives the reference and where the receipt stands. */
  async sent(page: Page): Promise<{ reference: string; id: string }> {
    await page.getByRole('button', { name: /^(Send kravet|Trekk samtykket)$/ }).click();
    const reference = await receipt(page);
    return { reference, id: new URL(page.url()).pathname.split('/').pop() ?? '' };
  }

  /** Opens a case at the office; gives its path. */
  async opened(reference: string): Promise<string> {
    await openCase(this.office, reference);
    return new URL(this.office.url()).pathname;
  }

  /** Nobody looks any more where only the colleague could. */
  async placesDone(): Promise<void> {
    const nothing = this.office.getByRole('button', { name: /^Fant ingenting/ });
    await expect(nothing.first()).toBeVisible();
    for (let left = await nothing.count(); left > 0; left--) {
      await nothing.first().click();
      await expect(nothing).toHaveCount(left - 1);
    }
  }

  /** A request for access that was answered, and one of each other kind by the same person. */
  async answered() {
    const { office } = this;
    const page = await this.person('access', kari);
    const access = await this.sent(page);
    const accessPath = await this.opened(access.reference);
    await this.placesDone();
    await searched(office);
    const dialog = await lookOver(office);
    await approve(dialog);
    await send(office, await preview(office));
    await page.goto('/request/erasure');
    await page.getByRole('button', { name: 'Se hva som skjer' }).click();
    const erasure = await this.sent(page);
    await page.goto('/request/objection');
    await page.getByRole('radio', { name: /^Annen bruk/ }).check();
    await page.getByRole('checkbox').first().check();
    const objection = await this.sent(page);
    const erasurePath = await this.opened(erasure.reference);
    await this.placesDone();
    await searched(office);
    const objectionPath = await this.opened(objection.reference);
    await expect(office.getByRole('heading', { name: 'Avveining' })).toBeVisible();
    await office.goto(accessPath);
    await office.getByRole('button', { name: 'Sendt til feil person' }).click();
    await office.getByLabel('Hva har skjedd?').fill('Svaret gikk til en annen Kari Nordmann.');
    await office.getByRole('button', { name: 'Lagre', exact: true }).click();
    await expect(office.getByText('Avviket er skrevet ned.')).toBeVisible();
    return {
      page,
      email: kari,
      persons: [
        ...forms.map(listed),
        { name: 'cases', path: '/cases' },
        { name: 'case-answered', path: `/cases/${access.id}` },
        {
          name: 'case-download',
          path: `/cases/${access.id}`,
          open: press('package.start'),
        },
        { name: 'case-answered-print', path: `/cases/${access.id}`, print: true },
        { name: 'case-erasure', path: `/cases/${erasure.id}`, open: unfold('case.why') },
        { name: 'case-withdraw', path: `/cases/${erasure.id}`, open: press('withdraw.start') },
        { name: 'receipt', path: `/receipt/${access.id}` },
        { name: 'receipt-print', path: `/receipt/${access.id}`, print: true },
        { name: 'notice-print', path: '/notice', print: true },
        { name: 'asked-before', path: '/request/erasure' },
        {
          name: 'erasure-review',
          path: '/request/erasure',
          open: press('erasure.next'),
        },
        {
          name: 'restriction-empty',
          path: '/request/restriction',
          open: then(unfold('also.legend'), press('request.send')),
        },
        {
          name: 'for-details',
          path: '/for/access',
          open: async (p: Page, say: Say) => {
            await p.locator('input[value=representative]').check();
            await press('for.next')(p, say);
            await press('for.next')(p, say);
          },
        },
        {
          name: 'for-child',
          path: '/for/access',
          open: async (p: Page, say: Say) => {
            await p.locator('input[value=parent]').check();
            await press('for.next')(p, say);
          },
        },
        {
          name: 'for-company',
          path: '/for/access',
          open: async (p: Page, say: Say) => {
            await p.locator('input[value=company]').check();
            await press('for.next')(p, say);
          },
        },
      ] satisfies Sight[],
      offices: [
        { name: 'case-answered', path: accessPath, open: unfold('answer.show') },
        { name: 'case-technical', path: accessPath, open: unfold('technical.title') },
        {
          name: 'case-evidence',
          path: accessPath,
          open: then(unfold('technical.title'), press('evidence.whole')),
        },
        {
          name: 'case-wrong-person',
          path: accessPath,
          open: press('breach.new.case'),
        },
        { name: 'case-package', path: accessPath, open: press('print.open') },
        { name: 'case-mend', path: accessPath, open: press('mend.open') },
        { name: 'case-mend-empty', path: accessPath, open: press('mend.open', 'mend.submit') },
        { name: 'case-erasure', path: erasurePath },
        { name: 'case-look-over', path: erasurePath, open: press('verb.look') },
        { name: 'case-group', path: erasurePath, open: press('group.choose') },
        { name: 'case-rows', path: erasurePath, open: press('group.show') },
        { name: 'case-know', path: erasurePath, open: press('know.add') },
        { name: 'case-extend', path: erasurePath, open: press('clock.extend') },
        { name: 'case-pause', path: erasurePath, open: press('clock.pause') },
        { name: 'case-receipt-date', path: erasurePath, open: press('clock.receipt') },
        { name: 'case-refuse', path: erasurePath, open: press('refuse.open') },
        { name: 'case-withdrawn', path: erasurePath, open: press('withdraw.open') },
        { name: 'case-address', path: erasurePath, open: press('address.open') },
        { name: 'case-identifier', path: erasurePath, open: press('identifiers.add') },
        { name: 'case-objection', path: objectionPath },
        { name: 'case-weigh', path: objectionPath, open: press('weigh.open') },
      ] satisfies Sight[],
    };
  }

  /** Of whom nothing was found: asked for an older address. */
  async waiting() {
    const email = 'nora.ukjent@example.net';
    const page = await this.person('access', email);
    const { reference, id } = await this.sent(page);
    const path = await this.opened(reference);
    await this.placesDone();
    const nothing: Sight = { name: 'case-nothing', path };
    await this.office.getByRole('button', { name: 'Spør om en eldre adresse' }).click();
    const ask = this.office.getByRole('dialog', { name: 'Spør personen' });
    await ask.getByRole('button', { name: 'Send spørsmålet' }).click();
    await expect(ask).toBeHidden();
    return {
      page,
      email,
      persons: [{ name: 'case-question', path: `/cases/${id}` }],
      offices: [nothing],
    };
  }

  /** Somebody asks for another person, and a request comes on paper. */
  async other() {
    const { office } = this;
    const page = await this.visit(this.portal.url, phone);
    await page.goto('/for/access');
    await page.getByLabel('En som har gitt meg fullmakt').check();
    await page.getByRole('button', { name: 'Fortsett' }).click();
    await page.getByLabel('Navnet på den du spør for').fill('Viktor Storm');
    await page.getByLabel('E-postadressen til personen').fill('viktor.storm@example.com');
    await page.getByLabel('Navnet ditt').fill('Siv Moe');
    await page.getByLabel('Hva viser at du kan spørre?').fill('Fullmakt av 1. november');
    await page.getByRole('button', { name: 'Fortsett' }).click();
    await page.getByLabel('E-postadresse').fill('siv.moe@example.org');
    await page.getByRole('button', { name: 'Send meg en kode' }).click();
    await typeCode(page, await this.letters.code('siv.moe@example.org'), 'Gå videre');
    await expect(page.getByText('Viktor Storm')).toBeVisible();
    const { reference } = await this.sent(page);
    const path = await this.opened(reference);
    await office.goto('/staff/cases/new');
    await office.getByRole('radio', { name: 'Brev' }).check();
    await office.getByRole('checkbox', { name: 'Innsyn' }).check();
    await office.getByLabel('Personens egne ord').fill('Hva har dere om meg?');
    await office.getByRole('textbox', { name: 'Navn', exact: true }).fill('Per Holm');
    await office.getByRole('textbox', { name: 'Postadresse' }).fill('Elvegata 2, 2670 Otta');
    await office.getByRole('radio', { name: 'På papir' }).check();
    await office.getByRole('button', { name: 'Registrer kravet' }).click();
    await expect(office.locator('.case-head .reference')).toBeVisible();
    const paper = new URL(office.url()).pathname;
    return {
      offices: [
        { name: 'case-standing', path },
        { name: 'case-authority', path, open: press('standing.record') },
        { name: 'case-direct', path, open: press('standing.direct') },
        { name: 'case-paper', path: paper },
        { name: 'case-identity-empty', path: paper, open: press('identity.submit') },
      ] satisfies Sight[],
    };
  }

  /** Somebody whose cases are about to follow another address. */
  async changing() {
    const [old, next] = ['lena.strand@example.com', 'lena.ny@example.com'];
    const page = await this.person('access', old);
    await this.sent(page);
    await page.goto('/cases/address');
    await proveAgain(page, this.letters, old, 'Send kode til adressen', 'Fortsett');
    await page.getByLabel('Ny e-postadresse').fill(next);
    await page.getByRole('button', { name: 'Send meg en kode' }).click();
    await typeCode(page, await this.letters.code(next), 'Bytt adresse');
    await expect(page.getByRole('heading', { name: 'Begge adressene er bekreftet' })).toBeVisible();
    const stop = linkIn(await this.letters.next(old, /skal byttes$/), 'stop-change');
    return {
      page,
      email: old,
      persons: [
        { name: 'cases-changing', path: '/cases' },
        { name: 'address', path: '/cases/address' },
        { name: 'address-code', path: '/cases/address', open: press('address.old.start') },
      ],
      links: [{ name: 'stop-change', path: stop }],
    };
  }

  /** An erasure that was carried out, told of to those who got the data; and a correction beside it. */
  async told() {
    const { office } = this;
    const email = 'henrik.vik@elektropartner.example';
    const page = await this.person('erasure', email);
    await page.getByRole('button', { name: 'Se hva som skjer' }).click();
    const { reference, id } = await this.sent(page);
    const path = await this.opened(reference);
    await this.placesDone();
    await searched(office);
    await approve(await lookOver(office, 'keep'), 'Jeg har sett over, be en kollega godkjenne');
    await switchTo(office, approver);
    await approve(await lookOver(office), 'Godkjenn slettingen');
    await executed(office);
    await switchTo(office, officer);
    const carrier = await this.letters.next(
      'personvern@pakkelevering.example',
      new RegExp(reference),
    );
    const who = await this.person('rectification', astrid);
    await proveAgain(who, this.letters, astrid, 'Send meg en kode', 'Vis opplysningene');
    await who
      .getByRole('button', { name: /^Dette er feil/ })
      .first()
      .click();
    await who.getByRole('textbox', { name: /^Riktig:/ }).fill('Ny verdi');
    await who.getByLabel('Ikke bruk opplysningene mens dere sjekker dem').check();
    await who.getByRole('button', { name: 'Se over' }).click();
    const corrected = await this.sent(who);
    const correction = await this.opened(corrected.reference);
    await this.placesDone();
    await office.getByRole('button', { name: 'Begrens mens vi undersøker' }).click();
    await expect(office.getByRole('region', { name: 'Bare lagret inntil videre' })).toContainText(
      'Rader: 1',
    );
    const link = linkIn(carrier, 'recipient');
    return {
      persons: [
        { name: 'recipient', path: link },
        { name: 'recipient-task', path: link, open: press('recipient.open.do') },
      ] satisfies Sight[],
      own: { page, email, persons: [{ name: 'case-erased', path: `/cases/${id}` }] },
      offices: [
        { name: 'case-told', path },
        { name: 'case-told-act', path, open: press('recipients.told.do') },
        { name: 'case-correction', path: correction },
        {
          name: 'case-annotate',
          path: correction,
          open: then(press('group.change'), press('corrections.annotate')),
        },
        { name: 'case-lift', path: correction, open: press('restriction.lift') },
      ] satisfies Sight[],
    };
  }

  /** Whoever looks in the archive has not answered yet. */
  async asked() {
    const page = await this.person('access', 'jonas.berg@example.com');
    const { reference } = await this.sent(page);
    const path = await this.opened(reference);
    await this.office.getByRole('button', { name: /^Send e-posten på nytt/ }).click();
    const mail = async (): Promise<Mail> => {
      const next = await this.letters.next('mia.arkiv@fjordlys.example', /^Kan du se etter for /);
      return next.text.includes(reference) ? next : mail();
    };
    const link = linkIn(await mail(), 'colleague');
    return {
      persons: [
        { name: 'colleague', path: link },
        { name: 'colleague-task', path: link, open: press('colleague.open.do') },
      ],
      offices: [
        { name: 'case-asked', path },
        { name: 'case-part', path, open: press('verb.part') },
        { name: 'case-part-empty', path, open: press('verb.part', 'part.submit') },
      ] satisfies Sight[],
    };
  }

  /** A part of the answer was sent, and the rest waits for whoever looks in the archive. */
  async parted() {
    const { office } = this;
    const email = 'familien.lie@example.com';
    const page = await this.person('access', email);
    const { reference, id } = await this.sent(page);
    const path = await this.opened(reference);
    await switchTo(office, approver);
    await office.getByRole('button', { name: 'Send en del nå' }).click();
    await office.getByLabel('Hvorfor resten kommer senere').fill('Arkivet leses for hånd.');
    await office.getByRole('button', { name: 'Send delen' }).click();
    await expect(office.getByText('Delen er sendt. Saken er fortsatt åpen.')).toBeVisible();
    await switchTo(office, officer);
    return {
      own: {
        page,
        email,
        persons: [
          { name: 'case-parted', path: `/cases/${id}` },
          { name: 'case-parted-letter', path: `/cases/${id}`, open: unfold('messages.letter') },
        ] satisfies Sight[],
      },
      offices: [{ name: 'case-parted', path }],
    };
  }

  /** A drill on its way. */
  async drill() {
    await this.office.goto('/staff/drill');
    await this.office.getByRole('button', { name: 'Øv på innsyn' }).click();
    await expect(this.office.locator('.case-head .reference')).toBeVisible();
    const path = new URL(this.office.url()).pathname;
    return { offices: [{ name: 'case-drill', path }] };
  }
}
