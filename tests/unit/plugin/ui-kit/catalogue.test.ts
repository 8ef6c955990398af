import { expect, test } from 'vitest';
import { translator } from '../../../../plugin/ui-kit/src/i18n/catalogue.ts';

const en = { hello: 'Hello {name}', seats: { one: '{count} seat', other: '{count} seats' } } as const;

test('fills places, and only those that are filled', () => {
    const say = translator<typeof en>(en, 'en');
    expect(say('hello', { name: 'Anna {count}' })).toBe('Hello Anna {count}');
});

test('a plural follows the rules of its language', () => {
    const ru = {
        hello: '',
        seats: { one: '{count} место', few: '{count} места', many: '{count} мест', other: '{count} места' },
    };
    const say = translator<typeof en>(ru, 'ru');
    expect([1, 2, 5, 21].map((count) => say('seats', { count }))).toEqual([
        '1 место',
        '2 места',
        '5 мест',
        '21 место',
    ]);
});

test('numbers are written as the language writes them', () => {
    const say = translator<typeof en>(en, 'de');
    expect(say('seats', { count: 12345 })).toBe('12.345 seats');
});
