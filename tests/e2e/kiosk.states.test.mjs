// Every screen of the kiosk as it is built: no complaint from axe, no clipped text, no target under 60 px, nothing on the console; at the
// three sizes, in large text, in high contrast, within low and high reach. Dutch and Russian; all languages with SOUFFLEUR_ALL=1.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as kiosk from './support/kioskPage.mjs';
import { at } from './support/kioskPage.mjs';
import * as lobbies from './support/lobbies.mjs';

// Pictures for whoever wants to look: SOUFFLEUR_SHOTS=folder. Those of kiosk/README.md: SOUFFLEUR_PICTURES=1.
const kShots = process.env.SOUFFLEUR_SHOTS;
const kPictures =
    process.env.SOUFFLEUR_PICTURES && fileURLToPath(new URL('../../kiosk/ui/pictures/', import.meta.url));
const kLanguages = kPictures ? ['en'] : process.env.SOUFFLEUR_ALL ? lobbies.kAll : ['nl', 'ru'];
const kPictured = [
    'attract',
    'wishes-answered',
    'wording',
    'age',
    'name',
    'email-suggestion',
    'phone',
    'post',
    'tastes',
    'review',
    'done',
    'change',
    'child',
    'warning',
    'full',
    'staff',
];
const kSizes = [
    [1080, 1920],
    [1920, 1080],
    [800, 1280],
];

// Russian has the longest words: it stands for the others at every size.
const sizesOf = (language) => {
    if (kPictures) return kSizes.slice(2);
    return process.env.SOUFFLEUR_ALL || language === 'ru' ? kSizes : kSizes.slice(0, 1);
};

let browser;
let lobby;
before(async () => {
    kiosk.buildKiosk();
    browser = await kiosk.openBrowser();
    lobby = await kiosk.openLobby();
});
after(async () => {
    await browser?.close();
    await lobby?.close();
});

/** Looks at screen after screen; `whole` asks axe as well, which takes its time. */
function looker(page, name, whole) {
    return async (screen) => {
        await page.evaluate(() => document.fonts.ready);
        await page.evaluate(() =>
            Promise.all(document.getAnimations().map((animation) => animation.finished)),
        );
        if (kShots) {
            mkdirSync(kShots, { recursive: true });
            await page.screenshot({ path: `${kShots}/${name}-${screen}.png` });
        }
        if (kPictures && name === 'en-800' && kPictured.includes(screen)) {
            mkdirSync(kPictures, { recursive: true });
            await page.screenshot({ path: `${kPictures}${screen}.jpg`, type: 'jpeg', quality: 80 });
        }
        assert.deepEqual(
            {
                axe: whole ? await kiosk.axe(page) : [],
                misfits: await kiosk.misfits(page),
                console: page.complaints,
                sent: lobby.complaints ?? [],
            },
            { axe: [], misfits: [], console: [], sent: [] },
            `${name}-${screen}`,
        );
    };
}

async function overlays(page, look) {
    for (const [name, opener] of [
        ['wording', '.scroll .quiet'],
        ['language', 'header .pill >> nth=0'],
        ['data', '.stage > aside button >> nth=4'],
    ]) {
        await page.click(opener);
        await page.waitForSelector('dialog[open]');
        await look(name);
        await page.keyboard.press('Escape');
        await page.waitForSelector('dialog', { state: 'detached' });
    }
}

/** From the first screen to the last, by way of everything that can be wrong. */
async function wholeWay(page, language, look) {
    await page.waitForSelector(at.attract);
    await look('attract');
    await kiosk.begin(page, language);
    await look('wishes');
    await overlays(page, look);
    await kiosk.answer(page, 'yes', 'no', null, 'yes');
    await look('wishes-answered');
    await kiosk.answer(page, null, 'yes', 'yes', null);
    await kiosk.next(page);
    await page.waitForSelector(at.age);
    await look('age');
    await kiosk.isOldEnough(page);
    await page.waitForSelector(at.typing);
    await look('name');
    await kiosk.write(page, 'Anna de Vries');
    await kiosk.onward(page, () => kiosk.next(page));
    await kiosk.write(page, 'anna');
    await kiosk.next(page);
    await page.waitForFunction(() => document.querySelector('.fault')?.textContent);
    await look('email-wrong');
    await kiosk.write(page, 'anna@gmial.com');
    await page.waitForSelector('.twins');
    await look('email-suggestion');
    await kiosk.onward(page, async () => {
        await page.click('.twins .btn >> nth=0');
        await page.waitForSelector('.twins', { state: 'detached' });
        await kiosk.next(page);
    });
    await look('phone');
    await kiosk.write(page, '+31 6 0000 0000');
    await kiosk.onward(page, () => kiosk.next(page));
    await look('post');
    for (const text of ['Korte Straat 1', 'abcd', 'Delft']) {
        await kiosk.write(page, text);
        await page.keyboard.press('Enter');
    }
    await page.waitForFunction(() =>
        [...document.querySelectorAll('.fault')].some((each) => each.textContent),
    );
    await look('post-wrong');
    await kiosk.write(page, '1234 AB');
    await page.keyboard.press('Enter');
    await page.waitForSelector(at.tastes);
    await page.locator('.chip').nth(0).click();
    await page.locator('.chip').nth(3).click();
    await look('tastes');
    await kiosk.next(page);
    await page.waitForSelector(at.review);
    await look('review');
    lobby.answer('POST /sign-ups', lobbies.problem(507, 'no-room'));
    await kiosk.next(page);
    await page.waitForSelector('.note');
    await look('no-room');
    lobby.answers.delete('POST /sign-ups');
    await kiosk.next(page);
    await page.waitForSelector(at.done);
    await look('done');
    await page.click('.way .btn');
    await page.waitForFunction(() => document.querySelector('.news')?.textContent);
    await look('done-printing');
}

/** Ways that end early. */
async function sideWays(page, language, look) {
    const fresh = async () => {
        await page.click('header .pill >> nth=1');
        await page.waitForSelector(at.attract);
        await kiosk.begin(page, language);
    };
    await kiosk.begin(page, language);
    await kiosk.answer(page, 'no', 'no', 'no', 'no');
    await kiosk.onward(page, () => kiosk.next(page));
    await look('none');
    await fresh();
    await kiosk.answer(page, 'yes');
    await kiosk.next(page);
    await kiosk.onward(page, () => kiosk.isOldEnough(page, false));
    await look('child');
    await page.click('header .pill >> nth=1');
    await page.click('main > .quiet');
    await page.waitForSelector(at.typing);
    await look('change');
    await kiosk.write(page, 'OIL0-1111');
    await kiosk.next(page);
    await page.waitForFunction(() => document.querySelector('.fault')?.textContent);
    await look('change-short');
    await kiosk.write(page, lobbies.kCode);
    await kiosk.onward(page, () => kiosk.next(page));
    await look('stopped');
}

async function staffWays(page, look) {
    await page.focus('.corner');
    await page.keyboard.press('Enter');
    await page.waitForSelector(at.typing);
    lobby.answer('POST /staff/sign-in', lobbies.problem(401, 'pin-wrong', { attemptsLeft: 3 }));
    await kiosk.write(page, '0000');
    await kiosk.next(page);
    await page.waitForFunction(() => document.querySelector('.fault')?.textContent);
    await look('staff-pin');
    lobby.answers.delete('POST /staff/sign-in');
    await kiosk.write(page, '246810');
    await kiosk.next(page);
    await page.waitForSelector('dl');
    await look('staff');
    await page.click('.acts .btn >> nth=2');
    await page.waitForSelector('dialog[open]');
    await look('staff-close');
    await page.keyboard.press('Escape');
}

for (const language of kLanguages) {
    describe(language, () => {
        for (const [width, height] of sizesOf(language)) {
            const name = `${language}-${width}`;
            // axe sees the same page at every size; it looks at each state once.
            const whole = width === 1080;

            test(`the whole way at ${width} x ${height}`, async () => {
                lobby.be(lobbies.house(language));
                const page = await kiosk.openKiosk(browser, lobby, { width, height });
                await wholeWay(page, language, looker(page, name, whole));
                await page.context().close();
            });

            test(`ways that end early, the staff's menu and a screen that rests at ${width} x ${height}`, async () => {
                lobby.be(lobbies.house(language));
                const page = await kiosk.openKiosk(browser, lobby, { width, height });
                const look = looker(page, name, whole);
                await sideWays(page, language, look);
                await kiosk.next(page);
                await page.waitForSelector(at.attract);
                await staffWays(page, look);
                await page.context().close();
                for (const [screen, reason] of [
                    ['resting', 'not-ready'],
                    ['full', 'no-room'],
                ]) {
                    lobby.health = lobbies.health({ takes: false, reason });
                    const closed = await kiosk.openKiosk(browser, lobby, { width, height });
                    await looker(closed, name, whole)(screen);
                    await closed.context().close();
                }
            });

            test(`a document of its own first, and many questions, at ${width} x ${height}`, async () => {
                lobby.be(lobbies.strictHouse(language));
                const page = await kiosk.openKiosk(browser, lobby, { width, height });
                const look = looker(page, name, whole);
                await kiosk.begin(page, language);
                await look('first');
                await kiosk.answer(page, 'yes');
                for (const screen of ['many-1', 'many-2']) {
                    await page.evaluate(() => (document.querySelector('.row b').dataset.old = ''));
                    await kiosk.next(page);
                    await page.waitForFunction(() => document.querySelector('.row b') && !document.querySelector('[data-old]')); // biome-ignore format: one thought
                    await look(screen);
                }
                await page.context().close();
            });

            test(`the warning, large text, contrast and reach at ${width} x ${height}`, async () => {
                lobby.be(
                    lobbies.house(language, {
                        idle: { firstMs: 600_000, typingMs: 600_000, warnMs: 20_000 },
                    }),
                );
                const page = await kiosk.openKiosk(browser, lobby, { width, height });
                for (const [n, help] of ['large', 'contrast', 'low', 'high'].entries()) {
                    await page.waitForSelector(at.attract);
                    await page.click(`.stage > aside button >> nth=${n}`);
                    const look = looker(page, `${name}-${help}`, whole && help === 'contrast');
                    await look('attract');
                    await kiosk.begin(page, language);
                    await look('wishes');
                    await kiosk.answer(page, 'yes', 'yes', 'yes', 'yes');
                    await kiosk.next(page);
                    await kiosk.isOldEnough(page);
                    await page.waitForSelector(at.typing);
                    await look('name');
                    await kiosk.toReview(page);
                    await look('review');
                    await kiosk.next(page);
                    await page.waitForSelector(at.done);
                    await look('done');
                    await kiosk.next(page);
                }
                await page.context().close();
                lobby.be(
                    lobbies.house(language, {
                        idle: { firstMs: 200, typingMs: 600_000, warnMs: kPictures ? 20_000 : 600_000 },
                    }),
                );
                const warned = await kiosk.openKiosk(browser, lobby, { width, height });
                await kiosk.begin(warned, language);
                await warned.waitForSelector('dialog[open]');
                await looker(warned, name, whole)('warning');
                await warned.context().close();
            });
        }
    });
}
