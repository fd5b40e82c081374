/** A page that opens by its address alone, and its heading in bokmål. */
export type Listed = readonly [path: string, title: string | RegExp];

/** The person's pages that need no proof of who is there. */
export const persons: readonly Listed[] = [
  ['/', 'Dine opplysninger'],
  ['/ask/access', 'Hva er e-postadressen din?'],
  ['/ask/withdrawal', 'Hva er e-postadressen din?'],
  ['/for/access', 'Hvem spør du for?'],
  ['/follow', 'Følg saken din'],
  ['/notice', 'Personvernerklæring'],
  ['/other', 'Spørre for en annen'],
  ['/help', 'Hjelp'],
  ['/accessibility', 'Tilgjengelighetserklæring'],
  ['/demo', 'Prøv begge sider'],
  ['/demo/mail', 'Demoens e-postkasse'],
  ['/verify', 'Lenken er ikke hel'],
  [`/confirm/${'0'.repeat(32)}`, 'Er det du som har skrevet til oss?'],
  ['/signed-out', 'Du er logget ut'],
  ['/finnes/ikke', 'Vi finner ikke siden'],
];

/** The form of each right, for a person who has signed in. */
export const forms: readonly Listed[] = [
  ['/request/access', 'Hva vil du se?'],
  ['/request/rectification', 'Se opplysningene dine først'],
  ['/request/erasure', 'Hva vil du ha slettet?'],
  ['/request/restriction', 'Hva skal vi ikke bruke?'],
  ['/request/portability', 'Hva vil du ta med deg?'],
  ['/request/objection', 'Hva sier du nei til?'],
  ['/request/withdrawal', 'Trekke et samtykke'],
  ['/for/objection', 'Hvem spør du for?'],
];

/** The office's pages, for a member who has signed in. */
export const offices: readonly Listed[] = [
  ['/staff/', 'Innboks'],
  ['/staff/cases/new', 'Registrer et krav'],
  ['/staff/sources', 'Hvor vi leter'],
  ['/staff/register', 'Protokoll'],
  ['/staff/retention', 'Lagringstid'],
  ['/staff/report', 'Rapport'],
  ['/staff/drill', 'Øvelse'],
  ['/staff/breaches', 'Avvik'],
  ['/staff/informing', 'De som skal informeres'],
  ['/staff/settings', 'Innstillinger'],
  ['/staff/settings/letters', 'Brevtekster'],
  ['/staff/members', 'Medarbeidere'],
  ['/staff/clients', 'Andre systemer'],
  ['/staff/account', 'Innloggingen din'],
  ['/staff/audit', 'Hendelseslogg'],
  ['/staff/start', 'Hvem svarer?'],
  ['/staff/help', 'Hjelp'],
  ['/staff/finnes/ikke', 'Siden finnes ikke'],
];
