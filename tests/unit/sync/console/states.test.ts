import { expect, test } from 'vitest';
import {
    byPurpose,
    choicesOf,
    type Event,
    type StateRow,
    targetsOf,
    windowOf,
} from '../../../../sync/console/src/states.ts';

const row = (purpose: string, channel: string, at: number): StateRow => ({
    controller: 'house',
    purpose,
    channel,
    state: 'given',
    at,
    place: 'till-1',
    placeName: 'Till 1',
    method: 'spoken',
    basis: 'consent',
    pending: false,
    validUntil: null,
    because: null,
    notice: null,
    against: null,
});

test('answers stand by purpose, their channels in the order of the house', () => {
    const asked = byPurpose([
        row('newsletter', 'post', 2),
        row('newsletter', 'email', 1),
        row('brochure', 'post', 3),
    ]);
    expect(asked.map((one) => one.purpose)).toEqual(['newsletter', 'brochure']);
    expect(asked[0]?.rows.map((one) => one.channel)).toEqual(['email', 'post']);
    expect(asked[1]?.rows.map((one) => one.at)).toEqual([3]);
});

test('a list shows what is in sight and stays within its ends', () => {
    expect(windowOf(1000, 64, 0, 640)).toEqual({ from: 0, to: 16 });
    expect(windowOf(1000, 64, 64 * 500, 640)).toEqual({ from: 494, to: 516 });
    expect(windowOf(3, 64, 0, 640)).toEqual({ from: 0, to: 3 });
});

test('what was taken back can be told from what stands', () => {
    const back = { kind: 'retract', header: { target: 'a-1' } } as unknown as Event;
    expect([...targetsOf([back], 'retract')]).toEqual(['a-1']);
    expect(targetsOf([back], 'confirmed').size).toBe(0);
});

test('a yes that waits is not shown as given, an imported one not as fresh', () => {
    const event = (id: string, kind: string, header: Record<string, unknown>) =>
        ({ id, kind, header }) as unknown as Event;
    const act = event('a', 'act', {
        choices: [
            { p: 'newsletter', c: 'email', is: 'given', cf: true },
            { p: 'brochure', c: 'post', is: 'given' },
            { p: 'offers', c: 'email', is: 'given', b: 'legacy' },
            { p: 'offers', c: 'sms', is: 'refused' },
        ],
    });
    const states = (all: Event[]) => choicesOf(act, all).map((one) => one.state);
    expect(states([act])).toEqual(['requested', 'given', 'legacy', 'refused']);
    const click = event('b', 'confirmed', { target: 'a', ch: 'email' });
    expect(states([click, act])).toEqual(['given', 'given', 'legacy', 'refused']);
    expect(choicesOf(click, [])).toEqual([]);
});
