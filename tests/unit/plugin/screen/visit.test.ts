import { expect, test } from 'vitest';
import type { Asked } from '../../../../plugin/screen/src/api.ts';
import { Visit } from '../../../../plugin/screen/src/visit.svelte.ts';

const asked = (change: Partial<Asked> = {}): Asked => ({
    handOverId: '0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77',
    language: 'en',
    languages: ['en'],
    questions: [
        { purpose: 'newsletter', channel: 'email', label: 'Newsletter', detail: 'by e-mail', question: 'May we?', text: 'All.', language: 'en', kind: 'email' },
        { purpose: 'brochure', channel: 'post', label: 'Brochure', detail: 'by post', question: 'May we?', text: 'All.', language: 'en', kind: 'post' },
    ],
    contacts: [
        { kind: 'email', lacking: true, masked: null },
        { kind: 'post', lacking: false, masked: null },
    ],
    ...change,
}); // biome-ignore format: two rows

const [newsletter, brochure] = asked().questions as [Asked['questions'][number], Asked['questions'][number]];

test('nothing is answered to begin with, and an address that lacks must be typed', () => {
    const visit = new Visit(asked());
    expect(visit.answered).toBe(false);
    visit.answer(newsletter, 'yes');
    visit.next();
    expect(visit.place).toBe('email');
    visit.next();
    expect(visit.place).toBe('email');
    visit.forms.email.value = 'anna@example.org';
    visit.next();
    expect(visit.place).toBe('review');
    const request = visit.request();
    expect(request?.contacts).toEqual([
        { kind: 'email', value: 'anna@example.org', confirmed: false, corrects: false },
    ]);
    expect(request?.answers).toEqual([{ purpose: 'newsletter', channel: 'email', choice: 'given' }]);
    // The same again is the same; another is another.
    expect(visit.request()?.idempotencyKey).toBe(request?.idempotencyKey);
    visit.answer(brochure, 'no');
    expect(visit.request()?.idempotencyKey).not.toBe(request?.idempotencyKey);
});

test('an address on file is used as it is, and corrected only where it was shown', () => {
    const visit = new Visit(asked());
    visit.answer(brochure, 'yes');
    expect(visit.request()?.contacts).toEqual([]);
    visit.useOther('post', true);
    expect(visit.request()).toBeNull();
    expect(visit.place).toBe('post');
    visit.forms.post.value = 'Voorstraat 1\n3500 AA Utrecht';
    expect(visit.request()?.contacts[0]).toMatchObject({ corrects: false });
    const seen = new Visit(asked({ contacts: [{ kind: 'post', lacking: false, masked: 'V••• 1' }] }));
    seen.answer(brochure, 'yes');
    seen.useOther('post', true);
    seen.forms.post.value = 'Voorstraat 1\n3500 AA Utrecht';
    expect(seen.request()?.contacts[0]).toMatchObject({ corrects: true });
    seen.useOther('post', false);
    expect(seen.request()?.contacts).toEqual([]);
});

test('no to all is one step, whatever was answered before, and asks for no address', () => {
    const visit = new Visit(asked());
    visit.answer(newsletter, 'yes');
    visit.noToAll();
    expect(visit.place).toBe('review');
    expect(visit.request()?.answers.map((answer) => answer.choice)).toEqual(['refused', 'refused']);
    expect(visit.request()?.contacts).toEqual([]);
});

test('what the terminal refuses leads to where it was typed', () => {
    const visit = new Visit(asked());
    visit.answer(newsletter, 'yes');
    visit.forms.email.value = 'anna@gmial.com';
    const contacts = [{ kind: 'email' as const, value: 'anna@gmial.com', confirmed: false, corrects: false }];
    const errors = [
        { pointer: '/contacts/0/value', code: 'email-mistyped' as const, suggestion: 'anna@gmail.com' },
    ];
    visit.place = 'review';
    visit.refused({ code: 'invalid', status: 422, errors }, contacts);
    expect(visit.place).toBe('email');
    expect(visit.forms.email.suggestion).toBe('anna@gmail.com');
    visit.refused({ code: 'storage-unavailable', status: 503 }, contacts);
    expect(visit.doubt).toBe('other');
});

test('back leads back, and says when there is nothing behind', () => {
    const visit = new Visit(asked());
    visit.next();
    expect(visit.place).toBe('review');
    expect(visit.back()).toBe(true);
    expect(visit.place).toBe('ask-0');
    expect(visit.back()).toBe(false);
});
