/** The page's state: what the terminal told, what the cashier marked, and the few things that can be asked of the terminal. */
import { Client, type Reply, type Trouble } from '@souffleur/ui-kit/api/client.ts';
import { Feed, type FeedMessage } from '@souffleur/ui-kit/api/feed.ts';
import type { paths } from '@souffleur/ui-kit/api/schema.gen.ts';
import type {
    Desk,
    Language,
    PrinterState,
    PrintJob,
    Rush,
    ScanTrouble,
    Session,
    SignInRequest,
    SyncState,
} from '@souffleur/ui-kit/api/types.ts';
import { type Translation, translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { pickLanguage } from '@souffleur/ui-kit/i18n/languages.ts';
import type { Draft, Method } from './answers.ts';
import { kSecret, readSettings, type Settings, writeSettings } from './store.ts';
import { type Key, kDesks, kDoors, kSheets, type Say, type Words } from './words.ts';

export type DialogName =
    | 'address'
    | 'claim'
    | 'history'
    | 'keys'
    | 'language'
    | 'menu'
    | 'new'
    | 'screen'
    | 'search'
    | 'stop'
    | 'wording';
export interface Note {
    key: Key;
    bad: boolean;
}

const kBase = '/api/v1';
const kNoteMs = 8000;
const kAskAgainMs = 2000;

export class Till {
    session = $state.raw<Session | null>(null);
    desk = $state.raw<Desk | null>(null);
    /** When `desk` arrived, by this page's clock: ages are counted on from there. */
    deskAt = $state(0);
    linked = $state(false);
    /** The session is over for good: this page cannot come back by itself. */
    ended = $state(false);
    draft = $state.raw<Draft>({});
    method = $state<Method>('spoken');
    busy = $state(false);
    note = $state.raw<Note | null>(null);
    job = $state.raw<PrintJob | null>(null);
    dialog = $state<DialogName | null>(null);
    /** Whether the address dialog completes a yes that is waiting to be saved. */
    addressForAct = $state(false);
    settings = $state.raw<Settings>(readSettings(localStorage));
    say = $state.raw<Say | null>(null);
    /** Whether `say` has the words of the desk too. */
    fluent = $state(false);
    language = $state<Language>('en');

    readonly client = new Client<paths>({
        base: kBase,
        secret: () => sessionStorage.getItem(kSecret),
        language: () => this.language,
    });
    readonly #feed = new Feed({
        url: `${kBase}/feed`,
        headers: () => this.client.headers(),
        onMessage: (message) => this.#hear(message),
        onLink: (connected) => {
            this.linked = connected;
            // A terminal that started anew counts its pictures from the beginning.
            this.#fresh = connected;
        },
        onRefused: () => {
            this.ended = true;
        },
    });
    #noteTimer = 0;
    #wantsDesk = false;
    #wanted: Language = 'en';
    #speaking = 0;
    /** Until new ones come, dialogs keep the words that they have. */
    #words = {};
    #fresh = false;
    /** The act that was undone last. */
    takenBack = '';
    /** The key of the act under way, kept so that a second try of the same request cannot store twice. */
    attempt = { body: '', key: '' };
    /** Whether that act is with the terminal now. */
    acting?: boolean;
    /** When a refusal last left marks unsaved (`performance.now()`). */
    filled = 0;
    /** Takes the marks along to the desk that is shown (acts.ts; nothing is marked before that is there). */
    carry?: () => void;

    /** Trades the launch token if there is one, then listens. */
    async start(launchToken: string | null): Promise<void> {
        await this.#speak(
            pickLanguage(
                [this.settings.language, navigator.language],
                Object.keys(kDoors) as Language[],
                'en',
            ),
        );
        if (launchToken) {
            const begun = await this.client.post('/session', { launchToken });
            if (begun.ok) {
                sessionStorage.setItem(kSecret, begun.value.secret);
                await this.#sessionIs(begun.value.session);
            }
        }
        if (!sessionStorage.getItem(kSecret)) {
            this.ended = true;
            return;
        }
        this.#feed.open();
    }

    async goUnidentified(): Promise<void> {
        await this.sessionFrom(this.client.post('/session/unidentified', undefined));
    }

    /** By PIN or badge: null when signed in, else what stood in the way (with the tries that are left). */
    async signIn(who: SignInRequest): Promise<Trouble | null> {
        const reply = await this.client.post('/session/sign-in', who);
        if (!reply.ok) return reply.trouble;
        await this.#sessionIs(reply.value);
        return null;
    }

    /** Changes the page's settings; a new language also changes what the terminal says. */
    async set(change: Partial<Settings>): Promise<void> {
        this.settings = { ...this.settings, ...change };
        writeSettings(localStorage, this.settings);
        if (change.language && this.session) await this.#sessionIs(this.session);
    }

    /** Puts a picture on the screen unless a newer one is there already. Marks go along while the customer is the same. */
    show(desk: Desk): void {
        if (this.desk && !this.#fresh && desk.revision < this.desk.revision) return;
        this.#fresh = false;
        if (desk.customer?.subjectId !== this.desk?.customer?.subjectId) this.#forgetCustomer();
        this.desk = desk;
        this.carry?.();
        this.deskAt = Date.now();
        requestAnimationFrame(() => {
            const painted = new MessageChannel();
            painted.port1.onmessage = () => performance.mark('desk-painted', { detail: desk.revision });
            painted.port2.postMessage(null);
        });
    }

    /** `stays`: until the next customer, or somebody closes it. */
    tell(key: Key, bad = false, stays = false): void {
        this.note = { key, bad };
        clearTimeout(this.#noteTimer);
        if (stays) return;
        this.#noteTimer = window.setTimeout(() => {
            this.note = null;
        }, kNoteMs);
    }

    complain(trouble: Trouble): void {
        const words = this.say as (key: Key) => string;
        // What a field of the request lacks says more than that the request was refused.
        const codes = [...(trouble.errors ?? []).map((error) => error.code), trouble.code];
        const key = codes.map((code) => `trouble.${code}` as Key).find((each) => words(each));
        if (trouble.code === 'session-needed') this.ended = true;
        this.tell(key ?? 'trouble.other', true);
    }

    #forgetCustomer(): void {
        this.note = null;
        this.job = null;
        this.attempt = { body: '', key: '' };
        if (this.dialog && this.dialog !== 'menu' && this.dialog !== 'keys') this.dialog = null;
    }

    /** Waits for a desk and shows it; false (and a note) when the terminal refused. */
    async deskFrom(asked: Promise<Reply<Desk>>): Promise<boolean> {
        this.busy = true;
        const reply = await asked;
        this.busy = false;
        if (reply.ok) this.show(reply.value);
        else this.complain(reply.trouble);
        return reply.ok;
    }

    async sessionFrom(asked: Promise<Reply<Session>>): Promise<void> {
        const reply = await asked;
        if (reply.ok) await this.#sessionIs(reply.value);
        else this.complain(reply.trouble);
    }

    async #sessionIs(session: Session): Promise<void> {
        if (session.state !== this.session?.state) this.note = null;
        const hidden = session.state === 'signed-out' || session.state === 'locked';
        if (hidden) {
            this.desk = null;
            this.draft = {};
            this.dialog = null;
        }
        this.session = session;
        const wanted = [this.settings.language, session.operator?.language, session.language];
        await this.#speak(pickLanguage(wanted, session.languages, session.language));
    }

    /** Fetches the words of the desk; the first screen does without. */
    async learn(): Promise<void> {
        this.#wantsDesk = true;
        await this.#speak(this.#wanted);
    }

    async #speak(language: Language): Promise<void> {
        if (this.say && language === this.#wanted && this.fluent === this.#wantsDesk) return;
        this.#wanted = language;
        const mine = ++this.#speaking;
        const [door, desk] = await Promise.all([
            kDoors[language](),
            this.#wantsDesk ? kDesks[language]() : null,
        ]);
        // Another language, or the desk's words, were asked for meanwhile.
        if (mine !== this.#speaking) return;
        const again = this.say !== null && this.session !== null && language !== this.language;
        this.language = language;
        const take = (...words: object[]) => {
            this.say = translator(Object.assign(this.#words, ...words) as Translation<Words>, language);
        };
        take(door.default, desk?.default ?? {});
        this.fluent = desk !== null;
        // What dialogs say comes a moment later: nobody has opened one yet.
        const learn = (): unknown =>
            kSheets[language]().then(
                (sheets) => mine === this.#speaking && take(sheets.default),
                () => setTimeout(learn, kAskAgainMs),
            );
        if (desk) learn();
        document.documentElement.lang = language;
        // Labels come in the reader's language: a new feed brings the desk anew.
        if (again && !this.ended) this.#feed.open();
    }

    /** Takes in what became of a slip. */
    jobIs(job: PrintJob): void {
        const { lastAct } = this.desk ?? {};
        const known = job.jobId === this.job?.jobId || job.actId === lastAct?.actId;
        if (job.actId === this.takenBack) {
            // Of an answer that is taken back: it waits no more, and only what came out all the same is news.
            this.job = null;
            if (job.state === 'printed' || job.state === 'indeterminate') this.tell('job.late', true);
            return;
        }
        const { state } = job;
        if (!known && state !== 'indeterminate') {
            if (state === 'failed') this.tell('job.before', true);
            return;
        }
        this.job = job;
        if (state !== 'indeterminate') this.tell(`job.${state}`, state === 'failed' || state === 'expired');
    }

    #hear({ event, data }: FeedMessage): void {
        const told: unknown = JSON.parse(data);
        const desk = this.desk;
        if (event === 'flag' || event === 'cleared') this.show(told as Desk);
        else if (event === 'lock') void this.#sessionIs(told as Session);
        else if (event === 'job') this.jobIs(told as PrintJob);
        else if (event === 'scan') this.tell(`scan.${(told as ScanTrouble).code}`, true, true);
        else if (event === 'drawer') this.tell('drawer.shut', true);
        else if (event === 'front') void import('./front.ts').then((to) => to.comeForward());
        else if (event === 'resync') void this.deskFrom(this.client.get('/desk'));
        else if (desk && event === 'printer') this.desk = { ...desk, printer: told as PrinterState };
        else if (desk && event === 'sync') {
            this.desk = { ...desk, sync: told as SyncState };
        } else if (desk && event === 'missed') this.desk = { ...desk, rush: told as Rush };
    }
}
