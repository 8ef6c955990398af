import { expect, test } from 'vitest';
import {
    actRequest,
    answersOf,
    carried,
    mayRecord,
    missingContact,
    nextMark,
    refusal,
    refused,
} from '../../../../plugin/panel/src/answers.ts';
import type { Desk, Outcome } from '../../../../plugin/ui-kit/src/api/types.ts';
import { deskOf, emptyDesk, savedDesk } from '../../../e2e/support/desks.mjs';

const ask = (change = {}) => deskOf('ask', 'en', change) as Desk;
const kOutcomes: Outcome[] = ['save', 'refuse', 'not-now', 'unclear', 'stop-everything'];
const ids = (desk: Desk) => desk.questions.map((q) => q.questionId) as [string, string, string];

test('one key goes round: yes, no, none', () => {
    expect([null, 'yes', 'no'].map((mark) => nextMark(mark as 'yes'))).toEqual(['yes', 'no', null]);
    expect(nextMark(undefined)).toBe('yes');
});

test('only what was marked is answered', () => {
    const desk = ask();
    const [first, , third] = ids(desk);
    expect(answersOf({ [first]: 'no', [third]: 'yes' }, desk.questions)).toEqual([
        { purpose: 'newsletter', channel: 'email', choice: 'refused' },
        { purpose: 'lastminute', channel: 'sms', choice: 'given' },
    ]);
    expect(answersOf({}, desk.questions)).toEqual([]);
});

test('nothing may be recorded without a customer, and in a rush only that they want nothing more', () => {
    const rush = { on: true, missed: 0, until: null };
    for (const outcome of kOutcomes) {
        expect(mayRecord(outcome, emptyDesk({ rush }) as Desk, {})).toBe(false);
        expect(mayRecord(outcome, emptyDesk() as Desk, {})).toBe(false);
        expect(mayRecord(outcome, ask({ rush }), {})).toBe(outcome === 'stop-everything');
        expect(mayRecord(outcome, null, {})).toBe(false);
    }
    const { lastAct } = savedDesk('stop-everything', 'en') as Desk;
    expect(mayRecord('stop-everything', ask({ rush, lastAct }), {})).toBe(false);
});

test('refusing needs no mark, saving needs one; stopping is open even where nothing is asked', () => {
    const desk = ask();
    expect(kOutcomes.map((o) => mayRecord(o, desk, {}))).toEqual([false, true, true, true, true]);
    const resting = deskOf('resting', 'en') as Desk;
    expect(kOutcomes.map((o) => mayRecord(o, resting, {}))).toEqual([false, false, false, false, true]);
    expect(mayRecord('save', resting, { [ids(resting)[0]]: 'yes' })).toBe(true);
});

test('beside marks "No, thanks" keeps them and fills the rest; a second one turns the yes', () => {
    const desk = ask();
    const [first, second, third] = ids(desk);
    expect(refusal({}, desk.questions)).toBe('all');
    const marks = { [first]: 'yes', [second]: 'no' } as const;
    expect(refusal(marks, desk.questions)).toBe('rest');
    const filled = refused(marks, desk.questions);
    expect(filled).toEqual({ [first]: 'yes', [second]: 'no', [third]: 'no' });
    expect(refusal(filled, desk.questions)).toBe('no');
    expect(refused(filled, desk.questions)).toEqual({ [first]: 'no', [second]: 'no', [third]: 'no' });
});

test('"No, thanks" says nothing about what is not asked', () => {
    const { questions } = deskOf('resting', 'en') as Desk;
    const [first, second] = questions.map((q) => q.questionId) as [string, string];
    expect(refused({ [first]: 'no' }, questions)).toMatchObject({ [first]: 'no', [second]: null });
    expect(refused({ [first]: 'yes' }, questions)).toMatchObject({ [first]: null, [second]: null });
});

test('"No, thanks" covers what is not asked too, wherever the row stands, and leaves a standing yes', () => {
    const { questions } = deskOf('partial', 'en') as Desk;
    const [first, second, third] = questions.map((q) => q.questionId) as [string, string, string];
    const below = questions.map((q) => ({ ...q, asked: q.questionId === second }));
    expect(refusal({}, below)).toBe('all');
    expect(refused({}, below)).toEqual({ [first]: null, [second]: 'no', [third]: 'no' });
    expect(refused({ [second]: 'yes' }, below)).toEqual({ [first]: null, [second]: 'yes', [third]: 'no' });
});

test('where nothing is asked it takes back every yes on file and says nothing of a no', () => {
    for (const [kind, marks] of [
        ['consented', ['no', null, 'no']],
        ['unconfirmed', ['no', null, 'no']],
        ['soft', ['no', 'no', 'no']],
        ['resting', [null, null, null]],
        ['objected', [null, null, null]],
    ] as const) {
        const { questions } = deskOf(kind, 'en') as Desk;
        expect(refusal({}, questions)).toBe('no');
        expect(Object.values(refused({}, questions))).toEqual(marks);
    }
    const { questions } = deskOf('consented', 'en') as Desk;
    const [first, second, third] = questions.map((q) => q.questionId) as [string, string, string];
    expect(refusal({ [third]: 'yes' }, questions)).toBe('rest');
    expect(refused({ [third]: 'yes' }, questions)).toEqual({ [first]: 'no', [second]: null, [third]: 'yes' });
});

test('a school has nothing to answer, and everything to stop', () => {
    const desk = deskOf('resting', 'en', { situation: 'school', questionSetId: null, questions: [] }) as Desk;
    expect(kOutcomes.map((o) => mayRecord(o, desk, {}))).toEqual([false, false, false, false, true]);
    expect(actRequest('stop-everything', desk, {}, 'spoken', [], 'k')).toMatchObject({ questionSetId: null });
    const elsewhere = deskOf('restricted', 'en') as Desk;
    expect(mayRecord('stop-everything', elsewhere, {})).toBe(false);
});

test('only a save carries answers, and the phone is a phone', () => {
    const desk = ask({ situation: 'phone' });
    const draft = { [ids(desk)[0]]: 'yes' } as const;
    const save = actRequest('save', desk, draft, 'paper', [], 'k');
    expect(save).toMatchObject({
        outcome: 'save',
        method: 'phone',
        language: 'nl',
        questionSetId: desk.questionSetId,
    });
    expect(save?.answers).toHaveLength(1);
    expect(actRequest('refuse', desk, draft, 'spoken', [], 'k')?.answers).toEqual([]);
});

test('a yes without an address asks for it, a no does not', () => {
    const desk = deskOf('no-address', 'en') as Desk;
    const [email] = ids(desk);
    expect(missingContact({ [email]: 'yes' }, desk.questions)).toBe('email');
    expect(missingContact({ [email]: 'no' }, desk.questions)).toBeNull();
});

test('a no goes along to another set of questions while its row does; a yes never', () => {
    const before = ask();
    const { questions } = before;
    const [first, second, third] = ids(before);
    const fresh = questions.map((q, i) => ({ ...q, questionId: `${i}` }));
    const marks = { [first]: 'yes', [second]: 'no', [third]: 'no' } as const;
    expect(carried(marks, questions, fresh)).toEqual({ draft: { 1: 'no', 2: 'no' }, lost: true });
    expect(carried({ [second]: 'no' }, questions, fresh)).toEqual({ draft: { 1: 'no' }, lost: false });
    expect(carried({ [second]: 'no' }, questions, [])).toEqual({ draft: {}, lost: true });
    expect(carried({ [first]: null }, questions, [])).toEqual({ draft: {}, lost: false });
});
