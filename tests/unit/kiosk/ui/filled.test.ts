import { describe, expect, test } from 'vitest';
import type { Questionnaire, SurveyQuestion } from '../../../../kiosk/ui/src/api.ts';
import { answersOf, askedOf, type Filled, saidOf, touched } from '../../../../kiosk/ui/src/survey/filled.ts';

const base = { purpose: 'statistics', text: {}, options: [], atMost: 0, scale: null, maxChars: 0, showIf: null }; // biome-ignore format: one thought
const question = (id: string, more: Partial<SurveyQuestion>): SurveyQuestion =>
    ({ ...base, id, kind: 'choice', ...more }) as SurveyQuestion;
const options = (...ids: string[]) => ids.map((id) => ({ id, labels: { nl: id.toUpperCase() } }));
const form = {
    id: 'foyer',
    version: 1,
    anonymous: true,
    title: {},
    intro: {},
    questions: [
        question('first', { options: options('yes', 'no') }),
        question('often', {
            options: options('once', 'many'),
            showIf: { question: 'first', answers: ['no'] },
        }),
        question('why', { kind: 'text', maxChars: 20, showIf: { question: 'often', answers: ['many'] } }),
        question('heard', { kind: 'multi', atMost: 2, options: options('a', 'b', 'c') }),
    ],
} as unknown as Questionnaire;
const ids = (filled: Filled) => askedOf(form, filled).map((q) => q.id);
const [first, , , heard] = form.questions as [SurveyQuestion, unknown, unknown, SurveyQuestion];

describe('who is asked what', () => {
    test('follows the answers to earlier questions, and theirs', () => {
        expect(ids({})).toEqual(['first', 'heard']);
        expect(ids({ first: ['no'] })).toEqual(['first', 'often', 'heard']);
        expect(ids({ first: ['no'], often: ['many'] })).toEqual(['first', 'often', 'why', 'heard']);
        expect(ids({ first: ['yes'], often: ['many'] })).toEqual(['first', 'heard']);
    });

    test('nothing is sent that a changed mind left behind, and no blank', () => {
        const filled = { first: ['yes'], often: ['many'], why: ['because'], heard: [] };
        expect(answersOf(form, filled)).toEqual([{ question: 'first', values: ['yes'] }]);
        expect(answersOf(form, { first: ['no'], often: ['many'], why: ['  a   b '] }).at(-1)).toEqual({
            question: 'why',
            values: ['a b'],
        });
        expect(answersOf(form, { why: [' '] })).toEqual([]);
    });

    test('never an answer whose condition does not hold, whatever was touched before', () => {
        const some = [[], ['yes'], ['no'], ['once'], ['many'], ['a', 'b']];
        for (let n = 0; n < some.length ** 4; n++) {
            const pick = (at: number) => some[Math.floor(n / some.length ** at) % some.length] ?? [];
            const filled = { first: pick(0), often: pick(1), why: pick(2), heard: pick(3) };
            const sent = new Map(answersOf(form, filled).map((answer) => [answer.question, answer.values]));
            for (const { id, showIf } of form.questions)
                if (sent.has(id) && showIf)
                    expect(sent.get(showIf.question)?.some((value) => showIf.answers.includes(value))).toBe(true); // biome-ignore format: one thought
        }
    });
});

test('a touch chooses, a second lets go, and no more are chosen than may be', () => {
    expect(touched(first, {}, 'yes')).toEqual({ first: ['yes'] });
    expect(touched(first, { first: ['yes'] }, 'no')).toEqual({ first: ['no'] });
    expect(touched(first, { first: ['no'] }, 'no')).toEqual({ first: [] });
    const two = touched(heard, touched(heard, {}, 'a'), 'c');
    expect(two).toEqual({ heard: ['a', 'c'] });
    expect(touched(heard, two, 'b')).toBe(two);
    expect(touched(heard, two, 'a')).toEqual({ heard: ['c'] });
});

test('answers in words', () => {
    const filled = { first: ['no'], often: ['many'], why: ['jazz'] };
    expect(saidOf(form, filled, 'nl')).toBe('NO, MANY, jazz');
    expect(saidOf(form, {}, 'nl')).toBe('');
});
