import { beforeEach, expect, test, vi } from 'vitest';
import { by, carrier, mark, record, refuse } from '../../../../plugin/panel/src/acts.ts';
import type { Till } from '../../../../plugin/panel/src/till.svelte.ts';
import type { ActRequest, Desk } from '../../../../plugin/ui-kit/src/api/types.ts';
import { deskOf, savedDesk } from '../../../e2e/support/desks.mjs';

beforeEach(() => {
    vi.useFakeTimers();
});

/** As much of a till as acts need; what it sent, and what it told. */
function tillWith(kind: string) {
    const sent: ActRequest[] = [];
    const told: string[] = [];
    const desk = deskOf(kind, 'en') as Desk;
    const saved = savedDesk('save', 'en') as Desk;
    const till = {
        desk: null as Desk | null,
        draft: {},
        method: 'spoken',
        busy: false,
        attempt: { body: '', key: '' },
        came: -600,
        filled: -1500,
        client: {
            post: async (_: string, body: ActRequest) => {
                sent.push(body);
                return { ok: true, value: { desk: { ...saved, customer: desk.customer } } };
            },
        },
        show(next: Desk) {
            this.desk = next;
            (this as unknown as Till).carry?.();
        },
        tell: (key: string) => told.push(key),
    };
    const whole = till as unknown as Till;
    whole.carry = carrier(whole);
    whole.show(desk);
    return { till: whole, desk, saved, sent, told };
}

const tap = (till: Till, act: () => unknown, detail = 1) => by(till, act)({ detail } as MouseEvent);

test('what comes in the place of another button takes no tap at first, but any key', async () => {
    const { till, sent } = tillWith('ask');
    const act = vi.fn();
    vi.advanceTimersByTime(601);
    mark(till, 0, 'yes');
    tap(till, act);
    expect(act).toHaveBeenCalledTimes(1);
    await record(till, 'save');
    expect(sent).toHaveLength(1);
    for (const ms of [0, 180, 400]) {
        vi.advanceTimersByTime(ms);
        tap(till, act);
    }
    expect(act).toHaveBeenCalledTimes(1);
    tap(till, act, 0);
    expect(act).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(100);
    tap(till, act);
    expect(act).toHaveBeenCalledTimes(3);
});

test('nor where marks that are gone bring Undo into the place of Save', () => {
    const { till, saved } = tillWith('ask');
    const act = vi.fn();
    till.show(saved);
    mark(till, 0, 'no');
    vi.advanceTimersByTime(700);
    till.show({ ...saved, questions: [] });
    tap(till, act);
    expect(act).not.toHaveBeenCalled();
});

test('a repeat of F10 does not turn the yes that it left to Save', async () => {
    for (const kind of ['ask', 'consented']) {
        const { till, sent } = tillWith(kind);
        mark(till, kind === 'ask' ? 0 : 1, 'yes');
        const presses = kind === 'ask' ? [0, 180, 900, 1400] : [0, 1400, 1400];
        for (const ms of presses) {
            vi.advanceTimersByTime(ms);
            await refuse(till);
        }
        expect(sent).toEqual([]);
        expect(Object.values(till.draft).filter((each) => each === 'yes')).toHaveLength(1);
        // Who reads the key anew and presses it means it.
        vi.advanceTimersByTime(1600);
        await refuse(till);
        expect(sent).toHaveLength(1);
        expect(sent[0]?.answers.every(({ choice }) => choice === 'refused')).toBe(true);
    }
});

test('a newer picture under an act waits for its reply', async () => {
    const { till, desk, saved, told } = tillWith('ask');
    mark(till, 0, 'yes');
    const answered = { state: 'given', at: { ms: 1, text: '1970-01-01T00:00:00.001Z' } } as const;
    const questions = desk.questions.map((q) => ({ ...q, answered }));
    const saving = record(till, 'save');
    till.show({ ...saved, customer: desk.customer, questions });
    expect(told).toEqual([]);
    await saving;
    expect([till.draft, told]).toEqual([{}, []]);
});
