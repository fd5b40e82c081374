/** A page that opens by its address alone, and its heading in bokmål. */
export type Listed = readonly [path: string, title: string | RegExp];

/** The person's pages that need no proof of who is there. */
export const persons: readonly Listed[] = [
  ['/', 'Dine opplysninger'],
  ['/ask/access', 'Hva er e-postadressen din?'],
  ['/for/access', 'Hvem spør du for?'],
  ['/follow', 'Følg saken din'],
  ['/notice', 'Personvernerklæring'],
  ['/other', 'Spørre for en annen'],
  ['/demo', 'Prøv begge sider'],
  ['/demo/mail', 'Demoens e-postkasse'],
  ['/verify', 'Lenken er ikke hel'],
  [`/confirm/${'0'.repeat(32)}`, 'Er det du som har skrevet til oss?'],
  ['/signed-out', 'Du er logget ut'],
  ['/finnes/ikke', 'Vi finner ikke siden'],
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
  ['/staff/informing', 'De som skal informeres'],
  ['/staff/settings', 'Innstillinger'],
  ['/staff/members', 'Medlemmer'],
  ['/staff/clients', 'Andre systemer'],
  ['/staff/audit', 'Hendelseslogg'],
  ['/staff/start', 'Hvem svarer?'],
  ['/staff/finnes/ikke', 'Siden finnes ikke'],
];
