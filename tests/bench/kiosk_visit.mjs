// A scripted visitor at the real kiosk of a demo house: newsletter, name and e-mail on the keys of the screen. What the machine takes is
// measured; what a person takes is added by the book: 1.5 s to read a screen, 0.4 s to find a key, 0.8 s for any other touch. And how long a
// touch takes to be answered on the glass, as Chromium itself tells it.
import { readFileSync } from 'node:fs';
import { House } from '../e2e/support/house.mjs';
import { at, openBrowser, openKiosk, tapNext } from '../e2e/support/kioskPage.mjs';

// The kiosk takes six sign-ups a minute.
const kVisits = 5;
const kReadMs = 1500;
const kKeyMs = 400;
const kTouchMs = 800;
const kName = 'Roser Ferrer';
const kAddress = 'roser.ferrer';
const kLimits = { visit: 45_000, touch: 100 };

const house = await House.open(50);
const browser = await openBrowser();
const durations = [];
const visits = [];
let human = 0;

function watch() {
    globalThis.durations = [];
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
            if (entry.interactionId) globalThis.durations.push(entry.duration);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
}

async function visit(page) {
    human = 0;
    const tap = async (target, costMs = kTouchMs) => {
        human += costMs;
        await (typeof target === 'string' ? page.locator(target) : target).first().tap();
    };
    const go = async () => {
        human += kTouchMs;
        await tapNext(page);
    };
    const screen = async (selector) => {
        human += kReadMs;
        await page.waitForSelector(selector);
    };
    const type = async (text) => {
        for (const letter of text) {
            const key = page.locator('.board button').filter({ hasText: new RegExp(`^[${letter}]$`, 'i') });
            await tap(letter === ' ' ? '.board .space' : key, kKeyMs);
        }
    };
    const begin = performance.now();
    await screen(at.attract);
    await tap(`${at.attract}[lang="en"]`);
    await screen(at.wishes);
    await tap('.row .yn button');
    while (await page.$(at.wishes)) {
        const card = await page.textContent('.card');
        await go();
        await page.waitForFunction((before) => document.querySelector('h1') && document.querySelector('.card')?.textContent !== before, card); // biome-ignore format: one thought
        human += kReadMs;
    }
    if (await page.$(at.age)) {
        await tap('.card > .yn button');
        await go();
    }
    await screen(at.typing);
    await type(kName);
    const title = await page.textContent('h1');
    await go();
    await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, title);
    await screen(at.typing);
    await type(kAddress);
    await tap('.board .domain');
    await go();
    await page.waitForSelector(`${at.tastes}, ${at.review}`);
    if (await page.$(at.tastes)) {
        await screen(at.tastes);
        await tap('.chip');
        await go();
    }
    await screen(at.review);
    await go();
    await screen(at.done);
    visits.push(performance.now() - begin + human);
    durations.push(...(await page.evaluate(() => globalThis.durations)));
    await tapNext(page);
}

try {
    const address = new URL(readFileSync(house.demo.kiosk.launchFile, 'utf8').trim());
    const opened = { origin: address.origin, launch: `/${address.hash}` };
    const page = await openKiosk(browser, opened, { touch: true, still: false });
    await page.addInitScript(watch);
    await page.evaluate(watch);
    for (let n = 0; n < kVisits; n++) await visit(page);
    visits.sort((a, b) => a - b);
    durations.sort((a, b) => a - b);
    const rows = [
        ['kiosk: a scripted visitor, median', visits[Math.floor(visits.length / 2)], kLimits.visit],
        // What is answered within 16 ms is not even counted.
        [
            'kiosk: touch to paint, p95',
            durations[Math.ceil(durations.length * 0.95) - 1] ?? 16,
            kLimits.touch,
        ],
    ];
    for (const [name, value, limit] of rows) {
        const ours = Number(value.toFixed(1));
        const ratio = Number((ours / limit).toFixed(3));
        console.log(JSON.stringify({ name, ours, unit: 'ms', reference: limit, referenceName: 'limit', ratio, budget: `${limit} ms`, met: ours <= limit })); // biome-ignore format: a row
    }
} finally {
    await browser.close();
    await house.close();
}
