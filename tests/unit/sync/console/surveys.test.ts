import { expect, test } from 'vitest';
import { barOf, csvOf, type Heads, type Survey, textIn } from '../../../../sync/console/src/surveys.ts';

const heads: Heads = { questionnaire: 'Q', version: 'V', from: 'F', to: 'T', tookPart: 'P', question: 'W', answer: 'A', count: 'N' }; // biome-ignore format: a table
const survey: Survey = {
    id: 'foyer',
    version: 2,
    title: { en: 'The "foyer"', nl: 'De foyer' },
    tookPart: 1234,
    firstDay: '2026-11-02',
    lastDay: '2026-11-22',
    smallestShown: 5,
    questions: [
        {
            id: 'travel',
            kind: 'choice',
            text: { en: 'How, exactly?', nl: 'Hoe precies?' },
            conditional: false,
            answered: null,
            answers: [
                { id: 'foot', labels: { en: '=On foot', nl: 'Te voet' }, count: 1200 },
                { id: 'boat', labels: { en: 'By boat', nl: 'Per boot' }, count: null },
            ],
        },
    ],
};

test('the table says what the page says and no more', () => {
    expect(csvOf(survey, heads, 'en').split('\r\n')).toEqual([
        '\uFEFF"Q","V","F","T","P","W","A","N"',
        '"The ""foyer""","2","2026-11-02","2026-11-22","1234","How, exactly?","\'=On foot","1200"',
        '"The ""foyer""","2","2026-11-02","2026-11-22","1234","How, exactly?","By boat","<5"',
        '',
    ]);
    expect(csvOf(survey, heads, 'nl')).toContain('"Te voet","1200"');
    expect(csvOf({ ...survey, tookPart: null, firstDay: null, lastDay: null }, heads, 'nl')).toContain('"De foyer","2","","","<5"'); // biome-ignore format: one thought
});

test('bars are as long as their figures, and none where there is no figure', () => {
    expect([10, 5, null].map((count) => barOf([10, 5, null], count))).toEqual([100, 50, 0]);
    expect(barOf([null, null], null)).toBe(0);
    expect(barOf([0], 0)).toBe(0);
});

test('a language that is not there reads English', () => {
    expect(textIn({ en: 'a', nl: 'b' }, 'ru')).toBe('a');
    expect(textIn({ nl: 'b' }, 'ru')).toBe('b');
    expect(textIn({}, 'ru')).toBe('');
});
