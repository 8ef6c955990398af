/** The keys of the visitor's keyboard: rows as people of each language know them, digits always in sight, 60 px at least. */
import type { Language } from './api.ts';

export type BoardKind = 'name' | 'email' | 'phone' | 'text' | 'code' | 'pin';
export type BoardPage = 'letters' | 'latin' | 'accents' | 'symbols';

const kDigits = '1234567890';
const kQwerty = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const kRows: Readonly<Record<Language, readonly string[]>> = {
    nl: kQwerty,
    en: kQwerty,
    es: ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm'],
    ca: ['qwertyuiop', 'asdfghjklç', 'zxcvbnm'],
    de: ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnmß'],
    fr: ['azertyuiop', 'qsdfghjklm', 'wxcvbn'],
    ru: ['йцукенгшщзхъ', 'фывапролджэё', 'ячсмитьбю'],
};
const kAccents = ['áàâäãåæćčçÿ', 'éèêëěíìîïł', 'óòôöõøœńñß', 'úùûüůýşšžř'];
const kSymbols = [kDigits, ".,-’'/&()+", ':;#°ªº"_@*'];
const kPad = ['123', '456', '789'];

/** The rows of a page, without the keys that do something else. */
export function rowsOf(kind: BoardKind, page: BoardPage, language: Language): readonly string[] {
    if (kind === 'phone') return [...kPad, '+0'];
    if (kind === 'pin') return [...kPad, '0'];
    if (page === 'symbols') return kSymbols;
    if (page === 'accents') return kAccents;
    const letters = page === 'latin' || kind === 'code' ? kQwerty : kRows[language];
    if (kind === 'code') return [kDigits, ...letters.map((row) => row.toUpperCase())];
    return [kDigits, ...letters];
}

/** The pages of a keyboard in the order in which its key turns them. An address is written in Latin letters. */
export function pagesOf(kind: BoardKind, language: Language): readonly BoardPage[] {
    if (kind === 'phone' || kind === 'pin' || kind === 'code') return ['letters'];
    if (kind === 'email') return language === 'ru' ? ['latin', 'letters', 'symbols'] : ['letters', 'symbols'];
    return language === 'ru' ? ['letters', 'latin', 'symbols'] : ['letters', 'accents', 'symbols'];
}

const kDomains: Readonly<Record<Language, readonly string[]>> = {
    nl: ['gmail.com', 'hotmail.com', 'ziggo.nl', 'kpnmail.nl'],
    en: ['gmail.com', 'outlook.com', 'hotmail.com', 'icloud.com'],
    es: ['gmail.com', 'hotmail.com', 'yahoo.es', 'icloud.com'],
    ca: ['gmail.com', 'hotmail.com', 'yahoo.es', 'icloud.com'],
    de: ['gmail.com', 'gmx.de', 'web.de', 't-online.de'],
    fr: ['gmail.com', 'orange.fr', 'free.fr', 'laposte.net'],
    ru: ['mail.ru', 'yandex.ru', 'gmail.com', 'bk.ru'],
};

/** The domains most used where this language is read, to be typed with one touch. */
export const domainsOf = (language: Language): readonly string[] => kDomains[language];

/** `typed` with `domain` in place of what stands behind the @, or behind what was typed so far. */
export const withDomain = (typed: string, domain: string): string =>
    `${typed.split('@', 1)[0]?.trim() ?? ''}@${domain}`;
