// The built page of the kiosk in Chromium, against the stand-in for its process.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FakeLobby } from './fakeLobby.mjs';
import * as lobbies from './lobbies.mjs';

export { axe, openBrowser } from './panelPage.mjs';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kLaunch = '/#launch=q3Zr0yVYH1mKQk2m8bT4uw';

/** Builds the page; a build is what ships, so a build is what is tested. */
export function buildKiosk() {
    execFileSync('npm', ['run', '--silent', 'build', '-w', 'kiosk/ui'], {
        cwd: kRoot,
        stdio: ['ignore', 'ignore', 'inherit'],
    });
}

export async function openLobby(house = lobbies.house()) {
    const lobby = new FakeLobby(`${kRoot}/kiosk/ui/dist`);
    await lobby.listen();
    lobby.be(house);
    return lobby;
}

/** A page of its own context; what it complains about lands in `page.complaints`. `origin` may be a real kiosk's. */
export async function openKiosk(
    browser,
    { origin, launch = kLaunch },
    { width = 1080, height = 1920, touch = false, still = true } = {},
) {
    const context = await browser.newContext({
        viewport: { width, height },
        hasTouch: touch,
        ...(still ? { reducedMotion: 'reduce' } : {}),
    });
    const page = await context.newPage();
    page.complaints = [];
    page.on(
        'console',
        (m) =>
            m.type() === 'error' &&
            !/Failed to load resource/.test(m.text()) &&
            page.complaints.push(m.text()),
    );
    page.on('pageerror', (e) => page.complaints.push(e.message));
    await page.goto(origin + launch);
    await page.waitForSelector('main');
    return page;
}

/** The screens by what stands on them, in every language. */
export const at = {
    attract: 'main nav .btn',
    wishes: '.row .yn',
    age: '.card > .yn',
    tastes: '.chip',
    review: '.card > button',
    done: '.qr',
    typing: 'main.typing input',
};

export const next = (page) => page.click('.nav .btn.go');
let side = 0;
/** The same by finger, now at its left and now at its right end: a second tap at one place at once is the second of a pair. */
export async function tapNext(page) {
    const { x, y, width, height } = await page.locator('.nav .btn.go').boundingBox();
    side = 1 - side;
    await page.touchscreen.tap(x + width * (0.2 + 0.6 * side), y + height / 2);
}
export const back = (page) => page.click('.nav .btn:not(.go)');
/** Chooses a language on the first screen. */
export async function begin(page, language) {
    await page.click(`${at.attract}[lang="${language}"]`);
    await page.waitForSelector(at.wishes);
}
/** Answers the rows of a card: `yes`, `no`, or null for those that are passed over. */
export async function answer(page, ...values) {
    for (const [row, value] of values.entries())
        if (value) await page.locator('.row .yn').nth(row).locator('button').nth(value === 'yes' ? 0 : 1).click(); // biome-ignore format: a chain
}
export async function isOldEnough(page, yes = true) {
    await page.waitForSelector(at.age);
    await page
        .locator('.card > .yn button')
        .nth(yes ? 0 : 1)
        .click();
    await next(page);
}
/** Writes into the field that has the focus, in place of what is there, and goes on. */
export async function write(page, text) {
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
}
/** Waits until a screen other than the one with this title is there. */
export async function onward(page, act) {
    const title = await page.textContent('h1');
    await act();
    await page.waitForFunction((before) => document.querySelector('h1') && document.querySelector('h1').textContent !== before, title); // biome-ignore format: one thought
}
/** From the first screen to the name: yes to all four questions of the house. */
export async function toName(page, language) {
    await begin(page, language);
    await answer(page, 'yes', 'yes', 'yes', 'yes');
    await next(page);
    await isOldEnough(page);
    await page.waitForSelector(at.typing);
}
/** From the name to the review, with hardware keys. */
export async function toReview(
    page,
    { name = 'Anna de Vries', email = 'anna@example.org', phone = '+31 6 0000 0000' } = {},
) {
    // biome-ignore format: one thought
    for (const text of [name, email, phone]) {
        await write(page, text);
        await onward(page, () => page.keyboard.press('Enter'));
    }
    for (const text of ['Korte Straat 1', '1234 AB', 'Delft']) {
        await write(page, text);
        await page.keyboard.press('Enter');
    }
    await page.waitForSelector(at.tastes);
    await page.locator('.chip').nth(0).click();
    await page.locator('.chip').nth(4).click();
    await page.locator('h2 ~ .chips .chip').nth(1).click();
    await next(page);
    await page.waitForSelector(at.review);
}

/** What does not fit: text that is cut or leaves its box, targets under 60 px, what leaves the window or cannot be scrolled to. */
export async function misfits(page) {
    return [...(await page.evaluate(cutText)), ...(await page.evaluate(smallTargets)), ...(await page.evaluate(overlaps))]; // biome-ignore format: one thought
}

// The next three run inside the page.

function cutText() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const page = document.documentElement;
    const wrong =
        page.scrollWidth > innerWidth || page.scrollHeight > innerHeight ? ['the page itself scrolls'] : [];
    const kBoxes = 'button, label, .label, .said, .note, .row > span, .pill, .card, dialog';
    const matters = ({ data, parentElement: el }) =>
        data.trim() &&
        el.checkVisibility() &&
        !el.closest('.hidden') &&
        getComputedStyle(el).webkitLineClamp === 'none';
    const complaint = (node) => {
        const el = node.parentElement;
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect();
        if (text.left < -1 || text.right > innerWidth + 1) return 'leaves the window';
        const scroller = el.closest('.scroll, .text, .all');
        if (!scroller && (text.top < -1 || text.bottom > innerHeight + 1)) return 'leaves the window';
        const around = el.closest(kBoxes);
        if (!around) return null;
        const box = around.getBoundingClientRect();
        const slack = 0.25 * Number.parseFloat(getComputedStyle(el).fontSize);
        const wide = text.left < box.left - 1.5 || text.right > box.right + 1.5;
        // What is scrolled within a box is taller than the box.
        const high = !(scroller && around.contains(scroller)) && (text.top < box.top - slack || text.bottom > box.bottom + slack); // biome-ignore format: one thought
        return wide || high ? `leaves its ${around.tagName.toLowerCase()}.${around.className}` : null;
    };
    const walk = document.createTreeWalker(inside, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const found = matters(node) && complaint(node);
        if (found) wrong.push(`"${node.data.trim().slice(0, 40)}" ${found}`);
    }
    for (const scroller of inside.querySelectorAll('.scroll, .text, .all'))
        if (scroller.scrollWidth > scroller.clientWidth + 1)
            wrong.push(`${scroller.className} scrolls sideways`);
    return wrong;
}

function smallTargets() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    return [...inside.querySelectorAll('button, input')].flatMap((el) => {
        const { width, height } = el.getBoundingClientRect();
        const fine = !el.checkVisibility() || (height >= 59.5 && width >= 59.5);
        return fine ? [] : [`${el.tagName} "${el.textContent.trim().slice(0, 20)}" is ${width} x ${height}`];
    });
}

/** Two things that can be touched do not lie over each other. */
function overlaps() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const all = [...inside.querySelectorAll('button, input')]
        .filter((el) => el.checkVisibility() && !el.closest('.scroll'))
        .map((el) => [el.textContent.trim(), el.getBoundingClientRect()]);
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1; // biome-ignore format: one thought
    return all.flatMap(([one, a], i) =>
        all.slice(i + 1).flatMap(([two, b]) => (meet(a, b) ? [`"${one}" and "${two}" overlap`] : [])),
    );
}
