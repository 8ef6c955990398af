import { expect, test } from 'vitest';
import {
    checkEmail,
    editDistance,
    plausiblePhone,
    plausiblePost,
} from '../../../../plugin/ui-kit/src/contact/email.ts';

test.each([
    ['anna@gmial.com', 'anna@gmail.com'],
    ['anna@gmail.con', 'anna@gmail.com'],
    ['anna@hotmial.nl', 'anna@hotmail.nl'],
    ['anna@ziggo,nl', 'anna@ziggo.nl'],
    ['anna@yandx.ru', 'anna@yandex.ru'],
    ['anna@house.cmo', 'anna@house.com'],
    ['anna@gmail..com', 'anna@gmail.com'],
])('%s was meant as %s', (typed, meant) => {
    expect(checkEmail(typed).suggestion).toBe(meant);
});

test.each([
    'anna@example.org',
    'anna@gmail.com',
    'ANNA@Gmail.com',
    'o.brien+news@hotmail.fr',
    'anna@live.nl',
    'анна@пример.рф',
])('%s is left alone', (typed) => {
    expect(checkEmail(typed)).toEqual({ valid: true, suggestion: null });
});

test.each([
    '',
    'anna',
    '@example.org',
    'anna@',
    'anna@example',
    'an na@example.org',
    '.anna@example.org',
    'a..b@example.org',
    `${'a'.repeat(65)}@example.org`,
])('%j is no address', (typed) => {
    expect(checkEmail(typed).valid).toBe(false);
});

test('edit distance counts a swap of neighbours as one and stops at its limit', () => {
    expect(editDistance('gmial', 'gmail', 2)).toBe(1);
    expect(editDistance('abc', 'abc', 2)).toBe(0);
    expect(editDistance('abcdef', 'uvwxyz', 2)).toBe(3);
});

test('phones and postal addresses are looked at, not judged', () => {
    expect(['+31 6 0000 0000', '07700 900123', '(020) 000-00-00'].every(plausiblePhone)).toBe(true);
    expect(['12', 'call me', '+1234567890123456'].some(plausiblePhone)).toBe(false);
    expect(plausiblePost('Kerkstraat 1\nUtrecht')).toBe(true);
    expect(plausiblePost('Kerkstraat 1\n\n')).toBe(false);
});
