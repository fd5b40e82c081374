/** Texts of the components that the person's and the staff's pages share. */
export const sharedNb = {
  'shared.skip': 'Hopp til hovedinnholdet',
  'shared.language': 'Språk',
  'shared.loading': 'Henter …',
  'shared.errors': 'Dette må rettes før du kan gå videre',
  'shared.offline.title': 'Vi får ikke kontakt',
  'shared.offline.text': 'Sjekk nettet ditt og prøv igjen. Det du har skrevet, står her fortsatt.',
  'shared.failed.title': 'Noe gikk galt hos oss',
  'shared.failed.text': 'Prøv igjen om litt. Det du har skrevet, står her fortsatt.',
  'shared.problem.title': 'Det gikk ikke',
  'shared.problem.instance': 'Feilnummer: {instance}',
  'shared.retry': 'Prøv igjen',
  'shared.close': 'Lukk',
  'shared.back': 'Tilbake',
} as const;

export type SharedKey = keyof typeof sharedNb;
export type SharedCatalogue = { readonly [K in SharedKey]: string };
