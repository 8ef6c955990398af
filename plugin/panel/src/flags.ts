/** How a flag looks and which sentence each of its reasons is. */
import type { Act, Channel, Customer, Desk, Flag, FlagKind, Reason } from '@souffleur/ui-kit/api/types.ts';
import type { IconName } from '@souffleur/ui-kit/components/icons.ts';
import { day } from '@souffleur/ui-kit/i18n/when.ts';
import { isNo } from './answers.ts';
import type { Say } from './words.ts';

export type Tone = 'lime' | 'go' | 'rest' | 'quiet' | 'curtain';

/** Gold: look here. Green: given. Blue: a resting no. Grey: nothing to do. Curtain red is the voice of the house, never a no. */
export const kTones: Readonly<Record<FlagKind, Tone>> = {
    ask: 'lime',
    refresh: 'lime',
    partial: 'lime',
    'no-address': 'lime',
    bounced: 'lime',
    unconfirmed: 'quiet',
    consented: 'go',
    soft: 'go',
    legacy: 'quiet',
    resting: 'rest',
    objected: 'rest',
    restricted: 'quiet',
    unknown: 'quiet',
};

export const iconOf = (kind: FlagKind): IconName => kind;

type Title = `flag.${FlagKind | 'askAgain' | 'withdrew' | 'asked' | 'quiet' | 'consentedSome'}`;

/** The flag in words, after its first reason: who was put off was not "never asked", who rests need not have said no. */
export function titleKey(kind: FlagKind, reasons: readonly Reason[]): Title {
    const code = reasons[0]?.code;
    if (kind === 'ask' && code && code !== 'never-asked') return 'flag.askAgain';
    const no = code === 'said-no' || code === 'withdrew' || code === 'objected';
    if (kind === 'consented' && no) return 'flag.consentedSome';
    if (kind === 'resting' && code === 'withdrew') return 'flag.withdrew';
    if (kind === 'resting' && code === 'asked-not-answered') return 'flag.asked';
    return kind === 'resting' && !no ? 'flag.quiet' : `flag.${kind}`;
}

/** Was a yes said that only the person's own hand can make count? */
export function needsOwnHand(act: Act, desk: Desk): boolean {
    return act.choices.some(
        (choice) =>
            choice.choice === 'given' &&
            choice.state === 'unconfirmed' &&
            desk.questions.some(
                (q) =>
                    q.purpose === choice.purpose &&
                    q.channel === choice.channel &&
                    q.confirmBy === 'own-hand',
            ),
    );
}

/** How what was saved is told: the outcome, or that the yes does not count yet. A no to every row is one word, not nine. */
export function savedKey(act: Act, desk: Desk) {
    if (needsOwnHand(act, desk)) return 'saved.ownHand';
    const all = act.outcome === 'save' && act.choices.length > 2 && desk.questions.every(isNo);
    return `saved.${all ? 'refuse' : (act.outcome ?? 'not-now')}` as 'saved.save';
}

/** What to do where there is no line to say. A till that may not show who is on file can neither find nor know them. */
export function hintKey({ kind, reasons }: Pick<Flag, 'kind' | 'reasons'>) {
    if (reasons[0]?.code === 'lease-lapsed') return 'hint.resting';
    return kind === 'ask' || kind === 'refresh' || kind === 'partial'
        ? 'hint.other'
        : (`hint.${kind}` as const);
}

export function channelWord(say: Say, channel: Channel): string {
    return say(`channel.${channel}`);
}

/** What an act said, one phrase a choice: the purpose, with the channel where a purpose has several. */
export function saidIn(say: Say, act: Act): string[] {
    return act.choices.map((choice) => {
        const twin = act.choices.some((c) => c !== choice && c.purpose === choice.purpose);
        const channel = choice.channel && twin ? ` (${channelWord(say, choice.channel)})` : '';
        const about = choice.channel ? choice.purposeLabel + channel : say('everything');
        return `${about} – ${say(`choice.${choice.choice}`)}`;
    });
}

/** How much someone bought, and since when: what tells people of one name apart. */
export function ordersIn(say: Say, { orders, since }: Pick<Customer, 'orders' | 'since'>): string {
    return since
        ? say('ordersSince', { count: orders, year: `${new Date(since.ms).getFullYear()}` })
        : say('orders', { count: orders });
}

/** Where an act was recorded: as the terminal names it, or its own word for what has no name of its own. */
export function placeWord(say: Say, place: string): string {
    const number = /^till-(\d+)$/.exec(place)?.[1];
    if (number) return say('place.till', { number });
    if (place === 'web' || place === 'kiosk') return say(`method.${place}`);
    return place === 'head-office' ? say('place.head-office') : place;
}

/** The reason as a sentence. What the terminal did not tell reads as a dash, never as a guess. */
export function reasonText(say: Say, reason: Reason, language: string): string {
    const when = reason.at ? day(reason.at.ms, language) : '–';
    const channel = reason.channel ? channelWord(say, reason.channel) : '–';
    switch (reason.code) {
        case 'partly-answered':
            return say('reason.partly-answered', { count: reason.count ?? 1 });
        case 'address-missing':
            return say('reason.address-missing', { channel });
        case 'address-bounced':
            return reason.at
                ? say('reason.address-bounced', { channel, when })
                : say('reason.address-bounced-undated', { channel });
        case 'asked-not-answered':
        case 'expired':
        case 'expires-soon':
        case 'reask-due':
        case 'given':
        case 'awaiting-confirmation':
        case 'similar-purchase':
        case 'said-no':
        case 'withdrew':
        case 'objected':
            return say(`reason.${reason.code}`, { when });
        default:
            return say(`reason.${reason.code}`);
    }
}
