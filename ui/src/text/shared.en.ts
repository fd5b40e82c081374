import type { SharedCatalogue } from './shared.nb';

export const sharedEn: SharedCatalogue = {
  'shared.skip': 'Skip to the main content',
  'shared.language': 'Language',
  'shared.loading': 'Loading …',
  'shared.errors': 'Correct this before you go on',
  'shared.offline.title': 'We cannot get through',
  'shared.offline.text':
    'Check your connection and try again. What you have written is still here.',
  'shared.failed.title': 'Something went wrong on our side',
  'shared.failed.text': 'Try again in a little while. What you have written is still here.',
  'shared.problem.title': 'That did not work',
  'shared.problem.instance': 'Error number: {instance}',
  'shared.retry': 'Try again',
  'shared.close': 'Close',
  'shared.back': 'Back',
};
