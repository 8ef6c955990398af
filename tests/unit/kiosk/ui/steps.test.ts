import { describe, expect, test } from 'vitest';
import type { Channel, House, Question } from '../../../../kiosk/ui/src/api.ts';
import { type Answers, cardsOf, choicesOf, contactsOf, isFirstCard, keyOf, stepsOf, stillStanding, wantsSms, type Yes } from '../../../../kiosk/ui/src/steps.ts'; // biome-ignore format: one import

const kContact = { email: 'email', sms: 'phone', phone: 'phone', messaging: 'phone', post: 'post', social: null, record: null } as const; // biome-ignore format: a table
const notice = (id: string, version = 1) => ({
    id,
    version,
    language: 'nl' as const,
    sha256: `${version}`.repeat(64),
});
function question(name: string, needs: string | null = null): Question {
    const [purpose = '', channel = ''] = name.split('/');
    const wording = { notice: notice(purpose), label: purpose, detail: channel, line: '', text: '' };
    return { purpose, channel: channel as Channel, contact: kContact[channel as Channel], needs, confirm: false, wordings: { nl: wording } }; // biome-ignore format: one thought
}
const house = (questions: Question[], more: Partial<House> = {}) =>
    ({
        questions,
        age: null,
        likes: { genres: [], frequencies: [] },
        surveys: { anonymous: null, beside: null },
        ...more,
    }) as unknown as House;
const said = (answers: Record<string, Yes>): Answers =>
    Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, { value, notice: notice(key.split('/')[0] ?? '') }])); // biome-ignore format: one thought
const names = (cards: Question[][]) => cards.map((card) => card.map(keyOf));

const kPlain = house(['newsletter/email', 'brochure/post', 'tips/email', 'tips/phone', 'tips/post'].map((q) => question(q))); // biome-ignore format: one thought
const kStrict = house([
    question('data/record'),
    question('news/email', 'data'),
    question('brochure/post', 'data'),
]);

describe('cards', () => {
    test('hold four rows at most and tear no purpose apart where it fits', () => {
        expect(names(cardsOf(kPlain, {}))).toEqual([['newsletter/email', 'brochure/post'], ['tips/email', 'tips/phone', 'tips/post']]); // biome-ignore format: one thought
        const long = house(['a/email', 'a/sms', 'a/phone', 'a/post', 'a/messaging'].map((q) => question(q)));
        expect(names(cardsOf(long, {})).map((card) => card.length)).toEqual([4, 1]);
        expect(cardsOf(house([]), {})).toEqual([]);
    });

    test('ask what others need by itself, and the others only after a yes', () => {
        expect(names(cardsOf(kStrict, {}))).toEqual([['data/record']]);
        expect(names(cardsOf(kStrict, said({ 'data/record': 'no' })))).toEqual([['data/record']]);
        const open = cardsOf(kStrict, said({ 'data/record': 'yes' }));
        expect(names(open)).toEqual([['data/record'], ['news/email', 'brochure/post']]);
        expect(open.map((card) => isFirstCard(kStrict, card))).toEqual([true, false]);
    });
});

describe('steps', () => {
    test('ask for the addresses of what was answered yes, and for no other', () => {
        const steps = stepsOf(
            kPlain,
            said({ 'newsletter/email': 'yes', 'brochure/post': 'no', 'tips/phone': 'yes' }),
        );
        expect(steps).toEqual(['wishes-0', 'wishes-1', 'name', 'email', 'phone', 'review']);
    });

    test('end where there is nothing to keep', () => {
        expect(stepsOf(kPlain, {})).toEqual(['wishes-0', 'wishes-1', 'none']);
        expect(stepsOf(kPlain, said({ 'newsletter/email': 'no' })).at(-1)).toBe('none');
        expect(stepsOf(kStrict, said({ 'data/record': 'yes' })).at(-1)).toBe('none');
        expect(stepsOf(house([]), {})).toEqual(['none']);
    });

    test('ask the age before anything is typed, and tastes where the house has some', () => {
        const likes = { genres: [{ id: 'jazz', labels: {} }], frequencies: [] };
        const steps = stepsOf(
            house(kPlain.questions, { age: { atLeast: 16 }, likes }),
            said({ 'newsletter/email': 'yes' }),
        );
        expect(steps).toEqual(['wishes-0', 'wishes-1', 'age', 'name', 'email', 'tastes', 'review']);
    });
});

describe('what is sent', () => {
    test('is what was answered, with its notice, and nothing that was passed over', () => {
        expect(choicesOf(kPlain, said({ 'brochure/post': 'no', 'tips/email': 'yes' }))).toEqual([
            { purpose: 'brochure', channel: 'post', choice: 'refused', notice: notice('brochure') },
            { purpose: 'tips', channel: 'email', choice: 'given', notice: notice('tips') },
        ]);
        expect(choicesOf(kPlain, {})).toEqual([]);
    });

    test('holds no yes whose condition was taken back', () => {
        const answers = said({ 'data/record': 'no', 'news/email': 'yes' });
        expect(choicesOf(kStrict, answers).map((c) => c.purpose)).toEqual(['data']);
        expect(contactsOf(kStrict, answers)).toEqual([]);
    });

    test('asks for a number that takes messages where one was wished', () => {
        const sms = house([question('late/sms'), question('tips/phone')]);
        expect(wantsSms(sms, said({ 'late/sms': 'yes' }))).toBe(true);
        expect(wantsSms(sms, said({ 'tips/phone': 'yes' }))).toBe(false);
    });
});

test('of answers to older questions those stand whose wording is the same', () => {
    const answers = said({ 'newsletter/email': 'yes', 'brochure/post': 'no' });
    const changed = house(kPlain.questions.map((q) => q.purpose !== 'brochure' ? q : { ...q, wordings: { nl: { notice: notice('brochure', 2), label: '', detail: '', line: '', text: '' } } })); // biome-ignore format: one thought
    expect(Object.keys(stillStanding(changed, answers))).toEqual(['newsletter/email']);
    expect(stillStanding(house([]), answers)).toEqual({});
});
