/** The catalogues: a till loads the language it speaks, and what its first screen says before the rest. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import type { Translate, Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type door from './messages/door/en.ts';
import type desk from './messages/en.ts';

export type DoorWords = typeof door;
export type DeskWords = typeof desk;
export type Words = DoorWords & DeskWords;
export type Key = keyof Words;
export type Say = Translate<Words>;
/** Speaks of signing in only. */
export type DoorSay = Translate<DoorWords>;

type Catalogues<W extends DoorWords | DeskWords> = Readonly<
    Record<Language, () => Promise<{ default: Translation<W> }>>
>;

export const kDoors: Catalogues<DoorWords> = {
    nl: () => import('./messages/door/nl.ts'),
    ca: () => import('./messages/door/ca.ts'),
    es: () => import('./messages/door/es.ts'),
    ru: () => import('./messages/door/ru.ts'),
    en: () => import('./messages/door/en.ts'),
    de: () => import('./messages/door/de.ts'),
    fr: () => import('./messages/door/fr.ts'),
};

export const kDesks: Catalogues<DeskWords> = {
    nl: () => import('./messages/nl.ts'),
    ca: () => import('./messages/ca.ts'),
    es: () => import('./messages/es.ts'),
    ru: () => import('./messages/ru.ts'),
    en: () => import('./messages/en.ts'),
    de: () => import('./messages/de.ts'),
    fr: () => import('./messages/fr.ts'),
};
