// The house's own questions at the kiosk: every screen at three sizes (axe, cut text, small targets), by touch, by keys, passed over,
// back and with a changed mind; what is sent and what is not; the wipe. With the questionnaires of the Dutch pack.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as kiosk from './support/kioskPage.mjs';
import { at } from './support/kioskPage.mjs';
import * as lobbies from './support/lobbies.mjs';

const kShots = process.env.SOUFFLEUR_SHOTS;
const kPictures =
    process.env.SOUFFLEUR_PICTURES && fileURLToPath(new URL('../../kiosk/ui/pictures/', import.meta.url));
const kLanguages = kPictures ? ['en'] : process.env.SOUFFLEUR_ALL ? lobbies.kAll : ['nl', 'ru', 'fr'];
const kSizes = [
    [1080, 1920],
    [1920, 1080],
    [800, 1280],
];
const kPictured = ['survey', 'survey-choice', 'survey-scale'];

let browser;
let lobby;
before(async () => {
    kiosk.buildKiosk();
    browser = await kiosk.openBrowser();
    lobby = await kiosk.openLobby(lobbies.askingHouse());
});
after(async () => {
    await browser?.close();
    await lobby?.close();
});

const option = '.options button';
const step = '.scale button';
const begins = async (page) => {
    await page.click('[data-survey]');
    await page.waitForSelector('main.typing, .nav .btn.go');
    await page.waitForFunction((title) => document.querySelector('h1')?.textContent === title, title(page));
};
const title = (page) => lobbies.kSurveys.foyer.title[page.language];
const onward = (page) => kiosk.onward(page, () => kiosk.next(page));
const text = (page) => page.textContent('.nav .btn.go');

async function open(language, size = {}, more = {}) {
    lobby.be(lobbies.askingHouse(language, more));
    const page = await kiosk.openKiosk(browser, lobby, size);
    page.language = language;
    await page.waitForSelector('[data-survey]');
    return page;
}

function looker(page, name, whole) {
    return async (screen) => {
        await page.evaluate(() => document.fonts.ready);
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

for (const language of kLanguages) {
    describe(language, () => {
        for (const [width, height] of kSizes) {
            test(`every screen at ${width} x ${height}`, async () => {
                const page = await open(language, { width, height });
                const look = looker(page, `${language}-${width}`, width === 1080);
                await look('attract-asking');
                await begins(page);
                await look('survey');
                await onward(page);
                await page.locator(option).nth(1).click();
                await look('survey-choice');
                await onward(page);
                await page.locator(option).nth(2).click();
                await look('survey-often');
                await onward(page);
                for (const n of [0, 2, 4]) await page.locator(option).nth(n).click();
                await look('survey-multi');
                for (const screen of ['survey-age', 'survey-travel']) {
                    await onward(page);
                    await look(screen);
                }
                await onward(page);
                await page.locator(step).nth(3).click();
                await look('survey-scale');
                lobby.answer('POST /surveys', lobbies.problem(507, 'no-room'));
                await kiosk.next(page);
                await page.waitForSelector('.note');
                await look('survey-no-room');
                lobby.answers.delete('POST /surveys');
                await onward(page);
                await look('survey-thanks');
                await kiosk.next(page);
                await page.waitForSelector(at.attract);
                await page.context().close();
            });
        }
    });
}

test('what is sent is the answers and nothing else; whoever changes their mind leaves nothing behind', async () => {
    const page = await open('en');
    await begins(page);
    await onward(page);
    assert.match(await text(page), /Rather not say/);
    await page.locator(option).nth(1).click(); // has been before
    assert.match(await text(page), /Next/);
    await onward(page);
    await page.locator(option).nth(0).click(); // once
    await onward(page);
    for (const n of [0, 1, 2, 3]) await page.locator(option).nth(n).click({ force: true });
    assert.equal(await page.locator(`${option}[aria-pressed="true"]`).count(), 3, 'three at most');
    assert.equal(await page.locator(`${option}[aria-disabled="true"]`).count(), 3);
    await kiosk.onward(page, () => kiosk.back(page));
    assert.equal(await page.locator(`${option}[aria-pressed="true"]`).textContent(), 'Once');
    await kiosk.onward(page, () => kiosk.back(page));
    await page.locator(option).nth(0).click(); // no: the first time
    await onward(page);
    assert.match(await page.textContent('h1'), /hear about/, 'the second question is passed over');
    await onward(page);
    await onward(page); // the age is nobody's business
    await onward(page); // nor how they came
    await page.locator(step).nth(4).click();
    assert.match(await text(page), /Hand it in/);
    await onward(page);
    const [sent, ...more] = lobby.sent('POST /surveys');
    assert.equal(more.length, 0);
    const { requestId, ...rest } = sent;
    assert.match(requestId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
        id: 'foyer',
        version: 1,
        answers: [
            { question: 'first-time', values: ['yes'] },
            { question: 'how-heard', values: ['friends', 'brochure', 'email'] },
            { question: 'welcome', values: ['5'] },
        ],
    });
    assert.deepEqual(lobby.sent('POST /sign-ups'), []);
    assert.deepEqual(await page.evaluate(() => [Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]), [['souffleur.kiosk.secret'], [], '']); // biome-ignore format: one thought
    await page.context().close();
});

test('whoever passes everything over sends nothing; “no, thank you” leads back', async () => {
    const page = await open('en');
    await begins(page);
    for (let n = 0; n < 6; n++) await onward(page);
    assert.match(await page.textContent('h1'), /As you like/);
    assert.deepEqual(lobby.sent('POST /surveys'), []);
    await kiosk.next(page);
    await page.waitForSelector(at.attract);
    await begins(page);
    await kiosk.back(page);
    await page.waitForSelector(at.attract);
    assert.equal(lobby.sent('POST /wipe').length, 2);
    await page.context().close();
});

test('with keys alone, and in a language chosen on the way', async () => {
    const page = await open('nl');
    await page.focus('[data-survey]');
    await page.keyboard.press('Enter');
    await page.waitForFunction((name) => document.activeElement?.textContent === name, title(page));
    await page.click('header .pill >> nth=0');
    await page.click('dialog [lang="en"]');
    page.language = 'en';
    await page.waitForFunction((name) => document.querySelector('h1')?.textContent === name, title(page));
    await page.waitForSelector('dialog', { state: 'detached' });
    const tabTo = async (find) => {
        for (let n = 0; n < 40; n++) {
            if (await page.evaluate(find)) return;
            await page.keyboard.press('Tab');
        }
        assert.fail('Tab does not lead there');
    };
    const atGo = () => document.activeElement?.matches('.nav .btn.go');
    await tabTo(atGo);
    await kiosk.onward(page, () => page.keyboard.press('Enter'));
    await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    await tabTo(() => document.activeElement?.matches('.options button'));
    await page.keyboard.press('Space');
    assert.equal(await page.locator(`${option}[aria-pressed="true"]`).count(), 1);
    await tabTo(atGo);
    await kiosk.onward(page, () => page.keyboard.press('Enter'));
    assert.match(await page.textContent('h1'), /hear about/);
    await page.context().close();
});

test('another questionnaire since: it begins anew, and nothing of the old one is sent', async () => {
    const page = await open('en');
    await begins(page);
    await onward(page);
    await page.locator(option).nth(0).click();
    for (let n = 0; n < 4; n++) await onward(page);
    const newer = { ...lobbies.kSurveys.foyer, version: 2 };
    lobby.house = lobbies.askingHouse('en', { surveys: { anonymous: newer, beside: null } });
    lobby.answer('POST /surveys', (body) =>
        body.version === 2 ? { status: 201, body: { taken: true } } : lobbies.problem(409, 'stale-questions'),
    );
    await onward(page);
    assert.equal(await page.textContent('h1'), title(page));
    await page.waitForSelector('.note');
    await onward(page);
    assert.equal(await page.locator(`${option}[aria-pressed="true"]`).count(), 0);
    await page.context().close();
});

test('whoever walks away is forgotten, what they answered too', async () => {
    const page = await open('en', {}, { idle: { firstMs: 4000, typingMs: 4000, warnMs: 1000 } });
    await begins(page);
    await onward(page);
    await page.locator(option).nth(0).click();
    await page.waitForSelector('dialog[open]');
    lobby.house = lobbies.askingHouse('en');
    await page.waitForSelector(at.attract);
    assert.equal(lobby.sent('POST /wipe').length, 1);
    await begins(page);
    await onward(page);
    assert.equal(await page.locator(`${option}[aria-pressed="true"]`).count(), 0);
    await page.context().close();
});

test('beside a sign-up: asked of who agreed, with the rest and not before, and offered without a name after it', async () => {
    const page = await open('en');
    const look = looker(page, 'en-1080', true);
    await kiosk.toName(page, 'en');
    for (const typed of ['Anna de Vries', 'anna@example.org', '+31 6 0000 0000']) {
        await kiosk.write(page, typed);
        await kiosk.onward(page, () => page.keyboard.press('Enter'));
    }
    for (const typed of ['Korte Straat 1', '1234 AB', 'Delft']) {
        await kiosk.write(page, typed);
        await page.keyboard.press('Enter');
    }
    await page.waitForSelector(at.tastes);
    await onward(page);
    await look('beside');
    await onward(page);
    await page.locator(option).nth(3).click(); // with children
    await look('beside-choice');
    await onward(page);
    await page.locator(option).nth(1).click();
    await onward(page);
    await kiosk.write(page, '  More   puppets ');
    await look('beside-text');
    await kiosk.next(page);
    await page.waitForSelector(at.review);
    await look('beside-review');
    assert.match(await page.textContent('.card'), /With children, 6 to 11, More puppets/);
    await kiosk.next(page);
    await page.waitForSelector(at.done);
    await look('done-asking');
    const [{ survey }] = lobby.sent('POST /sign-ups');
    assert.deepEqual(survey, {
        id: 'taste',
        version: 1,
        answers: [
            { question: 'company', values: ['children'] },
            { question: 'child-age', values: ['6-11'] },
            { question: 'wish', values: ['More puppets'] },
        ],
    });
    await page.click('[data-survey]');
    await page.waitForFunction((name) => document.querySelector('h1')?.textContent === name, title(page));
    await onward(page);
    await page.locator(option).nth(0).click();
    for (let n = 0; n < 5; n++) await onward(page);
    const [anonymous] = lobby.sent('POST /surveys');
    assert.deepEqual(anonymous.answers, [{ question: 'first-time', values: ['yes'] }]);
    assert.notEqual(anonymous.requestId, lobby.sent('POST /sign-ups')[0].requestId);
    assert.ok(!JSON.stringify(anonymous).includes('Anna'));
    await page.context().close();
});

test('whoever did not agree to what it is for is not asked, and a yes taken back takes the answers along', async () => {
    const page = await open('en');
    await kiosk.begin(page, 'en');
    await kiosk.answer(page, 'yes', null, null, 'yes');
    await kiosk.next(page);
    await kiosk.isOldEnough(page);
    for (const typed of ['Anna', 'anna@example.org']) {
        await kiosk.write(page, typed);
        await kiosk.onward(page, () => page.keyboard.press('Enter'));
    }
    await page.waitForSelector(at.tastes);
    await onward(page);
    await onward(page);
    await page.locator(option).nth(0).click();
    await onward(page);
    await kiosk.next(page);
    await page.waitForSelector(at.review);
    await page.locator('.card > button').nth(3).click();
    await page.waitForSelector(at.wishes);
    await kiosk.answer(page, null, null, null, 'no');
    await kiosk.next(page);
    await page.waitForSelector(at.review);
    assert.doesNotMatch(await page.textContent('.card'), /What suits you/);
    await kiosk.next(page);
    await page.waitForSelector(at.done);
    assert.ok(!('survey' in lobby.sent('POST /sign-ups')[0]));
    await page.context().close();
});
