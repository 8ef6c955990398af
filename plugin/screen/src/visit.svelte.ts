/** One customer at the screen: what they answered and typed, and where they are. Nothing of it outlives the page, and the page does not outlive them. */
import type { Trouble } from '@souffleur/ui-kit/api/client.ts';
import { ContactForm } from '@souffleur/ui-kit/contact/form.svelte.ts';
import type { Address, Asked, ContactKind, Question } from './api.ts';
import { type Answers, cardsOf, keyOf, kindsOf, type Step, sayingOf, stepsOf, type Yes } from './steps.ts';

export type Doubt = 'other' | 'needs';

export class Visit {
    readonly asked: Asked;
    answers = $state.raw<Answers>({});
    place = $state<Step>('ask-0');
    /** The kinds for which another address is typed than the one on file. */
    others = $state.raw<readonly ContactKind[]>([]);
    readonly forms: Readonly<Record<ContactKind, ContactForm>> = {
        email: new ContactForm('email'),
        phone: new ContactForm('phone'),
        post: new ContactForm('post'),
    };
    doubt = $state<Doubt | null>(null);
    /** The same answer sent again is the same answer. */
    #sent = { body: '', key: '' };

    constructor(asked: Asked) {
        this.asked = asked;
    }

    readonly steps = $derived.by(() => stepsOf(this.asked, this.answers));
    get at(): number {
        return this.steps.indexOf(this.place) + 1;
    }
    get card(): readonly Question[] {
        return cardsOf(this.asked.questions)[Number(this.place.slice('ask-'.length))] ?? [];
    }
    get answered(): boolean {
        return sayingOf(this.asked, this.answers).length > 0;
    }

    onFile(kind: ContactKind) {
        return this.asked.contacts.find((contact) => contact.kind === kind) ?? null;
    }
    types(kind: ContactKind): boolean {
        return this.onFile(kind)?.lacking !== false || this.others.includes(kind);
    }

    /** Marks an answer; the same again takes it back. */
    answer(question: Question, value: Yes | null): void {
        const { [keyOf(question)]: _, ...others } = this.answers;
        this.answers = value ? { ...others, [keyOf(question)]: value } : others;
        this.doubt = null;
    }

    /** A no to every question, whichever card it stands on. */
    noToAll(): void {
        this.answers = Object.fromEntries(this.asked.questions.map((question) => [keyOf(question), 'no']));
        this.doubt = null;
        this.place = 'review';
    }

    useOther(kind: ContactKind, other: boolean): void {
        this.others = other ? [...this.others, kind] : this.others.filter((each) => each !== kind);
    }

    /** Goes on, unless what is typed here must be looked at first. */
    next(): void {
        const { place } = this;
        if (this.#wants(place)) return;
        this.place = this.steps[this.steps.indexOf(place) + 1] ?? 'review';
    }

    /** False on the first card: nothing lies behind it. */
    back(): boolean {
        const before = this.steps[this.steps.indexOf(this.place) - 1];
        if (before) this.place = before;
        return !!before;
    }

    /** What to send; null when an address must be looked at first. */
    request() {
        const kinds = kindsOf(this.asked, this.answers).filter((kind) => this.types(kind));
        const wanting = kinds.find((kind) => this.#wants(kind));
        if (wanting) {
            this.place = wanting;
            return null;
        }
        const contacts = kinds.flatMap((kind): Address[] => {
            const typed = this.forms[kind].ready(null);
            if (!typed) return [];
            const corrects = this.others.includes(kind) && !!this.onFile(kind)?.masked;
            return [{ kind, value: typed.value, confirmed: typed.confirmed ?? false, corrects }];
        });
        const bare = {
            handOverId: this.asked.handOverId,
            answers: sayingOf(this.asked, this.answers),
            contacts,
        };
        const body = JSON.stringify(bare);
        if (this.#sent.body !== body) this.#sent = { body, key: crypto.randomUUID() };
        return { ...bare, idempotencyKey: this.#sent.key };
    }

    /** The terminal did not take it: leads to what it names. */
    refused(trouble: Trouble, contacts: readonly Address[]): void {
        for (const error of trouble.errors ?? []) {
            const kind = contacts[Number(/^\/contacts\/(\d)/.exec(error.pointer)?.[1] ?? -1)]?.kind;
            if (!kind) continue;
            this.forms[kind].refused({ ...trouble, errors: [error] });
            this.place = kind;
            return;
        }
        const needs = trouble.errors?.some((error) => error.code === 'needs-other-consent');
        this.doubt = needs ? 'needs' : 'other';
        if (needs) this.place = 'ask-0';
    }

    #wants(place: Step): boolean {
        if (place !== 'email' && place !== 'phone' && place !== 'post') return false;
        return this.types(place) && !this.forms[place].ready(null);
    }
}
