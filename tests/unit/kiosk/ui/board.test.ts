import { expect, test } from 'vitest';
import { domainsOf, pagesOf, rowsOf, withDomain } from '../../../../kiosk/ui/src/board.ts';
import { checkEmail } from '../../../../plugin/ui-kit/src/contact/email.ts';
import { kLanguages } from '../../../../plugin/ui-kit/src/i18n/languages.ts';

const letters = (language: (typeof kLanguages)[number]) => pagesOf('name', language).flatMap((page) => rowsOf('name', page, language)).join(''); // biome-ignore format: one thought

test('every letter of each language can be typed, digits always in sight', () => {
    const wanted = {
        nl: 'abcdefghijklmnopqrstuvwxyzëïéüö',
        en: 'abcdefghijklmnopqrstuvwxyz',
        es: 'abcdefghijklmnñopqrstuvwxyzáéíóúü',
        ca: 'abcçdefghijklmnopqrstuvwxyzàèéíïòóúü',
        de: 'abcdefghijklmnopqrstuvwxyzäöüß',
        fr: 'abcdefghijklmnopqrstuvwxyzàâæçéèêëîïôœùûüÿ',
        ru: 'абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz',
    };
    for (const language of kLanguages)
        for (const letter of `${wanted[language]}0123456789-’'`)
            expect(
                letters(language).includes(letter) || "-’'".includes(letter),
                `${language}: ${letter}`,
            ).toBe(true);
});

test('no key stands twice in a row, and no row is wider than a small screen holds at 60 px', () => {
    for (const language of kLanguages)
        for (const kind of ['name', 'email', 'text', 'code', 'phone', 'pin'] as const)
            for (const page of pagesOf(kind, language)) {
                const rows = rowsOf(kind, page, language);
                for (const row of rows) expect(new Set(row).size, row).toBe(row.length);
                expect(Math.max(...rows.map((row) => row.length))).toBeLessThanOrEqual(12);
                // Shift and delete, half as wide again, stand in the last.
                expect(rows.at(-1)?.length).toBeLessThanOrEqual(10);
            }
});

test('an address begins in Latin letters, in Russian too', () => {
    expect(pagesOf('email', 'ru')[0]).toBe('latin');
    expect(rowsOf('email', 'latin', 'ru')[1]).toBe('qwertyuiop');
});

test('a domain completes what was typed, takes the place of another, and is never one that we would correct', () => {
    expect(withDomain('anna', 'gmail.com')).toBe('anna@gmail.com');
    expect(withDomain('anna@hot', 'gmail.com')).toBe('anna@gmail.com');
    expect(withDomain('', 'gmail.com')).toBe('@gmail.com');
    for (const language of kLanguages)
        for (const domain of domainsOf(language))
            expect(checkEmail(`anna@${domain}`), domain).toEqual({ valid: true, suggestion: null });
});

test('a code and a number have their own keys', () => {
    expect(rowsOf('code', 'letters', 'ru').join('')).not.toMatch(/[а-яa-z]/);
    expect(rowsOf('phone', 'letters', 'de')).toEqual(['123', '456', '789', '+0']);
    expect(rowsOf('pin', 'letters', 'de').join('')).toBe('1234567890');
});
