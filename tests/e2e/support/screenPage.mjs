// The built page of the customer's own screen in Chromium, against the stand-in for the terminal; and what it may be asked to show.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FakeScreen } from './fakeScreen.mjs';

export { axe, openBrowser } from './panelPage.mjs';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kLaunch = '/#launch=q3Zr0yVYH1mKQk2m8bT4uw';
export const kAll = ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'];

export function buildScreen() {
    execFileSync('npm', ['run', '--silent', 'build', '-w', 'plugin/screen'], {
        cwd: kRoot,
        stdio: ['ignore', 'ignore', 'inherit'],
    });
}

export const house = { house: 'Theater Het Voorhuis', language: 'nl' };

// The longest labels that the packs have, in the language that is asked.
const kWords = {
    nl: ['Nieuwsbrief', 'per e-mail, één keer per maand', 'Persoonlijke aanbiedingen', 'per sms, vlak voor een voorstelling', 'Seizoensbrochure', 'per post, één keer per jaar'], // biome-ignore format: a list
    ru: ['Новости театра', 'по электронной почте, раз в месяц', 'Персональные предложения', 'по СМС, незадолго до спектакля', 'Брошюра сезона', 'по почте, раз в год'], // biome-ignore format: a list
    de: ['Programmbenachrichtigung', 'per E-Mail, einmal im Monat', 'Persönliche Angebote', 'per SMS, kurz vor einer Vorstellung', 'Spielzeitbroschüre', 'per Post, einmal im Jahr'], // biome-ignore format: a list
};
const kOther = ['Newsletter', 'by e-mail, once a month', 'Personal offers', 'by text message, shortly before a performance', 'Season brochure', 'by post, once a year']; // biome-ignore format: a list

/** What the cashier handed over: `count` questions, addresses that lack or not. */
export function asked(language, { count = 3, lacking = ['email'], masked = null } = {}) {
    const words = kWords[language] ?? kOther;
    const of = (purpose, channel, at, kind) => ({
        purpose,
        channel,
        label: words[2 * at],
        detail: words[2 * at + 1],
        question: `${words[2 * at]}?`,
        text: `Theater Het Voorhuis. ${`${words[2 * at]}, ${words[2 * at + 1]}. `.repeat(9)}`,
        language,
        kind,
    });
    const questions = [
        of('newsletter', 'email', 0, 'email'),
        of('offers', 'sms', 1, 'phone'),
        of('brochure', 'post', 2, 'post'),
        of('offers', 'email', 1, 'email'),
        of('newsletter', 'post', 0, 'post'),
    ].slice(0, count);
    const kinds = ['email', 'phone', 'post'].filter((kind) => questions.some((q) => q.kind === kind));
    return {
        language,
        languages: kAll,
        questions,
        contacts: kinds.map((kind) => ({
            kind,
            lacking: lacking.includes(kind),
            masked: lacking.includes(kind) ? null : masked,
        })),
    };
}

export async function openScreen() {
    const screen = new FakeScreen(`${kRoot}/plugin/screen/dist`);
    await screen.listen();
    screen.show(house, null);
    return screen;
}

/** A page of its own context; what it complains about lands in `page.complaints`. `origin` may be a real till's. */
export async function openPage(
    browser,
    { origin, launch = kLaunch },
    { width = 1024, height = 768, touch = false, clock = false } = {},
) {
    const context = await browser.newContext({
        viewport: { width, height },
        hasTouch: touch,
        reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    // Its own look at the time goes ahead of its timers: nobody sits here for 90 s.
    if (clock)
        await page.addInitScript(() => {
            const real = performance.now.bind(performance);
            globalThis.ahead = 0;
            performance.now = () => real() + globalThis.ahead;
        });
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

export const at = {
    attract: '#page > main > h1',
    ask: '.row .yn',
    field: 'main input, main textarea',
    held: '.held',
    review: '.card > button',
    end: '#page > main > p',
};
export const pass = (page, ms) => page.evaluate((more) => (globalThis.ahead += more), ms);
export const next = (page) => page.click('footer .btn.go');
export const back = (page) => page.click('footer .btn >> nth=0');

/** Answers the rows of the card: `yes`, `no`, or null for those that are passed over. */
export async function answer(page, ...values) {
    for (const [row, value] of values.entries())
        if (value) await page.locator('.row .yn').nth(row).locator('button').nth(value === 'yes' ? 0 : 1).click(); // biome-ignore format: a chain
}

/** What does not fit: text that is cut or leaves its box, targets under 48 px, what scrolls sideways. */
export async function misfits(page) {
    return [
        ...(await page.evaluate(cutText)),
        ...(await page.evaluate(smallTargets)),
        ...(await page.evaluate(hiddenWays)),
    ];
}

// The next three run inside the page.

function cutText() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const root = document.documentElement;
    const sideways = [...inside.querySelectorAll('.way > main, .body')].some((el) => el.scrollWidth > el.clientWidth + 1); // biome-ignore format: one thought
    const scrolls = root.scrollWidth > innerWidth || root.scrollHeight > innerHeight;
    const wrong = [sideways && 'something scrolls sideways', scrolls && 'the page scrolls'].filter(Boolean);
    const outside = (inner, outer, side, above) =>
        inner.left < outer.left - side ||
        inner.right > outer.right + side ||
        inner.top < outer.top - above ||
        inner.bottom > outer.bottom + above;
    const complaint = (node, el) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect();
        const tall = el.closest('.way > main, .body') ? 1e6 : 1;
        if (outside(text, { left: 0, top: 0, right: innerWidth, bottom: innerHeight }, 1, tall))
            return 'leaves the window';
        const around = el.closest('button, label, .label, .said, .card, .row > span');
        const slack = 0.25 * Number.parseFloat(getComputedStyle(el).fontSize);
        return around && outside(text, around.getBoundingClientRect(), 1.5, slack) ? 'leaves its box' : '';
    };
    const walk = document.createTreeWalker(inside, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const el = node.parentElement;
        const seen = node.data.trim() && el.checkVisibility() && !el.closest('.hidden');
        const found = seen && complaint(node, el);
        if (found) wrong.push(`"${node.data.trim().slice(0, 40)}" ${found}`);
    }
    return wrong;
}

/** The full wording and the no to all are never below what is in sight. */
function hiddenWays() {
    const end = document.querySelector('.way > main')?.getBoundingClientRect().bottom ?? 0;
    return [...document.querySelectorAll('.under button')].flatMap((el) =>
        el.getBoundingClientRect().bottom > end + 1 ? [`"${el.textContent}" is out of sight`] : [],
    );
}

function smallTargets() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    return [...inside.querySelectorAll('button, input, textarea')].flatMap((el) => {
        const { width, height } = el.getBoundingClientRect();
        // Keys of the on-screen keyboard share the window's width.
        const least = el.closest('.board') ? 36 : 47.5;
        const fine = !el.checkVisibility() || (height >= 47.5 && width >= least);
        return fine ? [] : [`"${el.textContent.trim()}" is ${width} x ${height}`];
    });
}
