// The visitor's page and the real kiosk process in a demo house: signed up by touch, the code on the screen and on the paper, stopped with
// it, and nothing left behind; staff find it waiting or sent.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { House, until } from './support/house.mjs';
import * as kiosk from './support/kioskPage.mjs';
import { at } from './support/kioskPage.mjs';

let browser;
let house;
before(async () => {
    [browser, house] = await Promise.all([kiosk.openBrowser(), House.open(50)]);
});
after(async () => {
    await browser?.close();
    await house?.close();
});

/** The page of the kiosk in the foyer, opened with its one-time token. */
async function openFoyer() {
    const address = new URL(readFileSync(house.demo.kiosk.launchFile, 'utf8').trim());
    const page = await kiosk.openKiosk(
        browser,
        { origin: address.origin, launch: `/${address.hash}` },
        { touch: true },
    );
    await page.waitForSelector(at.attract);
    return page;
}

test('a stranger signs up, takes a slip, and stops it all with its code', async () => {
    const page = await openFoyer();
    await page.tap(`${at.attract}[lang="en"]`);
    await page.waitForSelector(at.wishes);
    // Yes to the first, no to the rest of this card; the other cards are passed over.
    const rows = await page.locator('.row .yn').count();
    await kiosk.answer(page, 'yes', ...Array(rows - 1).fill('no'));
    while (await page.$(at.wishes)) {
        const card = await page.textContent('.card');
        await kiosk.next(page);
        await page.waitForFunction((before) => document.querySelector('h1') && document.querySelector('.card')?.textContent !== before, card); // biome-ignore format: one thought
    }
    if (await page.$(at.age)) await kiosk.isOldEnough(page);
    await page.waitForSelector(at.typing);
    await kiosk.write(page, 'Roser Ferrer');
    await kiosk.onward(page, () => kiosk.next(page));
    await kiosk.write(page, 'roser.ferrer@example.org');
    await page.keyboard.press('Enter');
    await page.waitForFunction(
        (selectors) => document.querySelector(selectors),
        `${at.tastes}, ${at.review}`,
    );
    if (await page.$(at.tastes)) await kiosk.next(page);
    await page.waitForSelector(at.review);
    await kiosk.next(page);
    await page.waitForSelector(at.done);
    assert.match(await page.textContent('h1'), /Roser/);
    const code = await page.textContent('code');
    assert.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{3,4}){6}$/);
    if (await page.$('.way .btn')) {
        const before = house.slips().length;
        await page.tap('.way .btn');
        const slip = await until('the slip comes out', () => house.slips()[before]);
        const signs = code.replaceAll('-', '');
        assert.ok(house.paper(slip, 'txt').includes(`#${signs}]`), 'its code is not on the slip');
    }
    await kiosk.next(page);
    await page.waitForSelector(at.attract);
    assert.ok(!(await page.content()).includes(code));
    await page.click('main > .quiet');
    await kiosk.write(page, code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'));
    assert.equal(await page.inputValue('main input'), code);
    await kiosk.onward(page, () => kiosk.next(page));
    await kiosk.next(page);
    await page.waitForSelector(at.attract);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});

test('staff find what waits, and see it sent', async () => {
    const page = await openFoyer();
    await page.focus('.corner');
    await page.keyboard.press('Enter');
    await kiosk.write(page, house.demo.kiosk.pin);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dl');
    await until('all is sent', async () => {
        await page.click('.acts .btn >> nth=0');
        return (await page.locator('dd').nth(1).textContent()) === '0';
    });
    assert.equal(await page.locator('dd').first().textContent(), 'Foyer');
    await kiosk.next(page);
    await page.waitForSelector(at.attract);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});
