import { expect, test } from 'vitest';
import { kLanguages } from '../../../../plugin/ui-kit/src/i18n/languages.ts';
import en from '../../../../sync/console/src/messages/en.ts';
import { kCatalogues } from '../../../../sync/console/src/words.ts';

type Entry = string | Record<string, string>;
const forms = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : Object.values(entry));
const places = (text: string): string =>
    [...text.matchAll(/\{\w+\}/g)]
        .map((m) => m[0])
        .sort()
        .join();

test.each(kLanguages)('%s has every key, with the same places, and no word left empty', async (language) => {
    const words: Record<string, Entry> = (await kCatalogues[language]()).default;
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
    for (const [key, entry] of Object.entries(en as Record<string, Entry>)) {
        const expected = places(forms(entry).at(-1) ?? '');
        for (const form of forms(words[key] ?? '')) {
            expect(form.trim(), key).not.toBe('');
            expect(places(form), key).toBe(expected);
            expect(form, key).not.toContain('!');
        }
    }
});

test.each(kLanguages)('%s has every plural form that its rules ask for', async (language) => {
    const words: Record<string, Entry> = (await kCatalogues[language]()).default;
    const rules = new Intl.PluralRules(language);
    const asked = new Set([0, 1, 2, 3, 5, 11, 21, 22, 25, 101].map((n) => rules.select(n)));
    for (const [key, entry] of Object.entries(words)) {
        if (typeof entry !== 'string')
            for (const form of asked) expect(Object.keys(entry), key).toContain(form);
    }
});

test('a translation is one: few words are the same as in English', async () => {
    for (const language of kLanguages.filter((l) => l !== 'en')) {
        const words: Record<string, Entry> = (await kCatalogues[language]()).default;
        const same = Object.entries(en as Record<string, Entry>).filter(
            ([key, entry]) => words[key] === entry,
        );
        expect(same.length, language).toBeLessThan(25);
    }
});
