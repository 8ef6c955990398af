import { expect, test } from 'vitest';
import { languageName, pickLanguage } from '../../../../plugin/ui-kit/src/i18n/languages.ts';
import { ago, list } from '../../../../plugin/ui-kit/src/i18n/when.ts';

test('ages are told in the largest unit that fits', () => {
    expect([8000, 90_000, 7_200_000, 3 * 86_400_000].map((ms) => ago(ms, 'en'))).toEqual([
        '8 sec. ago',
        '1 min. ago',
        '2 hr. ago',
        '3 days ago',
    ]);
});

test('a clock ahead of ours reads as now', () => {
    expect(ago(-60_000, 'en')).toBe('now');
});

test('lists and languages in the reader’s words', () => {
    expect(list(['a', 'b', 'c'], 'ca')).toBe('a, b i c');
    expect(languageName('nl', 'ru')).toBe('Нидерландский');
});

test('the first offered language that was asked for is taken', () => {
    expect(pickLanguage([null, 'pt-BR', 'ca-ES'], ['nl', 'ca'], 'en')).toBe('ca');
    expect(pickLanguage(['pt'], ['nl', 'ca'], 'nl')).toBe('nl');
});
