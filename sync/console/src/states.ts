/** How a state looks, and how a person's states make a table. */
import type { IconName } from '@souffleur/ui-kit/components/icons.ts';
import type { components } from './schema.gen.ts';

type Schemas = components['schemas'];
export type State = Schemas['State'];
export type StateRow = Schemas['StateRow'];
export type Event = Schemas['Event'];
export type Tone = 'plain' | 'go' | 'lime' | 'rest' | 'curtain';

export const kStates: readonly State[] = [
    'given',
    'soft-opt-in',
    'legacy',
    'requested',
    'deferred',
    'expired',
    'refused',
    'withdrawn',
    'objected',
];
export const kLook: Readonly<Record<State, { tone: Tone; icon: IconName }>> = {
    given: { tone: 'go', icon: 'consented' },
    'soft-opt-in': { tone: 'go', icon: 'soft' },
    legacy: { tone: 'plain', icon: 'legacy' },
    requested: { tone: 'lime', icon: 'unconfirmed' },
    deferred: { tone: 'lime', icon: 'refresh' },
    expired: { tone: 'lime', icon: 'history' },
    unknown: { tone: 'lime', icon: 'ask' },
    refused: { tone: 'rest', icon: 'resting' },
    withdrawn: { tone: 'rest', icon: 'undo' },
    objected: { tone: 'curtain', icon: 'objected' },
};
export const permits = (state: State): boolean =>
    state === 'given' || state === 'soft-opt-in' || state === 'legacy';

const kChannels = ['email', 'post', 'sms', 'phone', 'messaging', 'social'];

export interface Asked {
    key: string;
    purpose: string;
    /** One a channel, in the order of the house. */
    rows: StateRow[];
}

/** What was answered, purpose by purpose: each answer beside its own evidence. */
export function byPurpose(states: readonly StateRow[]): Asked[] {
    const rank = (channel: string) => (kChannels.indexOf(channel) + 7) % 7;
    const asked = new Map<string, Asked>();
    for (const state of states) {
        const key = `${state.controller} ${state.purpose}`;
        const of = asked.get(key) ?? { key, purpose: state.purpose, rows: [] };
        asked.set(key, { ...of, rows: [...of.rows, state] });
    }
    return [...asked.values()].map((one) => ({
        ...one,
        rows: one.rows.sort(
            (a, b) => rank(a.channel) - rank(b.channel) || a.channel.localeCompare(b.channel),
        ),
    }));
}

export interface Said {
    purpose: string;
    channel: string;
    /** What the choice came to by itself: a yes that waits is no yes. */
    state: State;
}

/** The choices of an act's header (FORMAT.md); anything else has none. `all`: where a confirmation may be. */
export function choicesOf(event: Event, all: readonly Event[]): Said[] {
    const list = event.header?.choices;
    if (!Array.isArray(list)) return [];
    return list.map((c: Record<string, unknown>) => ({
        purpose: String(c.p ?? ''),
        channel: String(c.c ?? ''),
        state: cameTo(c, event, all),
    }));
}

function cameTo(choice: Record<string, unknown>, event: Event, all: readonly Event[]): State {
    const said = kStates.find((state) => state === choice.is) ?? 'unknown';
    if (said !== 'given') return said;
    if (choice.b === 'legacy' || choice.b === 'soft-opt-in') return choice.b;
    const confirmed = all.some(
        ({ kind, header }) => kind === 'confirmed' && header?.target === event.id && header?.ch === choice.c,
    );
    return choice.cf && !confirmed ? 'requested' : 'given';
}

/** The events that those of `kind` are about: what was taken back, what was confirmed. */
export const targetsOf = (events: readonly Event[], kind: string): ReadonlySet<string> =>
    new Set(events.filter((e) => e.kind === kind).map((e) => String(e.header?.target ?? '')));

/** The rows of a long list that are in sight, with some to spare on either side. */
export function windowOf(
    count: number,
    rowHeight: number,
    top: number,
    height: number,
): { from: number; to: number } {
    const spare = 6;
    const from = Math.max(0, Math.floor(top / rowHeight) - spare);
    return { from, to: Math.min(count, Math.ceil((top + height) / rowHeight) + spare) };
}
