/** One visitor: what they answered and typed, and where they are. Nothing of it outlives the page, and the page does not outlive them. */
import type { Reply, Trouble } from '@souffleur/ui-kit/api/client.ts';
import type { Code, ContactKind, Question, SignedUp, SignUp, Verdict } from './api.ts';
import type { Kiosk } from './kiosk.svelte.ts';
import {
    type Answers,
    besideOf,
    cardsOf,
    choicesOf,
    contactsOf,
    keyOf,
    type Step,
    stepsOf,
    stillStanding,
    wantsSms,
    type Yes,
} from './steps.ts';
import type { Filled } from './survey/filled.ts';

export type Place = Step | 'child' | 'done';
/** What is wrong with a field: the code of it, to be said in words. */
export type Fault = NonNullable<Verdict['code']> | 'name-invalid' | 'other';
type PostField = 'lines' | 'postalCode' | 'city' | 'country';

const kFaults = ['email-invalid', 'phone-invalid', 'phone-not-sms', 'address-incomplete', 'postal-code-invalid', 'too-long', 'name-invalid'] as const; // biome-ignore format: a list

export class Visit {
    answers = $state.raw<Answers>({});
    oldEnough = $state<boolean | null>(null);
    name = $state('');
    email = $state('');
    phone = $state('');
    post = $state({ lines: '', postalCode: '', city: '', country: '' });
    genres = $state.raw<readonly string[]>([]);
    frequency = $state<string | null>(null);
    /** What they answered to the house's own questions, and how it is read: lent by the chunk that asks them. */
    filled = $state.raw<Filled>({});
    reads: typeof import('./survey/filled.ts') | null = null;
    place = $state<Place>('wishes-0');
    /** The review was seen: "next" leads back to it. */
    reviewed = $state(false);
    busy = $state(false);
    fault = $state<Fault | null>(null);
    faultAt = $state<PostField | null>(null);
    /** "Did you mean", until it was taken or kept. */
    suggestion = $state<string | null>(null);
    trouble = $state<Code | 'stale' | null>(null);
    signedUp = $state.raw<SignedUp | null>(null);
    slip = $state<'none' | 'coming' | 'failed'>('none');

    readonly #kiosk: Kiosk;
    readonly #requestId = crypto.randomUUID();
    /** The address whose suggestion was refused. */
    #kept = '';
    /** Contacts that were looked at and found right. */
    #checked = new Set<ContactKind>();

    constructor(kiosk: Kiosk) {
        this.#kiosk = kiosk;
    }

    get house() {
        // A visit begins only where the house is known.
        return this.#kiosk.house as NonNullable<Kiosk['house']>;
    }
    readonly steps = $derived.by(() => stepsOf(this.house, this.answers));
    readonly cards = $derived.by(() => cardsOf(this.house, this.answers));
    /** The card on the screen. */
    get card(): Question[] {
        const at = this.place.startsWith('wishes-') ? Number(this.place.slice(7)) : 0;
        return this.cards[at] ?? [];
    }
    /** Where on the way, from 1. */
    get at(): number {
        return this.steps.indexOf(this.place as Step) + 1;
    }

    /** Marks an answer; the same again takes it back. */
    answer(question: Question, value: Yes): void {
        const { [keyOf(question)]: before, ...others } = this.answers;
        const notice = question.wordings[this.#kiosk.language]?.notice;
        this.answers =
            before?.value === value || !notice
                ? others
                : { ...this.answers, [keyOf(question)]: { value, notice } };
    }

    typed(kind: ContactKind): void {
        this.#checked.delete(kind);
        [this.fault, this.faultAt, this.suggestion, this.trouble] = [null, null, null, null];
    }

    /** Goes on from where the visitor is, if all is well there. */
    async next(): Promise<void> {
        if (this.busy) return;
        const { place } = this;
        if (place === 'age' && this.oldEnough === null) return;
        if (place === 'age' && !this.oldEnough) return this.#toChild();
        if (place === 'email' || place === 'phone' || place === 'post') {
            if (!(await this.#check(place))) return;
        }
        if (this.place === place) this.#forward(place);
    }

    #forward(place: Place): void {
        const { steps } = this;
        const at = steps.indexOf(place as Step);
        // A card that is gone, as its condition was taken back, leads on like the last that stands.
        const rest = steps.slice(at < 0 ? this.cards.length : at + 1);
        const wanting = rest.find((step) => !this.#isComplete(step)) ?? rest.at(-1);
        this.go((this.reviewed ? wanting : rest[0]) ?? 'none');
    }

    #isComplete(step: Step): boolean {
        if (step === 'age') return this.oldEnough === true;
        if (step === 'email' || step === 'phone' || step === 'post') return this.#checked.has(step);
        return step !== 'review' && step !== 'none';
    }

    back(): void {
        const at = this.steps.indexOf(this.place as Step);
        // The answers of a child are gone.
        const before = this.place === 'child' ? 'wishes-0' : this.steps[at - 1];
        if (before) this.go(before);
        // Before the first question stands the choice of a language; nothing is lost on the way there.
        else this.#kiosk.chooses = true;
    }

    go(place: Place): void {
        [this.fault, this.faultAt, this.suggestion, this.trouble] = [null, null, null, null];
        if (place === 'review') this.reviewed = true;
        this.place = place;
    }

    /** Too young: nothing of what was chosen is kept, here neither. */
    #toChild(): void {
        this.answers = {};
        this.reviewed = false;
        [this.name, this.email, this.phone] = ['', '', ''];
        this.post = { lines: '', postalCode: '', city: '', country: '' };
        this.genres = [];
        this.frequency = null;
        this.filled = {};
        this.go('child');
    }

    takeSuggestion(): void {
        this.email = this.suggestion ?? this.email;
        this.typed('email');
    }

    keepTyped(): void {
        this.#kept = this.email;
        this.suggestion = null;
    }

    /** Offers what was probably meant, unless it was refused before. */
    offer(suggestion: string | null): void {
        this.suggestion = suggestion && this.#kept !== this.email ? suggestion : null;
    }

    async #check(kind: ContactKind): Promise<boolean> {
        this.busy = true;
        const { email, phone } = this;
        const reply = await this.#kiosk.client.post('/checks', {
            ...(kind === 'email' ? { email } : {}),
            ...(kind === 'phone' ? { phone, forSms: wantsSms(this.house, this.answers) } : {}),
            ...(kind === 'post' ? { post: this.#address() } : {}),
        });
        this.busy = false;
        if (!reply.ok) {
            this.#fail(reply.trouble);
            return false;
        }
        const verdict = reply.value[kind];
        if (!verdict?.ok) {
            this.fault = verdict?.code ?? 'other';
            this.faultAt = verdict?.field ?? null;
        }
        if (kind === 'email') this.offer(verdict?.suggestion ?? null);
        if (!verdict?.ok || this.suggestion) return false;
        if (kind === 'phone' && verdict.shown) this.phone = verdict.shown;
        this.#checked.add(kind);
        return true;
    }

    #address() {
        const { lines, ...rest } = this.post;
        return { lines: [lines], ...rest };
    }

    /** Sends it; "thank you" is shown only when it is sealed and durable. */
    async send(): Promise<void> {
        if (this.busy) return;
        this.busy = true;
        const contacts = contactsOf(this.house, this.answers);
        const has = (kind: ContactKind) => contacts.includes(kind);
        const body: SignUp = {
            requestId: this.#requestId,
            language: this.#kiosk.language,
            name: this.name.trim() || null,
            email: has('email') ? this.email : null,
            phone: has('phone') ? this.phone : null,
            post: has('post') ? this.#address() : null,
            choices: choicesOf(this.house, this.answers),
            genres: [...this.genres],
            frequency: this.frequency,
            oldEnough: this.house.age ? this.oldEnough : null,
            ...this.#survey(),
        };
        const reply = await this.#kiosk.client.post('/sign-ups', body);
        this.busy = false;
        if (!reply.ok) return this.#refused(reply);
        this.signedUp = reply.value;
        this.#kiosk.rest();
        this.go('done');
    }

    #survey(): Pick<SignUp, 'survey'> {
        const form = besideOf(this.house, this.answers);
        const answers = form && this.reads?.answersOf(form, this.filled);
        return form && answers?.length ? { survey: { id: form.id, version: form.version, answers } } : {};
    }

    async #refused({ trouble }: Extract<Reply<SignedUp>, { ok: false }>): Promise<void> {
        // The client knows the till's codes by name, not the kiosk's.
        const code = trouble.code as string;
        if (code === 'stale-questions' && (await this.#kiosk.learnHouse())) {
            this.answers = stillStanding(this.house, this.answers);
            this.reviewed = false;
            this.go('wishes-0');
            this.trouble = 'stale';
            return;
        }
        if (code === 'too-young') return this.#toChild();
        const wrong = trouble.errors?.[0];
        const step = (['name', 'email', 'phone', 'post'] as const).find((s) =>
            wrong?.pointer.startsWith(`/${s}`),
        );
        if (step) {
            this.go(step);
            this.fault = kFaults.find((code) => code === wrong?.code) ?? 'other';
        } else this.#fail(trouble);
    }

    #fail({ code }: Trouble): void {
        this.trouble = code as Code;
    }

    async print(): Promise<void> {
        const { ok } = await this.#kiosk.client.post('/sign-ups/slip', undefined);
        this.slip = ok ? 'coming' : 'failed';
    }
}
