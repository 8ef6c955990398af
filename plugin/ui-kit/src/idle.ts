/**
 * A visitor who walks away. Quiet for `firstMs`, or `typingMs` once something was typed (people look for their glasses), brings a
 * warning; `warnMs` later all is wiped. The warning can be extended for ever (WCAG 2.2.1). Pure: the page tells it the time.
 */
export interface IdleTimes {
    firstMs: number;
    typingMs: number;
    warnMs: number;
}

export class Idle {
    readonly #times: IdleTimes;
    #last: number;
    #typed = false;

    constructor(times: IdleTimes, now: number) {
        this.#times = times;
        this.#last = now;
    }

    /** Somebody did something; `typed` when it was typing. While the warning stands only `stay` counts. */
    touch(now: number, typed = false): void {
        if (this.leftMs(now) !== null) return;
        this.#last = now;
        this.#typed ||= typed;
    }

    /** "Yes, I am here." */
    stay(now: number): void {
        this.#last = now;
    }

    /** Nothing is left to be typed: quiet is short again. */
    rest(now: number): void {
        this.#last = now;
        this.#typed = false;
    }

    /** Null while there is no warning; else what is left of it, 0 when it is over. */
    leftMs(now: number): number | null {
        const quiet = now - this.#last - (this.#typed ? this.#times.typingMs : this.#times.firstMs);
        return quiet < 0 ? null : Math.max(0, this.#times.warnMs - quiet);
    }
}
