/** The catalogues, a chunk each. */
import type { Translate, Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type { Language } from './api.ts';
import type en from './messages/en.ts';

export type Words = typeof en;
export type Key = keyof Words;
export type Say = Translate<Words>;

export const kWords: Readonly<Record<Language, () => Promise<{ default: Translation<Words> }>>> = {
    nl: () => import('./messages/nl.ts'),
    ca: () => import('./messages/ca.ts'),
    es: () => import('./messages/es.ts'),
    ru: () => import('./messages/ru.ts'),
    en: () => import('./messages/en.ts'),
    de: () => import('./messages/de.ts'),
    fr: () => import('./messages/fr.ts'),
};
