import { expect, test } from 'vitest';
import type { Asked, ContactKind, Question } from '../../../../plugin/screen/src/api.ts';
import { cardsOf, keyOf, kindsOf, sayingOf, stepsOf } from '../../../../plugin/screen/src/steps.ts';

const question = (purpose: string, channel: string, kind: ContactKind | null): Question => ({
    purpose,
    channel,
    label: purpose,
    detail: channel,
    question: 'May we?',
    text: 'All of it.',
    language: 'en',
    kind,
});
const email = question('newsletter', 'email', 'email');
const sms = question('newsletter', 'sms', 'phone');
const call = question('offers', 'phone', 'phone');
const post = question('brochure', 'post', 'post');
const asked: Asked = {
    handOverId: '0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77',
    language: 'en',
    languages: ['en', 'nl'],
    questions: [email, sms, call, post],
    contacts: [],
};

test('three rows stand on a card, and the look back comes last', () => {
    expect(cardsOf(asked.questions).map((card) => card.length)).toEqual([3, 1]);
    expect(stepsOf(asked, {})).toEqual(['ask-0', 'ask-1', 'review']);
});

test('only a yes leads to an address, each kind once, in the same order always', () => {
    expect(kindsOf(asked, { [keyOf(post)]: 'yes', [keyOf(email)]: 'no' })).toEqual(['post']);
    const all = {
        [keyOf(post)]: 'yes',
        [keyOf(call)]: 'yes',
        [keyOf(sms)]: 'yes',
        [keyOf(email)]: 'yes',
    } as const;
    expect(stepsOf(asked, all)).toEqual(['ask-0', 'ask-1', 'email', 'phone', 'post', 'review']);
});

test('what was not answered is not said', () => {
    expect(sayingOf(asked, { [keyOf(sms)]: 'no', [keyOf(email)]: 'yes' })).toEqual([
        { purpose: 'newsletter', channel: 'email', choice: 'given' },
        { purpose: 'newsletter', channel: 'sms', choice: 'refused' },
    ]);
    expect(sayingOf(asked, {})).toEqual([]);
});
