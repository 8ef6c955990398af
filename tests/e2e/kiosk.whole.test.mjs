// The whole way of a yes, with real processes and a real SMTP server: a visitor signs up by touch while the network is away, it comes back,
// head office mails them, the link's button is pressed in a browser, and the till's flag for that person turns.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { signIn, until } from './support/house.mjs';
import * as kiosk from './support/kioskPage.mjs';
import { at } from './support/kioskPage.mjs';
import { WholeHouse } from './support/wholeHouse.mjs';

const kName = 'Roser Ferrer';
const kAddress = 'roser.ferrer@example.org';

let browser;
let house;
before(async () => {
    [browser, house] = await Promise.all([kiosk.openBrowser(), WholeHouse.open()]);
});
after(async () => {
    await browser?.close();
    await house?.close();
});

async function openFoyer() {
    const address = new URL(readFileSync(house.kiosk.launchFile, 'utf8').trim());
    const page = await kiosk.openKiosk(browser, { origin: address.origin, launch: `/${address.hash}` }, { touch: true }); // biome-ignore format: one thought
    await page.waitForSelector(at.attract);
    return page;
}

const health = (page) =>
    page.evaluate(async () => {
        const headers = { 'X-Souffleur-Session': sessionStorage.getItem('souffleur.kiosk.secret') };
        return (await fetch('/api/kiosk/v1/health', { headers })).json();
    });

/** Yes to the first question, no to the rest of its card; the newsletter by e-mail is the first. */
async function signUp(page) {
    await page.tap(`${at.attract}[lang="en"]`);
    await page.waitForSelector(at.wishes);
    const rows = await page.locator('.row .yn').count();
    await kiosk.answer(page, 'yes', ...Array(rows - 1).fill('no'));
    while (await page.$(at.wishes)) {
        const card = await page.textContent('.card');
        await kiosk.next(page);
        await page.waitForFunction((before) => document.querySelector('h1') && document.querySelector('.card')?.textContent !== before, card); // biome-ignore format: one thought
    }
    if (await page.$(at.age)) await kiosk.isOldEnough(page);
    await page.waitForSelector(at.typing);
    await kiosk.write(page, kName);
    await kiosk.onward(page, () => kiosk.next(page));
    await kiosk.write(page, kAddress);
    await page.keyboard.press('Enter');
    await page.waitForSelector(`${at.tastes}, ${at.review}`);
    if (await page.$(at.tastes)) await kiosk.next(page);
    await page.waitForSelector(at.review);
    await kiosk.next(page);
    await page.waitForSelector(at.done);
}

async function openTill() {
    const context = await browser.newContext({ viewport: { width: 440, height: 768 }, locale: 'en' });
    const page = await context.newPage();
    await page.goto(readFileSync(house.till.launchFile, 'utf8').trim());
    await page.waitForSelector('.names button');
    await signIn(page, house.till);
    return page;
}

/** The cashier looks for them until they are found, and takes them. */
async function find(page, words) {
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog[open]');
    await until('the till finds them', async () => {
        await page.fill('dialog input', '');
        await page.fill('dialog input', words);
        await page.waitForSelector('.hit', { timeout: 1000 });
        return true;
    });
    await page.keyboard.press('Enter');
    await page.waitForFunction((name) => document.querySelector('h2 bdi')?.textContent === name, kName);
}
const flag = (page) => page.getAttribute('.flag', 'data-flag');

/** The plain text of a message, as its reader gets it. */
function textOf(letter) {
    const [, text] = /Content-Type: text\/plain[\s\S]*?\r?\n\r?\n([\w\s+/=]+)/.exec(letter);
    return Buffer.from(text.replace(/\s/g, ''), 'base64').toString();
}

test('from a touch without a network to the flag at the till', async () => {
    const foyer = await openFoyer();
    await until('the kiosk has head office’s key', async () => (await health(foyer)).online);
    house.network.goAway();
    await until('the kiosk knows that the network is away', async () => !(await health(foyer)).online);
    await signUp(foyer);
    assert.match(await foyer.textContent('h1'), /Roser/);
    await kiosk.next(foyer);
    await foyer.waitForSelector(at.attract);
    assert.deepEqual(house.letters(), [], 'nothing left the kiosk without a network');

    house.network.comeBack();
    const till = await openTill();
    await find(till, kName);
    assert.equal(await flag(till), 'unconfirmed');

    const letter = await until('the mail comes', () => house.letters()[0]);
    assert.match(letter, new RegExp(`^To: <${kAddress}>\\r?$`, 'm'));
    const [link] = /http:\/\/127\.0\.0\.1:\d+\/c#[\w-]{22,}/.exec(textOf(letter));
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en' });
    const reader = await context.newPage();
    await reader.goto(link);
    await reader.waitForSelector('main button');
    assert.match(await reader.textContent('main'), /r•+@example\.org/);
    assert.equal(await flag(till), 'unconfirmed', 'looking at a link says nothing');
    await reader.locator('main button').first().click();
    await reader.waitForFunction(() => !document.querySelector('main button'));

    // On the cashier's desk all the while: the flag turns by itself.
    await until('the flag turns', async () => (await flag(till)) === 'consented');
    await till.waitForFunction(() => /Newsletter.*?yes, \d/s.test(document.body.textContent));
    assert.equal(house.letters().length, 1, 'one confirmation, no more');
    assert.deepEqual(foyer.complaints, []);
});
