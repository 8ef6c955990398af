import type { Language } from '../api/types.ts';

export const kLanguages: readonly Language[] = ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'];

/** The name of `language` in the words of `reader`, with a capital where it stands alone. */
export function languageName(language: Language, reader: Language): string {
    const name = new Intl.DisplayNames([reader], { type: 'language' }).of(language) ?? language;
    return name.charAt(0).toLocaleUpperCase(reader) + name.slice(1);
}

/** The name of a language in itself: what its speaker looks for in a list. */
export const ownName = (language: Language): string => languageName(language, language);

/** The first offered language that the reader asked for, else `otherwise`. */
export function pickLanguage(
    wanted: readonly (string | null | undefined)[],
    offered: readonly Language[],
    otherwise: Language,
): Language {
    for (const tag of wanted) {
        const found = offered.find((l) => l === tag?.slice(0, 2).toLowerCase());
        if (found) return found;
    }
    return otherwise;
}
