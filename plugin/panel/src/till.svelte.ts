/** The page's state: what the terminal told, what the cashier marked, and the few things that can be asked of the terminal. */
import { Client, type Reply, type Trouble } from '@souffleur/ui-kit/api/client.ts';
import { Feed, type FeedMessage } from '@souffleur/ui-kit/api/feed.ts';
import type { paths } from '@souffleur/ui-kit/api/schema.gen.ts';
import type {
    Desk,
    Language,
    NewContact,
    NewSubject,
    Outcome,
    Preferences,
    PrinterState,
    PrintJob,
    Rush,
    Session,
    Situation,
    SyncState,
} from '@souffleur/ui-kit/api/types.ts';
import { translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { pickLanguage } from '@souffleur/ui-kit/i18n/languages.ts';
import {
    actRequest,
    type Draft,
    type Mark,
    type Method,
    marked,
    mayRecord,
    missingContact,
    nextMark,
} from './answers.ts';
import { kSecret, readSettings, type Settings, writeSettings } from './store.ts';
import { type Key, kCatalogues, type Say } from './words.ts';

export type DialogName =
    | 'address'
    | 'history'
    | 'keys'
    | 'language'
    | 'menu'
    | 'new'
    | 'search'
    | 'stop'
    | 'wording';
export interface Note {
    key: Key;
    bad: boolean;
}

const kBase = '/api/v1';
const kSituations: readonly Situation[] = ['counter', 'phone', 'group', 'school'];
const kNoteMs = 8000;

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
    #fresh = false;
    /** The key of the act under way, kept so that a second try of the same request cannot store twice. */
    #attempt = { body: '', key: '' };

    /** Trades the launch token if there is one, then listens. */
    async start(launchToken: string | null): Promise<void> {
        await this.#speak(
            pickLanguage(
                [this.settings.language, navigator.language],
                ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'],
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

    get situation(): Situation {
        return this.desk?.situation ?? 'counter';
    }

    may(outcome: Outcome): boolean {
        return !this.busy && mayRecord(outcome, this.desk, this.draft);
    }

    /** Marks question `index` (0 = key 1): the next mark, or `to`. */
    mark(index: number, to?: Mark): void {
        const question = this.desk?.questions[index];
        if (!question || !this.desk?.questionSetId || this.busy) return;
        const { questionId } = question;
        this.draft = {
            ...this.draft,
            [questionId]: to === undefined ? nextMark(marked(this.draft, question)) : to,
        };
    }

    /** Records `outcome`. A yes that lacks an address asks for it first. */
    async record(outcome: Outcome, contacts: NewContact[] = []): Promise<Trouble | null> {
        if (!this.desk || !this.may(outcome)) return null;
        if (outcome === 'save' && contacts.length === 0 && missingContact(this.draft, this.desk.questions)) {
            this.addressForAct = true;
            this.dialog = 'address';
            return null;
        }
        const bare = actRequest(outcome, this.desk, this.draft, this.method, contacts, '');
        if (!bare) return null;
        const body = JSON.stringify(bare);
        if (this.#attempt.body !== body) this.#attempt = { body, key: crypto.randomUUID() };
        this.busy = true;
        const reply = await this.client.post('/acts', { ...bare, idempotencyKey: this.#attempt.key });
        this.busy = false;
        if (!reply.ok) {
            if (reply.trouble.desk) this.show(reply.trouble.desk);
            // What a field lacks is for the form that sent it; everything else is said here.
            if (reply.trouble.code !== 'invalid' || contacts.length === 0) this.complain(reply.trouble);
            return reply.trouble;
        }
        this.#attempt = { body: '', key: '' };
        this.draft = {};
        this.note = null;
        this.show(reply.value.desk);
        return null;
    }

    async undo(): Promise<void> {
        const { available, actId } = this.desk?.undo ?? {};
        if (!available || !actId || this.busy) return;
        if (await this.#deskFrom(this.client.post('/acts/{actId}/undo', undefined, { actId })))
            this.tell('undone');
    }

    async printSlip(): Promise<void> {
        const actId = this.desk?.lastAct?.actId;
        if (!actId || !this.desk?.slipOffered || this.busy) return;
        this.busy = true;
        const reply = await this.client.post('/acts/{actId}/slip', undefined, { actId });
        this.busy = false;
        if (reply.ok) this.#jobIs(reply.value);
        else this.complain(reply.trouble);
    }

    async decideJob(decision: 'reprint' | 'done'): Promise<void> {
        if (!this.job) return;
        const reply = await this.client.post(
            '/printer/jobs/{jobId}/decide',
            { decision },
            { jobId: this.job.jobId },
        );
        if (reply.ok) this.#jobIs(reply.value);
        else this.complain(reply.trouble);
    }

    /** The next situation, or `to`. */
    async setSituation(to?: Situation): Promise<void> {
        const next =
            to ?? kSituations[(kSituations.indexOf(this.situation) + 1) % kSituations.length] ?? 'counter';
        await this.#deskFrom(this.client.post('/desk/situation', { situation: next }));
    }

    async setRush(on = !this.desk?.rush.on): Promise<void> {
        await this.#deskFrom(this.client.post('/desk/rush', { on }));
    }

    async setCustomerLanguage(language: Language): Promise<void> {
        await this.#deskFrom(this.client.post('/desk/language', { language }));
    }

    /** Shows the new preferences at once and stores them. */
    async setPreferences(subjectId: string, likes: Preferences): Promise<void> {
        if (this.desk) this.desk = { ...this.desk, preferences: likes };
        const { genres, frequency, language } = likes;
        await this.#deskFrom(
            this.client.post(
                '/subjects/{subjectId}/preferences',
                { genres, frequency, language },
                { subjectId },
            ),
        );
    }

    async select(subjectId: string | null): Promise<boolean> {
        return this.#deskFrom(this.client.post('/desk/select', { subjectId }));
    }

    /** Adds an address to the customer on the desk; null when stored. */
    async addContact(contact: NewContact): Promise<Trouble | null> {
        const subjectId = this.desk?.customer?.subjectId;
        if (!subjectId) return null;
        return this.#stored(
            this.client.post('/subjects/{subjectId}/contacts', contact, { subjectId }),
            'address.waits',
        );
    }

    /** A new person, on the desk at once; null when stored. */
    async addPerson(person: NewSubject): Promise<Trouble | null> {
        return this.#stored(this.client.post('/subjects', person), null);
    }

    async lock(): Promise<void> {
        await this.#sessionFrom(this.client.post('/session/lock', undefined));
    }

    async signOut(): Promise<void> {
        await this.#sessionFrom(this.client.post('/session/sign-out', undefined));
    }

    async goUnidentified(): Promise<void> {
        await this.#sessionFrom(this.client.post('/session/unidentified', undefined));
    }

    /** Null when signed in, else what stood in the way (with the tries that are left). */
    async signIn(operatorId: string, pin: string): Promise<Trouble | null> {
        const reply = await this.client.post('/session/sign-in', { operatorId, pin });
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

    /** Puts a picture on the screen unless a newer one is there already. Marks survive while the questions are the same. */
    show(desk: Desk): void {
        if (this.desk && !this.#fresh && desk.revision < this.desk.revision) return;
        this.#fresh = false;
        if (desk.questionSetId !== this.desk?.questionSetId) {
            this.draft = {};
            this.method = 'spoken';
        }
        if (desk.customer?.subjectId !== this.desk?.customer?.subjectId) this.#forgetCustomer();
        this.desk = desk;
        this.deskAt = Date.now();
        requestAnimationFrame(() => {
            const painted = new MessageChannel();
            painted.port1.onmessage = () => performance.mark('desk-painted', { detail: desk.revision });
            painted.port2.postMessage(null);
        });
    }

    tell(key: Key, bad = false): void {
        this.note = { key, bad };
        clearTimeout(this.#noteTimer);
        this.#noteTimer = window.setTimeout(() => {
            this.note = null;
        }, kNoteMs);
    }

    complain(trouble: Trouble): void {
        const known = ['unreachable', 'stale-questions', 'storage-unavailable', 'printer-unavailable', 'undo-over', 'no-pupils', 'language-not-worded'] as const; // biome-ignore format: a list
        const code = known.find((k) => k === trouble.code) ?? 'other';
        if (trouble.code === 'session-needed') this.ended = true;
        this.tell(`trouble.${code}`, true);
    }

    #forgetCustomer(): void {
        this.note = null;
        this.job = null;
        this.#attempt = { body: '', key: '' };
        if (this.dialog && this.dialog !== 'menu' && this.dialog !== 'keys') this.dialog = null;
    }

    async #stored(asked: Promise<Reply<Desk>>, said: Key | null): Promise<Trouble | null> {
        this.busy = true;
        const reply = await asked;
        this.busy = false;
        if (!reply.ok) return reply.trouble;
        this.show(reply.value);
        if (said) this.tell(said);
        return null;
    }

    async #deskFrom(asked: Promise<Reply<Desk>>): Promise<boolean> {
        this.busy = true;
        const reply = await asked;
        this.busy = false;
        if (reply.ok) this.show(reply.value);
        else this.complain(reply.trouble);
        return reply.ok;
    }

    async #sessionFrom(asked: Promise<Reply<Session>>): Promise<void> {
        const reply = await asked;
        if (reply.ok) await this.#sessionIs(reply.value);
        else this.complain(reply.trouble);
    }

    async #sessionIs(session: Session): Promise<void> {
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

    async #speak(language: Language): Promise<void> {
        if (this.say && language === this.language) return;
        const words = (await kCatalogues[language]()).default;
        const again = this.say !== null && this.session !== null;
        this.language = language;
        this.say = translator(words, language);
        document.documentElement.lang = language;
        // Labels come in the reader's language: a new feed brings the desk anew.
        if (again && !this.ended) this.#feed.open();
    }

    #jobIs(job: PrintJob): void {
        if (job.actId !== this.desk?.lastAct?.actId && job.state !== 'indeterminate') return;
        this.job = job;
        if (job.state === 'queued' || job.state === 'printed') this.tell(`job.${job.state}`);
        if (job.state === 'failed' || job.state === 'expired') this.tell(`job.${job.state}`, true);
    }

    #hear({ event, data }: FeedMessage): void {
        const told: unknown = JSON.parse(data);
        const desk = this.desk;
        if (event === 'flag' || event === 'cleared') this.show(told as Desk);
        else if (event === 'lock') void this.#sessionIs(told as Session);
        else if (event === 'job') this.#jobIs(told as PrintJob);
        else if (event === 'resync') void this.#deskFrom(this.client.get('/desk'));
        else if (desk && event === 'printer') this.desk = { ...desk, printer: told as PrinterState };
        else if (desk && event === 'sync') {
            this.desk = { ...desk, sync: told as SyncState };
        } else if (desk && event === 'missed') this.desk = { ...desk, rush: told as Rush };
    }
}
