import { expect, test } from 'vitest';
import {
    choicesOf,
    type Event,
    gridOf,
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
});

test('purposes go down, channels across in the order of the house, the latest state is the evidence', () => {
    const grid = gridOf([
        row('newsletter', 'post', 2),
        row('newsletter', 'email', 1),
        row('brochure', 'post', 3),
    ]);
    expect(grid.channels).toEqual(['email', 'post']);
    expect(grid.rows.map((r) => r.purpose)).toEqual(['newsletter', 'brochure']);
    expect(grid.rows[0]?.latest.channel).toBe('post');
    expect(grid.rows[1]?.cells[0]).toBeNull();
});

test('a list shows what is in sight and stays within its ends', () => {
    expect(windowOf(1000, 64, 0, 640)).toEqual({ from: 0, to: 16 });
    expect(windowOf(1000, 64, 64 * 500, 640)).toEqual({ from: 494, to: 516 });
    expect(windowOf(3, 64, 0, 640)).toEqual({ from: 0, to: 3 });
});

test('what was taken back and what waits for its confirmation can be told from what stands', () => {
    const act = {
        kind: 'act',
        header: { choices: [{ p: 'newsletter', c: 'email', is: 'given', cf: true }] },
    };
    const back = { kind: 'retract', header: { target: 'a-1' } };
    expect(choicesOf(act as unknown as Event)).toEqual([
        { purpose: 'newsletter', channel: 'email', choice: 'given', confirm: true },
    ]);
    expect([...targetsOf([act, back] as unknown as Event[], 'retract')]).toEqual(['a-1']);
    expect(targetsOf([act, back] as unknown as Event[], 'confirmed').size).toBe(0);
});
