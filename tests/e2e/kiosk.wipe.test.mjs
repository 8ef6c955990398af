// Whoever walks away from the kiosk is warned and forgotten: fields, page, storage, history, document.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as kiosk from './support/kioskPage.mjs';
import { at } from './support/kioskPage.mjs';
import * as lobbies from './support/lobbies.mjs';

let browser;
let lobby;
let page;
before(async () => {
    kiosk.buildKiosk();
    browser = await kiosk.openBrowser();
    lobby = await kiosk.openLobby();
});
after(async () => {
    await browser?.close();
    await lobby?.close();
});

async function open(house = lobbies.house(), options = {}) {
    await page?.context().close();
    lobby.complaints = undefined;
    lobby.be(house);
    page = await kiosk.openKiosk(browser, lobby, { width: 800, height: 1280, ...options });
    await page.waitForSelector(at.attract);
    return page;
}
const clean = () =>
    assert.deepEqual({ page: page.complaints, sent: lobby.complaints ?? [] }, { page: [], sent: [] });
const slow = { firstMs: 600_000, typingMs: 600_000, warnMs: 600_000 };

describe('whoever walks away', () => {
    /** Marks this document, so that a fresh one is told from it. */
    const mark = () => page.evaluate(() => (globalThis.seen = true));
    async function wiped() {
        await page.waitForFunction(() => !globalThis.seen && document.querySelector('main nav'));
        const left = await page.evaluate(async () => ({
            fields: document.querySelectorAll('input').length,
            text: document.documentElement.outerHTML,
            local: localStorage.length,
            session: Object.keys(sessionStorage),
            databases: (await indexedDB.databases()).length,
            caches: (await caches.keys()).length,
            cookie: document.cookie,
            history: history.length,
            state: history.state,
            address: location.href,
            title: document.title,
            name: window.name,
            toggles: document.documentElement.dataset.large ?? null,
        }));
        assert.ok(
            !/anna|example\.org|Vries/i.test(left.text.replaceAll(lobby.house.privacyUrl, '')),
            'the page still holds what was typed',
        );
        assert.deepEqual({ ...left, text: '' }, {
            fields: 0,
            text: '',
            local: 0,
            session: ['souffleur.kiosk.secret'],
            databases: 0,
            caches: 0,
            cookie: '',
            history: left.history,
            state: null,
            address: `${lobby.origin}/again`,
            title: 'Souffleur',
            name: '',
            toggles: null,
        }); // biome-ignore format: a table
        assert.equal(lobby.sent('POST /wipe').length, 1);
        return left.history;
    }
    const quick = { firstMs: 400, typingMs: 400, warnMs: 400 };

    test('is warned and forgotten on every screen: fields, storage, history, document', async () => {
        const ways = {
            wishes: () => kiosk.begin(page, 'en'),
            typing: async () => {
                await kiosk.toName(page, 'en');
                await kiosk.write(page, 'Anna de Vries');
            },
            review: async () => {
                await kiosk.toName(page, 'en');
                await kiosk.toReview(page);
            },
            done: async () => {
                await kiosk.toName(page, 'en');
                await kiosk.toReview(page);
                await kiosk.next(page);
                await page.waitForSelector(at.done);
            },
            change: async () => {
                await page.click('main > .quiet');
                await kiosk.write(page, lobbies.kCode);
            },
            staff: async () => {
                await page.focus('.corner');
                await page.keyboard.press('Enter');
                await kiosk.write(page, '1234');
            },
        };
        for (const [name, way] of Object.entries(ways)) {
            await open(lobbies.house('en', { idle: slow }));
            await page.click('.stage > aside button >> nth=0');
            const before = await page.evaluate(() => history.length);
            await way();
            await mark();
            // Time is ours from here: the clock that the page reads runs ahead.
            await page.evaluate(() => {
                const now = performance.now.bind(performance);
                performance.now = () => now() + 600_001;
            });
            await page.waitForSelector('dialog[open]');
            await page.evaluate(() => {
                const now = performance.now.bind(performance);
                performance.now = () => now() + 600_001;
            });
            assert.equal(await wiped(), before, name);
            clean();
        }
    });

    test('and comes back in time goes on where they were', async () => {
        await open(lobbies.house('en', { idle: { ...slow, firstMs: 300, typingMs: 300 } }));
        await kiosk.begin(page, 'en');
        await kiosk.answer(page, 'yes');
        await page.waitForSelector('dialog[open]');
        const inside = await page.evaluate(() => document.activeElement.closest('dialog') !== null);
        assert.ok(inside, 'the focus is not in the warning');
        await page.click('dialog .on');
        await page.waitForSelector('dialog', { state: 'detached' });
        assert.equal(await page.locator('[aria-pressed="true"]').count(), 1);
        await page.waitForSelector('dialog[open]');
        await page.keyboard.press('Escape');
        await page.waitForSelector('dialog', { state: 'detached' });
        assert.equal(lobby.sent('POST /wipe').length, 0);
        clean();
    });

    test('from the first screen leaves no large letters to the next', async () => {
        await open(lobbies.house('en', { idle: quick }));
        await page.click('.stage > aside button >> nth=0');
        await page.click('.stage > aside button >> nth=1');
        await page.waitForSelector('html[data-large][data-contrast]');
        await page.waitForFunction(() => !('large' in document.documentElement.dataset), null, {
            timeout: 20_000,
        });
        assert.equal(await page.locator('[aria-pressed="true"]').count(), 0);
        clean();
    });

    test('whose seconds are few is wiped by the warning alone, however short', async () => {
        await open(lobbies.house('en', { idle: quick }));
        await kiosk.begin(page, 'en');
        await mark();
        await wiped();
    });

    test('is forgotten also where the process is gone; the screen rests, and opens when it is back', async () => {
        await open(lobbies.house('en', { idle: slow }));
        await kiosk.toName(page, 'en');
        await kiosk.write(page, 'Anna de Vries');
        await mark();
        lobby.alive = false;
        await page.click('header .pill >> nth=1');
        await page.waitForFunction(() => document.querySelector('.closed'));
        assert.equal(await page.locator('input').count(), 0);
        assert.ok(!(await page.content()).includes('Anna'));
        lobby.alive = true;
        await page.waitForFunction(() => !globalThis.seen && document.querySelector('main nav'), null, {
            timeout: 20_000,
        });
    });
});
