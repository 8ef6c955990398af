// Every state of the customer's screen as it is built: no complaint from axe, no clipped text, no target under 48 px, nothing on the console;
// at three sizes, in large text, in high contrast, with the keyboard of its own. Dutch and Russian; all languages with SOUFFLEUR_ALL=1.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import * as pages from './support/screenPage.mjs';
import { at } from './support/screenPage.mjs';

const kShots = process.env.SOUFFLEUR_SHOTS;
const kLanguages = process.env.SOUFFLEUR_ALL ? pages.kAll : ['nl', 'ru'];
const kSizes = [
    [800, 600],
    [1024, 768],
    [1280, 800],
];

let browser;
let screen;
before(async () => {
    pages.buildScreen();
    browser = await pages.openBrowser();
    screen = await pages.openScreen();
});
after(async () => {
    await browser?.close();
    await screen?.close();
});

/** Looks at state after state; `whole` asks axe as well, which takes its time. */
const looker = (page, name, whole) => async (state) => {
    await page.evaluate(() => document.fonts.ready);
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await page.screenshot({ path: `${kShots}/screen-${name}-${state}.png` });
    }
    assert.deepEqual(
        {
            axe: whole ? await pages.axe(page) : [],
            misfits: await pages.misfits(page),
            console: page.complaints,
            sent: screen.complaints,
        },
        { axe: [], misfits: [], console: [], sent: [] },
        `${name}-${state}`,
    );
};

async function overlay(page, look, name, opener) {
    await page.click(opener);
    await page.waitForSelector('dialog[open]');
    await look(name);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
}

async function walk(page, language, look) {
    await page.waitForSelector(at.attract);
    await look('attract');
    screen.show(pages.house, pages.asked(language, { count: 5, lacking: ['email', 'phone'] }));
    await page.waitForSelector(at.ask);
    await look('ask');
    await overlay(page, look, 'wording', '.under .quiet >> nth=0');
    await overlay(page, look, 'languages', 'header button >> nth=0');
    await pages.answer(page, 'yes', 'yes', 'yes');
    await look('answered');
    await pages.next(page);
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 2);
    await pages.next(page);
    await page.waitForSelector(at.field);
    await look('email');
    await page.keyboard.type('anna@gmial.com');
    await pages.next(page);
    await page.waitForSelector('.twins');
    await look('email-suggestion');
    await page.fill('main input', 'anna');
    await pages.next(page);
    await page.waitForSelector('.fault p');
    await look('email-fault');
    await page.fill('main input', 'anna@example.org');
    await pages.next(page);
    await page.waitForSelector('[inputmode="tel"]');
    await page.fill('main input', '+31 6 0000 0000');
    await pages.next(page);
    await page.waitForSelector(at.held);
    await look('held');
    await page.click('.typing .btn');
    await page.waitForSelector('textarea');
    await look('post');
    await page.fill('textarea', 'Voorstraat 1\n3500 AA Utrecht');
    await pages.next(page);
    await page.waitForSelector(at.review);
    await look('review');
    await pages.next(page);
    await page.waitForSelector(at.end);
    await look('done');
}

for (const language of kLanguages) {
    for (const [width, height] of kSizes) {
        test(`${language}, ${width} x ${height}`, async () => {
            screen.show(pages.house, null);
            const page = await pages.openPage(browser, screen, { width, height });
            await walk(page, language, looker(page, `${language}-${width}`, width === 800));
            await page.context().close();
        });
    }
    test(`${language}: large text, contrast, own keyboard, the warning, nothing answered`, async () => {
        screen.show(pages.house, null);
        const page = await pages.openPage(browser, screen, {
            width: 800,
            height: 600,
            touch: true,
            clock: true,
        });
        const look = looker(page, `${language}-800`, true);
        screen.show(pages.house, pages.asked(language));
        await page.waitForSelector(at.ask);
        await page.tap('.help button >> nth=0');
        await look('large');
        await page.tap('.help button >> nth=1');
        await look('contrast');
        await pages.answer(page, 'yes');
        await page.tap('footer .btn.go');
        await page.waitForSelector(at.field);
        await page.tap('main input');
        await page.waitForSelector('.board');
        await look('large-keyboard');
        await page.tap('.help button >> nth=0');
        await look('keyboard');
        await page.tap('footer .btn >> nth=0');
        await pages.answer(page, 'yes');
        await page.tap('footer .btn.go');
        await page.waitForSelector('footer .btn.go');
        await look('none');
        await pages.pass(page, 71_000);
        await page.waitForSelector('dialog[open]');
        await look('warning');
        await page.context().close();
    });
}
