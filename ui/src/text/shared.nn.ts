import type { SharedCatalogue } from './shared.nb';

export const sharedNn: SharedCatalogue = {
  'shared.skip': 'Hopp til hovudinnhaldet',
  'shared.language': 'Språk',
  'shared.loading': 'Hentar …',
  'shared.errors': 'Dette må rettast før du kan gå vidare',
  'shared.offline.title': 'Vi får ikkje kontakt',
  'shared.offline.text': 'Sjekk nettet ditt og prøv igjen. Det du har skrive, står her framleis.',
  'shared.failed.title': 'Noko gjekk gale hos oss',
  'shared.failed.text': 'Prøv igjen om litt. Det du har skrive, står her framleis.',
  'shared.problem.title': 'Det gjekk ikkje',
  'shared.problem.instance': 'Feilnummer: {instance}',
  'shared.retry': 'Prøv igjen',
  'shared.close': 'Lukk',
  'shared.back': 'Tilbake',
};
