/** The screen between and around customers: whose house it is, who has it, who walked away, and the wipe. */
import { Feed, type FeedMessage } from '@souffleur/ui-kit/api/feed.ts';
import { translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { Idle } from '@souffleur/ui-kit/idle.ts';
import { type Asked, kBase, kSecret, type Language, openClient, type Shown } from './api.ts';
import { Visit } from './visit.svelte.ts';
import { kWords, type Say } from './words.ts';

/** A warning after 70 s, over after 90; the terminal lets go of a page that died after 100. */
const kIdle = { firstMs: 70_000, typingMs: 70_000, warnMs: 20_000 };
const kTouchEveryMs = 5000;
const kThanksMs = 10_000;
/** The terminal says something every 2 s. */
const kSilenceMs = 15_000;

export class Screen {
    house = $state('');
    language = $state<Language>('en');
    say = $state.raw<Say | null>(null);
    visit = $state.raw<Visit | null>(null);
    /** What stands there for a moment when it is over. */
    end = $state<'done' | 'mail' | 'gone' | null>(null);
    busy = $state(false);
    leftMs = $state<number | null>(null);
    /** For this customer only. */
    large = $state(false);
    contrast = $state(false);

    readonly client = openClient(() => this.language);
    #idle: Idle | null = null;
    #touchedAt = Number.NEGATIVE_INFINITY;
    #shown: Shown | null = null;
    /** The hand-over that is over, whether the feed has told so or not. */
    #past = '';
    /** A request of ours is under way whose answer tells the same as the feed. */
    #holds = false;
    readonly #feed = new Feed({
        url: `${kBase}/feed`,
        headers: () => this.client.headers(),
        silenceMs: kSilenceMs,
        onMessage: (message) => this.#hear(message),
        // Whoever cannot hear that the cashier took it back must not go on showing it.
        onLink: (linked) => !linked && this.visit && this.wipe(),
        // Its launcher opens a window of its own again, with a fresh token (firmware-config/chromium).
        onRefused: () => window.close(),
    });

    async start(launchToken: string | null): Promise<void> {
        if (launchToken) {
            const begun = await this.client.post('/session', { launchToken });
            if (begun.ok) sessionStorage.setItem(kSecret, begun.value.secret);
        }
        this.#feed.open();
    }

    #hear({ event, data }: FeedMessage): void {
        if (event !== 'shown') return;
        this.#shown = JSON.parse(data) as Shown;
        if (!this.#holds) void this.#settle();
    }

    /** Makes the screen what it should be now. */
    async #settle(): Promise<void> {
        const shown = this.#shown;
        if (!shown) return;
        this.house = shown.house;
        const asked = shown.asked?.handOverId === this.#past ? null : shown.asked;
        if (asked?.handOverId === this.visit?.asked.handOverId) {
            if (!asked && !this.end) {
                this.language = shown.language;
                document.documentElement.lang = shown.language;
            }
            return;
        }
        // Somebody else's turn, or nobody's: nothing of the one before stays, neither here nor in the browser.
        if (this.visit || (this.end && asked)) this.wipe();
        else if (asked) await this.#begin(asked);
    }

    async #begin(asked: Asked): Promise<void> {
        const words = await kWords[asked.language]();
        // Taken back while the words came.
        if (this.#shown?.asked?.handOverId !== asked.handOverId) return;
        this.language = asked.language;
        this.say = translator(words.default, asked.language);
        document.documentElement.lang = asked.language;
        this.#idle = new Idle(kIdle, performance.now());
        this.visit = new Visit(asked);
    }

    /** Another language is another wording: what was answered before it does not count for it. */
    async speak(language: Language): Promise<void> {
        const { visit } = this;
        if (!visit || this.busy || language === this.language) return;
        await this.#alone(async () => {
            const { handOverId } = visit.asked;
            const told = await this.client.post('/language', { handOverId, language });
            if (told.ok && told.value.asked) {
                this.#shown = told.value;
                await this.#begin(told.value.asked);
            } else if (!told.ok) this.#isGone(told.trouble.code);
        });
    }

    /** "That is right." */
    async send(): Promise<void> {
        const { visit } = this;
        if (!visit || this.busy) return;
        if (!visit.answered) return this.giveBack();
        const request = visit.request();
        if (!request) return;
        await this.#alone(async () => {
            const reply = await this.client.post('/answers', request);
            if (reply.ok) this.#over(reply.value.confirmByMail ? 'mail' : 'done');
            else if (!this.#isGone(reply.trouble.code)) visit.refused(reply.trouble, request.contacts);
        });
    }

    /** The customer would rather not, or has gone. */
    async giveBack(): Promise<void> {
        const handOverId = this.visit?.asked.handOverId;
        this.#idle = null;
        if (handOverId) {
            this.#holds = true;
            await this.client.post('/give-back', { handOverId });
        }
        this.wipe();
    }

    /** Somebody did something. */
    touch(typed: boolean): void {
        const now = performance.now();
        this.#idle?.touch(now, typed);
        if (this.visit && this.leftMs === null && now - this.#touchedAt > kTouchEveryMs) this.#tell(now);
    }

    stay(): void {
        const now = performance.now();
        this.#idle?.stay(now);
        this.leftMs = null;
        this.#tell(now);
    }

    /** Looks at the clock: warns, and wipes when nobody answered. */
    tick(): void {
        if (!this.#idle || !this.visit) return;
        this.leftMs = this.#idle.leftMs(performance.now());
        if (this.leftMs === 0 && !this.busy) void this.giveBack();
    }

    /** All of this customer goes: fields, state, and with the document the browser's memory of it. */
    wipe(): void {
        for (const field of document.querySelectorAll<HTMLInputElement>('input, textarea')) field.value = '';
        this.#idle = null;
        this.#holds = true;
        this.leftMs = null;
        this.visit = null;
        this.end = null;
        this.say = null;
        [this.large, this.contrast] = [false, false];
        this.#feed.close();
        location.replace(location.pathname);
    }

    #tell(now: number): void {
        const handOverId = this.visit?.asked.handOverId;
        if (!handOverId) return;
        this.#touchedAt = now;
        void this.client
            .post('/touch', { handOverId })
            .then((reply) => reply.ok || this.#isGone(reply.trouble.code));
    }

    /** What the feed tells meanwhile is looked at afterwards. */
    async #alone(act: () => Promise<void>): Promise<void> {
        this.busy = this.#holds = true;
        await act();
        this.busy = this.#holds = false;
        await this.#settle();
    }

    #isGone(code: string): boolean {
        if (code !== 'not-with-you') return false;
        if (!this.#holds || this.busy) this.#over('gone');
        return true;
    }

    #over(end: 'done' | 'mail' | 'gone'): void {
        if (!this.visit) return;
        this.#past = this.visit.asked.handOverId;
        this.#idle = null;
        this.leftMs = null;
        this.visit = null;
        this.end = end;
        setTimeout(() => this.end && this.wipe(), kThanksMs);
    }
}
