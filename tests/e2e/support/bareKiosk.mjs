// A visitor at the page of a kiosk in a browser with nothing between (bareBrowser.mjs): by finger and hardware keys.
import { until } from './house.mjs';
import { at } from './kioskPage.mjs';

const kGo = '.nav .btn.go';

/** A scripted visitor at `browser`, which shows a kiosk's first screen. */
export class Visitor {
    #browser;
    /** Where on "Next" the finger falls: the second tap at one place is the second of a pair. */
    #side = 0;

    constructor(browser) {
        this.#browser = browser;
    }

    #has(selector) {
        return this.#browser.look(`!!document.querySelector(${JSON.stringify(selector)})`);
    }

    /** Waits for one of the screens; gives which. */
    async #one(...selectors) {
        return until(`one of ${selectors.join(', ')}`, async () => {
            for (const each of selectors) if (await this.#has(each)) return each;
            return null;
        });
    }

    async #next() {
        this.#side = 1 - this.#side;
        await this.#browser.touch(kGo, 0.2 + 0.6 * this.#side);
    }

    /** Touches "Next" until `left` says that the screen has gone. */
    async #leave(screen) {
        await this.#browser.look(`document.querySelector('main').dataset.left = ''`);
        await this.#next();
        await until(`${screen} is left`, () => this.#browser.look(`!document.querySelector('[data-left]')`)); // biome-ignore format: one thought
    }

    async #write(text) {
        await until('the field has the focus', () => this.#browser.look(`document.activeElement?.tagName === 'INPUT'`)); // biome-ignore format: one thought
        await this.#browser.type(text);
    }

    /** From the first screen to the e-mail address, typed and standing in its field. */
    async toAddress(name, address) {
        await this.#browser.touch(`${at.attract}[lang="en"]`);
        await this.#one(at.wishes);
        await this.#browser.touch('.row .yn button');
        while (await this.#has(at.wishes)) await this.#leave('a card of wishes');
        if ((await this.#one(at.age, at.typing)) === at.age) {
            await this.#browser.touch('.card > .yn button');
            await this.#leave('the age');
        }
        await this.#one(at.typing);
        await this.#write(name);
        await this.#leave('the name');
        await this.#one(at.typing);
        await this.#write(address);
    }

    /** From the address to the thanks. */
    async toThanks() {
        await this.#leave('the address');
        if ((await this.#one(at.tastes, at.review)) === at.tastes) await this.#leave('the tastes');
        await this.#one(at.review);
        await this.#leave('the review');
        await this.#one(at.done);
    }

    /** "Finish", after the thanks. */
    finish() {
        return this.#next();
    }

    /** Walks away: for the page, the time until the warning passes, and then what the warning lasts. */
    async walkAway({ typingMs = 90_000, warnMs = 20_000 } = {}) {
        const later = (ms) => `{ const now = performance.now.bind(performance); performance.now = () => now() + ${ms}; }`; // biome-ignore format: one thought
        await this.#browser.press('Shift', 16); // the last that they did
        await this.#browser.look(later(typingMs));
        await this.#browser.see('dialog[open]');
        await this.#browser.look(later(warnMs));
    }
}
