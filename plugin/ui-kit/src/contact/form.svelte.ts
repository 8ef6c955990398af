/** An address as it is being typed, and whether it may be sent. The terminal has the last word. */
import type { Trouble } from '../api/client.ts';
import type { ContactKind, NewContact } from '../api/types.ts';
import { checkEmail, plausiblePhone, plausiblePost } from './email.ts';

export class ContactForm {
    kind = $state<ContactKind>('email');
    value = $state('');
    /** Problems are shown once someone tried to save. */
    shown = $state(false);
    #kept = $state('');
    #told = $state<{ value: string; suggestion: string | null } | null>(null);

    constructor(kind: ContactKind) {
        this.kind = kind;
    }

    /** What was probably meant, unless the cashier kept it as typed. */
    get suggestion(): string | null {
        if (this.kind !== 'email' || !this.shown || this.#kept === this.value) return null;
        if (this.#told?.value === this.value && this.#told.suggestion) return this.#told.suggestion;
        const check = checkEmail(this.value);
        return check.suggestion;
    }

    get filled(): boolean {
        return this.value.trim() !== '';
    }

    useSuggestion(): void {
        this.value = this.suggestion ?? this.value;
        this.#kept = this.value;
    }

    keep(): void {
        this.#kept = this.value;
    }

    /** The address to send, null when it must be looked at first. */
    ready(replaces: string | null): NewContact | null {
        this.shown = true;
        if (problemOf(this) || this.suggestion) return null;
        const confirmed = this.kind === 'email' && this.#kept === this.value;
        return { kind: this.kind, value: this.value.trim(), confirmed, ...(replaces ? { replaces } : {}) };
    }

    /** Takes in what the terminal said about the address; false when it said nothing about it. */
    refused(trouble: Trouble): boolean {
        const about = trouble.errors?.find((e) => e.pointer.endsWith('/value'));
        if (!about) return false;
        this.shown = true;
        this.#told = { value: this.value, suggestion: about.suggestion ?? null };
        this.#kept = '';
        return true;
    }

    /** Whether the terminal refused exactly what stands here, without a better idea. */
    get malformed(): boolean {
        return this.#told !== null && this.#told.value === this.value && !this.#told.suggestion;
    }
}

/** What is wrong with the form, in the catalogue's `error.*`. */
export function problemOf(form: ContactForm): ContactKind | null {
    if (form.malformed) return form.kind;
    if (form.kind === 'email') return form.suggestion || checkEmail(form.value).valid ? null : 'email';
    const fine = form.kind === 'phone' ? plausiblePhone(form.value) : plausiblePost(form.value);
    return fine ? null : form.kind;
}
