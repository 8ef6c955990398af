/** Key rows of the on-screen keyboard, as people of each language know them. */
import type { Language } from '../api/types.ts';

const kQwerty = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const kRows: Readonly<Record<Language, readonly string[]>> = {
    nl: kQwerty,
    en: kQwerty,
    es: ['qwertyuiop', 'asdfghjklñ', 'zxcvbnm'],
    ca: ['qwertyuiop', 'asdfghjklç', 'zxcvbnm'],
    de: ['qwertzuiopü', 'asdfghjklöä', 'yxcvbnmß'],
    fr: ['azertyuiop', 'qsdfghjklm', 'wxcvbnéèç'],
    ru: ['йцукенгшщзх', 'фывапролджэ', 'ячсмитьбюъё'],
};
const kSymbols = ['1234567890', '@.-_+/&’"', ',:;()#éèàç', 'äöüßñøëïôû'];
export type Page = 'letters' | 'latin' | 'symbols';

/** The rows of a page. `latin` is what a Cyrillic keyboard turns to for addresses. */
export function rowsOf(page: Page, language: Language): readonly string[] {
    if (page === 'symbols') return kSymbols;
    return page === 'latin' ? kQwerty : kRows[language];
}
