import type { PersonKey } from '../text/person.nb';
import { type Loaders, useTexts } from '../text/text';

export type { PersonKey };

/** Each language is a file of its own; a person loads one. */
export const personTexts: Loaders = {
  nb: () => import('../text/person.nb').then((module) => module.default),
  nn: () => import('../text/person.nn').then((module) => module.default),
  en: () => import('../text/person.en').then((module) => module.default),
};

export const useText = () => useTexts<PersonKey>();
