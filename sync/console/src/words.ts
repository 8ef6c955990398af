/** The catalogues, one chunk a language, and the words for what the hub says in codes. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import type { Translate, Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type en from './messages/en.ts';

export type Words = typeof en;
export type Key = keyof Words;
export type Say = Translate<Words>;
/** Keys of plain words: without places, without plurals. */
type Plain = {
    [K in Key]: Words[K] extends string ? (Words[K] extends `${string}{${string}` ? never : K) : never;
}[Key];

export const kCatalogues: Readonly<Record<Language, () => Promise<{ default: Translation<Words> }>>> = {
    nl: () => import('./messages/nl.ts'),
    ca: () => import('./messages/ca.ts'),
    es: () => import('./messages/es.ts'),
    ru: () => import('./messages/ru.ts'),
    en: () => import('./messages/en.ts'),
    de: () => import('./messages/de.ts'),
    fr: () => import('./messages/fr.ts'),
};

/** The word for a code such as `state.given`; the code itself, made readable, where the catalogue has none. */
export function wordFor(say: Say, group: string, code: string): string {
    return (say as (key: string) => string)(`${group}.${code}` as Plain) || readable(code);
}

/** "museum-zuid" -> "Museum zuid". */
export function readable(code: string): string {
    const text = code.replaceAll('-', ' ').trim();
    return text.charAt(0).toUpperCase() + text.slice(1);
}

export function purposeName(say: Say, purpose: string): string {
    if (purpose === '*') return say('purpose.any');
    if (purpose.startsWith('partner:')) return say('purpose.partner', { name: readable(purpose.slice(8)) });
    return wordFor(say, 'purpose', purpose);
}

export function channelName(say: Say, channel: string): string {
    return channel === '*' ? say('channel.any') : wordFor(say, 'channel', channel);
}

/** A device as the house named it; head office itself, which nobody named, in the reader's language. */
export function deviceName(say: Say, { kind, name }: { kind: string; name: string }): string {
    return kind !== 'hub' && name ? name : wordFor(say, 'device.kind', kind);
}
