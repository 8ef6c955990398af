/** The catalogues, one chunk a language. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import type en from './messages/en.ts';

export type Words = Record<keyof typeof en, string>;
export type Say = (key: keyof Words, places?: Readonly<Record<string, string>>) => string;

export const kCatalogues: Readonly<Record<Language, () => Promise<{ default: Words }>>> = {
    nl: () => import('./messages/nl.ts'),
    ca: () => import('./messages/ca.ts'),
    es: () => import('./messages/es.ts'),
    ru: () => import('./messages/ru.ts'),
    en: () => import('./messages/en.ts'),
    de: () => import('./messages/de.ts'),
    fr: () => import('./messages/fr.ts'),
};

export async function speak(language: Language): Promise<Say> {
    const words = (await kCatalogues[language]()).default;
    return (key, places = {}) => words[key].replace(/\{(\w+)\}/g, (_, place: string) => places[place] ?? '');
}
