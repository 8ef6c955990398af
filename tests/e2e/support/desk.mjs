// One test after another at one desk: a till of its own for each, its page, and what a cashier's test asks of both. Whatever the page
// complained of fails the test. The bindings are live: `till` is this test's, `page` the one that was opened last.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { fitting } from './contract.mjs';
import * as desks from './desks.mjs';
import { buildPanel, openBrowser, openPage, openTill, painted } from './panelPage.mjs';

export let browser;
export let till;
export let page;

before(async () => {
    buildPanel();
    browser = await openBrowser();
});
after(() => browser?.close());
beforeEach(async () => {
    till = await openTill('en');
});
afterEach(async () => {
    const complaints = page?.complaints ?? [];
    await page?.context().close();
    page = undefined;
    await till.close();
    assert.deepEqual(complaints, []);
});

/** Opens this test's page; `options` as of `openPage`. */
export async function open(options) {
    page = await openPage(browser, till, options);
    return page;
}

/** Shows the desk of a flag's kind with `change`, and waits until it is painted. */
export async function show(kind, change) {
    const desk = desks.deskOf(kind, 'en', change);
    till.set(desks.session('en'), desk);
    await painted(page, desk.revision);
    return desk;
}

/** The terminal's reply to an act of `outcome` that it stored. */
export const stored = (outcome) => ({
    status: 201,
    body: fitting('ActResult', { act: desks.actOf(outcome, 'en'), desk: desks.savedDesk(outcome, 'en') }),
});

/** The first request to `route`, once it came. */
export async function sent(route) {
    await page.waitForFunction(() => true);
    for (let left = 200; left > 0; left--) {
        const found = till.requests.find((r) => r.route === route);
        if (found) return found;
        await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    assert.fail(`no ${route}; there were ${till.requests.map((r) => r.route).join(', ')}`);
}
