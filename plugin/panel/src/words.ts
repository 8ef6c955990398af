/** The catalogues: a till loads the language it speaks; what its first screen says before the rest, what its dialogs say last. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import type { Translate, Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type door from './messages/door/en.ts';
import type desk from './messages/en.ts';
import type sheets from './messages/sheets/en.ts';

export type DoorWords = typeof door;
export type DeskWords = typeof desk;
export type SheetWords = typeof sheets;
export type Words = DoorWords & DeskWords & SheetWords;
export type Key = keyof Words;
export type Say = Translate<Words>;
/** Speaks of signing in only. */
export type DoorSay = Translate<DoorWords>;

type Catalogues<W extends DoorWords | DeskWords | SheetWords> = Readonly<
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

export const kSheets: Catalogues<SheetWords> = {
    nl: () => import('./messages/sheets/nl.ts'),
    ca: () => import('./messages/sheets/ca.ts'),
    es: () => import('./messages/sheets/es.ts'),
    ru: () => import('./messages/sheets/ru.ts'),
    en: () => import('./messages/sheets/en.ts'),
    de: () => import('./messages/sheets/de.ts'),
    fr: () => import('./messages/sheets/fr.ts'),
};
