import { beforeEach, expect, test, vi } from 'vitest';
import { carrier, mark, once, record, refuse } from '../../../../plugin/panel/src/acts.ts';
import type { Till } from '../../../../plugin/panel/src/till.svelte.ts';
import type { ActRequest, Desk } from '../../../../plugin/ui-kit/src/api/types.ts';
import { deskOf, id, savedDesk } from '../../../e2e/support/desks.mjs';

beforeEach(() => {
    vi.useFakeTimers();
});

/** As much of a till as acts need; what it sent, and what it told. `reply`: what the terminal answers, null = nothing comes. */
function tillWith(kind: string) {
    const sent: (ActRequest & { idempotencyKey: string })[] = [];
    const told: string[] = [];
    const desk = deskOf(kind, 'en') as Desk;
    const saved = { ...(savedDesk('save', 'en') as Desk), customer: desk.customer };
    const till = {
        desk: null as Desk | null,
        draft: {},
        method: 'spoken',
        busy: false,
        acting: false,
        filled: 0,
        attempt: { body: '', key: '' },
        reply: { ok: true, value: { desk: saved } } as unknown,
        client: {
            post: async (_: string, body: ActRequest & { idempotencyKey: string }) => {
                sent.push(body);
                return till.reply;
            },
        },
        show(next: Desk) {
            this.desk = next;
            (this as unknown as Till).carry?.();
        },
        tell: (key: string) => told.push(key),
        complain: (trouble: { code: string }) => told.push(trouble.code),
    };
    const whole = till as unknown as Till;
    whole.carry = carrier(whole);
    whole.show(desk);
    return { till: whole, desk, saved, sent, told, answer: (reply: unknown) => (till.reply = reply) };
}
const fresh = (desk: Desk): Desk => ({ ...desk, questionSetId: id(801) });
const marks = (till: Till) => Object.values(till.draft).filter(Boolean);

test('the second tap of a pair does nothing, a key and a tap of its own do', () => {
    const act = vi.fn();
    once(act)({ detail: 2 } as MouseEvent);
    once(act)({ detail: 3 } as MouseEvent);
    expect(act).not.toHaveBeenCalled();
    once(act)({ detail: 0 } as MouseEvent);
    once(act)({ detail: 1 } as MouseEvent);
    expect(act).toHaveBeenCalledTimes(2);
});

test('a new set of questions keeps a marked no, and takes a marked yes off even where its row looks as before', () => {
    const { till, desk, told } = tillWith('ask');
    mark(till, 0, 'yes');
    mark(till, 1, 'no');
    till.show({ ...desk, revision: desk.revision + 1 }); // the same set
    expect([marks(till), told]).toEqual([['yes', 'no'], []]);
    till.show(fresh(desk));
    expect([marks(till), told]).toEqual([['no'], ['trouble.stale-questions']]);
});

test('another customer begins without marks, and nobody is told', () => {
    const { till, desk, told } = tillWith('ask');
    mark(till, 0, 'yes');
    mark(till, 1, 'no');
    till.show({ ...fresh(desk), customer: { ...desk.customer, subjectId: id(140) } as Desk['customer'] });
    expect([marks(till), told]).toEqual([[], []]);
});

test('what was stored is not sent again when only its reply was lost', async () => {
    const { till, saved, sent, told, answer } = tillWith('ask');
    answer({ ok: false, trouble: { code: 'unreachable' } });
    mark(till, 1, 'no');
    await record(till, 'save');
    expect([sent.length, told, marks(till)]).toEqual([1, ['unreachable'], ['no']]);
    till.show(fresh(saved)); // by the feed
    expect(marks(till)).toEqual([]);
    await record(till, 'save');
    expect(sent).toHaveLength(1);
});

test('a no that was marked after an answer stays when the answer is taken back', () => {
    const { till, desk, saved, told } = tillWith('ask');
    till.show(saved);
    mark(till, 1, 'no');
    mark(till, 0, 'yes');
    till.show(fresh(desk));
    expect([marks(till), told]).toEqual([['no'], ['trouble.stale-questions']]);
});

test('a second try without news carries the same key', async () => {
    const { till, sent, answer } = tillWith('ask');
    answer({ ok: false, trouble: { code: 'unreachable' } });
    mark(till, 1, 'no');
    await record(till, 'save');
    await record(till, 'save');
    expect(sent[1]?.idempotencyKey).toBe(sent[0]?.idempotencyKey);
});

test('a newer picture under an act waits for its reply', async () => {
    const { till, saved, told } = tillWith('ask');
    mark(till, 0, 'no');
    const saving = record(till, 'save');
    till.show({ ...saved, questionSetId: id(802) });
    expect(told).toEqual([]);
    await saving;
    expect([marks(till), told]).toEqual([[], []]);
});

test('the same press of F10 again turns no yes that it left to Save; for the next customer it works at once', async () => {
    const { till, desk, sent } = tillWith('consented');
    vi.advanceTimersByTime(2000);
    mark(till, 1, 'yes');
    await refuse(till);
    await refuse(till);
    expect([marks(till).filter((m) => m === 'yes').length, sent.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(100);
    till.show({ ...fresh(desk), customer: { ...desk.customer, subjectId: id(140) } as Desk['customer'] });
    await refuse(till);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.answers.every((a) => a.choice === 'refused')).toBe(true);
});
