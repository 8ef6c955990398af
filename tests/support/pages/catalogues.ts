// What every page's catalogues must be; each page's own test names its catalogues.
import { expect, test } from 'vitest';
import type { Language } from '../../../plugin/ui-kit/src/api/types.ts';
import { kLanguages } from '../../../plugin/ui-kit/src/i18n/languages.ts';

type Entry = string | Readonly<Record<string, string>>;
type Words = Readonly<Record<string, Entry>>;
type Catalogues = Readonly<Record<Language, () => Promise<{ default: object }>>>;

const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const places = (text: string): string =>
    [...text.matchAll(/\{\w+\}/g)]
        .map((m) => m[0])
        .sort()
        .join();

/** Tests `catalogues`; of a translation at most `sameMax` words may read as in English. */
export function testCatalogues(name: string, catalogues: Catalogues, sameMax: number): void {
    const wordsOf = async (language: Language) => (await catalogues[language]()).default as Words;

    test.each(kLanguages)(
        `${name} in %s has every key, with the same places, and no word left empty`,
        async (language) => {
            const [en, words] = [await wordsOf('en'), await wordsOf(language)];
            expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
            for (const [key, entry] of Object.entries(en)) {
                const expected = places(forms(entry).at(-1) ?? '');
                for (const form of forms(words[key] ?? '')) {
                    expect(form.trim(), key).not.toBe('');
                    expect(places(form), key).toBe(expected);
                    expect(form, key).not.toContain('!');
                }
            }
        },
    );

    test.each(kLanguages)(`${name} in %s has every plural form that its rules ask for`, async (language) => {
        const rules = new Intl.PluralRules(language);
        const asked = new Set([0, 1, 2, 3, 5, 11, 21, 22, 25, 101].map((n) => rules.select(n)));
        for (const [key, entry] of Object.entries(await wordsOf(language))) {
            if (typeof entry !== 'string')
                for (const form of asked) expect(Object.keys(entry), key).toContain(form);
        }
    });

    test(`${name}: a translation is one, few words are the same as in English`, async () => {
        const en = await wordsOf('en');
        for (const language of kLanguages.filter((l) => l !== 'en')) {
            const words = await wordsOf(language);
            const same = Object.entries(en).filter(([key, entry]) => words[key] === entry);
            expect(same.length, language).toBeLessThanOrEqual(sameMax);
        }
    });
}
