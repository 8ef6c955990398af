/** The screen between and around visitors: what the house is, which scene stands, who walked away, and the wipe. */
import type { Reply } from '@souffleur/ui-kit/api/client.ts';
import { translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { Idle } from '@souffleur/ui-kit/idle.ts';
import { type Health, type House, kAlone, kSecret, type Language, openClient } from './api.ts';
import { coloursOf } from './theme.ts';
import { type Front, kFronts, kWays, type Say } from './words.ts';

export type Scene = 'start' | 'attract' | 'visit' | 'change' | 'survey' | 'staff' | 'closed';
export type Reach = 'mid' | 'low' | 'high';
type Ways = typeof import('./Ways.svelte');

/** How often an unused screen looks how the kiosk fares. */
const kLookMs = 5000;
/** Nobody touched the first screen for so long after a visitor: the browser may end and begin anew. */
const kAwayMs = 60_000;

/**
 * The page at its other address. The two stand in different isolation (plugin/doc/adr/0014), so the browser gives the fresh document a process of
 * its own and ends the one in which a visitor typed.
 */
const freshDocument = () => location.replace(location.pathname === '/' ? '/again' : '/');

export class Kiosk {
    house = $state.raw<House | null>(null);
    health = $state.raw<Health | null>(null);
    scene = $state<Scene>('start');
    language = $state<Language>('en');
    front = $state.raw<Front | null>(null);
    /** What a visitor reads on the way; there as soon as a language was chosen. */
    say = $state.raw<Say | null>(null);
    ways = $state.raw<Ways | null>(null);
    /** "Your data" stands over the scene. */
    explains = $state(false);
    /** So does the choice of another language. */
    chooses = $state(false);
    /** How long the warning still stands, in ms; null = there is none. */
    leftMs = $state<number | null>(null);
    /** For this visitor only. */
    reach = $state<Reach>('mid');
    large = $state(false);
    contrast = $state(false);

    readonly client = openClient(() => this.language);
    #idle: Idle | null = null;
    #touchedAt = 0;

    async start(launchToken: string | null): Promise<void> {
        if (launchToken) {
            const begun = await this.client.post('/session', { launchToken });
            if (begun.ok) sessionStorage.setItem(kSecret, begun.value.secret);
        }
        if (!(await this.#learn())) return;
        void this.#look();
        this.ways ??= await import('./Ways.svelte');
        for (const language of this.house?.languages ?? [])
            void Promise.all([kFronts[language](), kWays[language]()]);
    }

    /** Somebody chose a language, or another way in: their visit begins. */
    async begin(language: Language, scene: 'visit' | 'change' | 'survey' | 'staff' = 'visit'): Promise<void> {
        if (!this.house) return;
        this.#idle = new Idle(this.house.idle, performance.now());
        this.ways ??= await import('./Ways.svelte');
        await this.speak(language);
        this.scene = scene;
    }

    async speak(language: Language): Promise<void> {
        const [front, way] = await Promise.all([kFronts[language](), kWays[language]()]);
        this.language = language;
        this.front = translator(front.default, language);
        this.say = translator(way.default, language);
        document.documentElement.lang = language;
    }

    /** Somebody did something. */
    touch(typed: boolean): void {
        this.#touchedAt = performance.now();
        this.#idle?.touch(performance.now(), typed);
    }

    stay(): void {
        this.#idle?.stay(performance.now());
        this.leftMs = null;
    }

    /** The visitor is through: what stands there now is theirs alone, and not for long. */
    rest(): void {
        this.#idle?.rest(performance.now());
    }

    /** Looks at the clock: warns, and wipes when nobody answered. */
    tick(): void {
        if (!this.#idle || this.scene === 'start') return;
        this.leftMs = this.#idle.leftMs(performance.now());
        if (this.leftMs === 0) void this.wipe();
    }

    /**
     * The visitor has gone. Fields, state and page are emptied at once, the process drops what it holds, and a fresh document takes
     * this one's place, so that the browser lets go of its memory. Where the process does not answer the screen stays empty until it does.
     */
    async wipe(): Promise<void> {
        for (const field of document.querySelectorAll('input')) field.value = '';
        this.#idle = null;
        this.leftMs = null;
        this.say = null;
        this.explains = this.chooses = false;
        this.scene = 'start';
        if (sessionStorage.getItem(kAlone)) sessionStorage.setItem(kAlone, 'used');
        const { ok } = await this.client.post('/wipe', undefined);
        if (ok) freshDocument();
        else {
            [this.reach, this.large, this.contrast] = ['mid', false, false];
            this.#close();
        }
    }

    /** What the house asks, once more: the questions changed under a visitor. */
    async learnHouse(): Promise<boolean> {
        const told = await this.client.get('/house');
        if (told.ok) this.house = told.value;
        return told.ok;
    }

    async #learn(): Promise<boolean> {
        const [house, health] = await Promise.all([this.client.get('/house'), this.client.get('/health')]);
        if (house.ok) {
            this.house = house.value;
            this.language = house.value.languages[0] ?? 'en';
            for (const [name, value] of Object.entries(coloursOf(house.value.theme)))
                document.documentElement.style.setProperty(name, value);
        }
        const words = await kFronts[this.language]();
        this.front = translator(words.default, this.language);
        document.documentElement.lang = this.language;
        this.#settle(health);
        if (!house.ok) this.#close();
        return house.ok;
    }

    /** Between visitors: a kiosk that can take nothing says so, and one that can again opens by itself. */
    async #look(): Promise<void> {
        await new Promise((go) => setTimeout(go, kLookMs));
        if (this.scene === 'attract' || this.scene === 'closed') {
            // Whoever made the letters large and went away leaves none of it to the next.
            const quietMs = performance.now() - this.#touchedAt;
            // What the browser's own processes still hold of anybody goes with them. Refused, and no harm, where this page is one of several.
            if (quietMs > kAwayMs && sessionStorage.getItem(kAlone) === 'used') window.close();
            if (quietMs > (this.house?.idle.firstMs ?? 0))
                [this.reach, this.large, this.contrast] = ['mid', false, false];
            const health = await this.client.get('/health');
            // A visitor may have come meanwhile.
            if (this.scene === 'attract' || this.scene === 'closed') {
                const stale = health.ok && health.value.houseRevision !== this.house?.revision;
                const back = health.ok && !this.health;
                if (stale || back) freshDocument();
                else this.#settle(health);
            }
        }
        return this.#look();
    }

    #settle(health: Reply<Health>): void {
        this.health = health.ok ? health.value : null;
        this.scene = this.health?.takes && this.house ? 'attract' : 'closed';
    }

    #close(): void {
        this.health = null;
        this.scene = 'closed';
        if (!this.house) void this.#again();
    }

    /** Nothing is known of the house yet: the page is asked for anew once the process answers. */
    async #again(): Promise<void> {
        await new Promise((go) => setTimeout(go, kLookMs));
        const health = await this.client.get('/health');
        if (health.ok) freshDocument();
        else await this.#again();
    }
}
