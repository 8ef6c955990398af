// The customer's own screen and a real till in a demo house: handed over by the cashier's key, answered by a finger, told to the cashier, recorded
// by method screen; taken back in the middle; and dark when the box office selects the next customer.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { House, signIn, until } from './support/house.mjs';
import * as pages from './support/screenPage.mjs';
import { at } from './support/screenPage.mjs';

let browser;
let house;
let office;
let panel;
let screen;

before(async () => {
    [browser, house] = await Promise.all([pages.openBrowser(), House.open(50)]);
    office = house.office(0);
    const context = await browser.newContext({ viewport: { width: 440, height: 768 }, locale: 'en' });
    panel = await context.newPage();
    panel.complaints = [];
    panel.on('pageerror', (e) => panel.complaints.push(e.message));
    await panel.goto(house.launchUrl(0));
    await signIn(panel, house.demo.tills[0]);
    const address = new URL(readFileSync(house.demo.tills[0].screenLaunchFile, 'utf8').trim());
    screen = await pages.openPage(
        browser,
        { origin: address.origin, launch: `/${address.hash}` },
        { width: 800, height: 600, touch: true },
    );
});
after(async () => {
    await browser?.close();
    await office?.end?.();
    await house?.close();
});

const call = (method, path) =>
    panel.evaluate(
        async ([method, path]) => {
            const headers = { 'X-Souffleur-Session': sessionStorage.getItem('souffleur.secret') };
            return (await fetch(`/api/v1${path}`, { method, headers })).json();
        },
        [method, path],
    );
let strangers = 0;
async function select(name, email) {
    office.tell('situation counter', `select SCR-${++strangers} "${name}" "${email}" en`);
    await panel.waitForFunction((n) => document.querySelector('h2 bdi')?.textContent === n, name);
}
const isDark = () =>
    until('the screen is dark', async () => {
        const text = await screen.evaluate(() => document.body.innerText.trim());
        return text !== '' && !/[?]|Next|Thank/.test(text);
    });
const hand = async () => {
    await until('a screen is there', async () => (await call('GET', '/desk')).screen.state === 'ready');
    await panel.keyboard.press('Control+F9');
    await screen.waitForSelector(at.ask);
};

test('a stranger answers with their own hand, and the cashier sees it', async () => {
    await screen.waitForSelector(at.attract);
    await select('Marit Eigenhand', 'marit@example.org');
    await hand();
    assert.ok(!(await screen.content()).includes('Marit'));
    assert.ok(!(await screen.content()).includes('marit@'));
    const rows = await screen.locator('.row .yn').count();
    await pages.answer(screen, 'yes', ...Array(rows - 1).fill('no'));
    while (!(await screen.$(at.review))) {
        const title = await screen.textContent('main');
        await pages.next(screen);
        await screen.waitForFunction((before) => document.querySelector('main')?.textContent !== before, title); // biome-ignore format: one thought
    }
    await pages.next(screen);
    await screen.waitForSelector(at.end);
    await panel.waitForSelector('dialog', { state: 'detached' });
    await panel.waitForFunction(() =>
        /Answered on the customer’s screen/.test(document.querySelector('.notes')?.textContent ?? ''),
    );
    const { lastAct, undo } = await call('GET', '/desk');
    assert.equal(lastAct.method, 'screen');
    assert.equal(lastAct.choices[0].choice, 'given');
    assert.ok(undo.available);
    await screen.click('main .btn');
    await isDark();
});

test('taken back by one key, and dark when the next customer is selected', async () => {
    await select('Teun Terug', 'teun@example.org');
    await hand();
    await pages.answer(screen, 'yes');
    await panel.keyboard.press('Escape');
    await isDark();
    await panel.waitForSelector('dialog', { state: 'detached' });
    await hand();
    assert.equal(await screen.locator('[aria-pressed=true]').count(), 0);
    await pages.answer(screen, 'no');
    await select('Vera Volgende', 'vera@example.org');
    await isDark();
    const { customer, lastAct, screen: state } = await call('GET', '/desk');
    assert.equal(customer.displayName, 'Vera Volgende');
    assert.equal(lastAct, null);
    assert.equal(state.state, 'ready');
    assert.deepEqual(screen.complaints, []);
    assert.deepEqual(panel.complaints, []);
});
