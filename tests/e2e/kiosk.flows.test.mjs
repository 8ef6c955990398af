// What a visitor does at the kiosk, and what goes over the wire: by touch alone, by keys alone, back and forth, with bad input, and the menu of the
// staff. What becomes of whoever walks away: kiosk.wipe.test.mjs.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from './support/house.mjs';
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
const values = () => page.$$eval('input', (fields) => fields.map((field) => field.value));
const title = () => page.textContent('h1');

/** Taps `text` out on the keys of the screen. */
async function tapOut(text) {
    for (const letter of text) {
        const key = page
            .locator('.board button')
            .filter({ hasText: new RegExp(`^${letter.replace(/[+.]/, '\\$&')}$`, 'i') });
        if (letter === ' ') await page.locator('.board .space').tap();
        else await key.first().tap();
    }
}

describe('a visit', () => {
    test('by touch alone, on the keys of the screen; what is sent is what was said', async () => {
        await open(lobbies.house(), { touch: true });
        await page.tap(`${at.attract}[lang="nl"]`);
        await page.waitForSelector(at.wishes);
        assert.equal(
            await page.locator('[aria-pressed="true"]').count(),
            0,
            'something is ticked beforehand',
        );
        const row = (n, which) => page.locator('.row .yn').nth(n).locator('button').nth(which).tap();
        await row(0, 0);
        await row(1, 0);
        await row(2, 1);
        await kiosk.tapNext(page);
        await page.locator('.card > .yn button').first().tap();
        await kiosk.tapNext(page);
        await page.waitForSelector(at.typing);
        await tapOut('Anna Vos');
        assert.deepEqual(await values(), ['Anna Vos']);
        await kiosk.onward(page, () => kiosk.tapNext(page));
        await tapOut('anna.vos');
        await page.locator('.board .domain').first().tap();
        assert.deepEqual(await values(), ['anna.vos@gmail.com']);
        await kiosk.onward(page, () => kiosk.tapNext(page));
        for (const part of ['Korte Straat 1', '1234 ab', 'Delft']) {
            await tapOut(part);
            if (part !== 'Delft') await kiosk.tapNext(page);
        }
        // The country is the house's where nothing stands.
        await kiosk.tapNext(page);
        await page.waitForSelector(at.tastes);
        await page.locator('.chip').nth(4).tap();
        await kiosk.tapNext(page);
        await page.waitForSelector(at.review);
        await kiosk.tapNext(page);
        await page.waitForSelector(at.done);
        const [sent, ...more] = lobby.sent('POST /sign-ups');
        assert.deepEqual(more, []);
        const { questions } = lobby.house;
        const choice = (n, said) => ({ purpose: questions[n].purpose, channel: questions[n].channel, choice: said, notice: questions[n].wordings.nl.notice }); // biome-ignore format: one thought
        assert.match(sent.requestId, /^[0-9a-f-]{36}$/);
        assert.deepEqual(sent, {
            requestId: sent.requestId,
            language: 'nl',
            name: 'Anna Vos',
            email: 'anna.vos@gmail.com',
            phone: null,
            post: { lines: ['Korte Straat 1'], postalCode: '1234 AB', city: 'Delft', country: '' },
            choices: [choice(0, 'given'), choice(1, 'given'), choice(2, 'refused')],
            genres: ['jazz'],
            frequency: null,
            oldEnough: true,
        });
        assert.equal(await page.textContent('code'), lobbies.kCode);
        await page.tap('.way .btn');
        await page.waitForFunction(() => document.querySelector('.news')?.textContent);
        assert.equal(lobby.sent('POST /sign-ups/slip').length, 1);
        await kiosk.tapNext(page);
        await page.waitForSelector(at.attract);
        assert.equal(lobby.sent('POST /wipe').length, 1);
        clean();
    });

    test('by keys alone: every step is reached by Tab, and the focus says where one is', async () => {
        await open();
        const focused = () =>
            page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.tagName);
        const tabTo = async (wanted) => {
            for (let n = 0; n < 40; n++) {
                await page.keyboard.press('Tab');
                if ((await focused()) === wanted) return;
            }
            assert.fail(`no way to ${wanted}`);
        };
        await tabTo('English');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.wishes);
        assert.equal(await focused(), 'What may we write to you about?');
        await tabTo('Yes');
        await page.keyboard.press('Space');
        await tabTo('Next');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.age);
        assert.equal(await focused(), 'Are you 16 or older?');
        await tabTo('Yes');
        await page.keyboard.press('Space');
        await tabTo('Next');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.typing);
        assert.equal(await focused(), 'INPUT');
        await kiosk.onward(page, () => page.keyboard.press('Enter'));
        await kiosk.write(page, 'anna@example.org');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.tastes);
        await tabTo('Next');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.review);
        assert.equal(await focused(), 'Is this right?');
        await tabTo('Yes, save this');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.done);
        assert.equal(await focused(), 'Thank you');
        assert.deepEqual(lobby.sent('POST /sign-ups')[0].name, null);
        clean();
    });

    test('back loses nothing, and a change from the review leads back to it', async () => {
        await open();
        await kiosk.toName(page, 'en');
        await kiosk.toReview(page);
        const rows = () => page.locator('.card > button .said').allTextContents();
        const before = await rows();
        for (let n = 0; n < 7; n++) await kiosk.onward(page, () => kiosk.back(page));
        assert.equal(await page.locator('[aria-pressed="true"]').count(), 4);
        // Before the first question stands the choice of a language: another one changes nothing else.
        await kiosk.back(page);
        await page.click('dialog .btn[lang="de"]');
        await page.waitForSelector('dialog', { state: 'detached' });
        assert.equal(await title(), 'Worüber dürfen wir Ihnen schreiben?');
        await kiosk.next(page);
        await page.waitForSelector(at.review);
        assert.deepEqual((await rows()).slice(4, 8), before.slice(4, 8));
        await page.locator('.card > button').nth(5).click();
        await kiosk.write(page, 'roser@example.net');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.review);
        await kiosk.next(page);
        await page.waitForSelector(at.done);
        const [sent] = lobby.sent('POST /sign-ups');
        assert.equal(sent.email, 'roser@example.net');
        assert.equal(sent.language, 'de');
        // The wording is the one that stood on the screen when the answer was given.
        assert.deepEqual([...new Set(sent.choices.map((choice) => choice.notice.language))], ['en']);
        clean();
    });

    test('a yes that needs an address which was not asked yet asks for it, and for nothing else', async () => {
        await open();
        await kiosk.begin(page, 'en');
        await kiosk.answer(page, 'yes');
        await kiosk.next(page);
        await kiosk.isOldEnough(page);
        await kiosk.onward(page, () => kiosk.next(page));
        await kiosk.write(page, 'anna@example.org');
        await page.keyboard.press('Enter');
        await page.waitForSelector(at.tastes);
        await kiosk.next(page);
        await page.locator('.card > button').nth(1).click();
        await page.waitForSelector(at.wishes);
        await kiosk.answer(page, null, 'yes');
        await kiosk.next(page);
        await page.waitForFunction(() => document.querySelectorAll('main input').length === 4);
        clean();
    });

    test('nobody who is too young, and nobody who says yes to nothing, leaves anything', async () => {
        await open();
        await kiosk.begin(page, 'en');
        await kiosk.answer(page, 'yes', 'yes', 'yes', 'yes');
        await kiosk.next(page);
        await kiosk.onward(page, () => kiosk.isOldEnough(page, false));
        assert.equal(await title(), 'Better together with a grown-up');
        await kiosk.back(page);
        await page.waitForSelector(at.wishes);
        assert.equal(await page.locator('[aria-pressed="true"]').count(), 0);
        await kiosk.answer(page, 'no', null, 'no');
        await kiosk.onward(page, () => kiosk.next(page));
        assert.equal(await title(), 'Then we keep nothing of you');
        await kiosk.next(page);
        await page.waitForSelector(at.attract);
        assert.deepEqual([...new Set(lobby.requests.map((r) => r.route))].sort(), ['GET /health', 'GET /house', 'POST /session', 'POST /wipe']); // biome-ignore format: one thought
        clean();
    });

    test('questions that changed meanwhile are shown again, with the answers whose words are the same', async () => {
        await open();
        await kiosk.toName(page, 'en');
        await kiosk.toReview(page);
        const changed = structuredClone(lobby.house);
        changed.revision = '9';
        for (const wording of Object.values(changed.questions[1].wordings)) wording.notice.version = 102;
        lobby.answer('POST /sign-ups', lobbies.problem(409, 'stale-questions'));
        lobby.house = changed;
        await kiosk.next(page);
        await page.waitForSelector('.note');
        assert.equal(await page.locator('[aria-pressed="true"]').count(), 3);
        lobby.answers.delete('POST /sign-ups');
        await kiosk.answer(page, null, 'no');
        await kiosk.next(page);
        for (let n = 0; n < 12 && !(await page.$(at.review)); n++) {
            await kiosk.onward(page, async () => {
                if ((await page.locator('main input').count()) === 4) await page.focus('main .free input');
                await kiosk.next(page);
            });
        }
        await kiosk.next(page);
        await page.waitForSelector(at.done);
        const sent = lobby.sent('POST /sign-ups').at(-1);
        assert.deepEqual(sent.choices.map((choice) => [choice.choice, choice.notice.version]), [['given', 101], ['refused', 102], ['given', 101], ['given', 101]]); // biome-ignore format: one thought
        assert.deepEqual([sent.post, sent.email], [null, 'anna@example.org']);
        clean();
    });
});

test('the second tap of a pair sends nothing that was not read, and takes no answer back', async () => {
    await open();
    await kiosk.begin(page, 'en');
    const twice = async (selector) => {
        const { x, y, width, height } = await page.locator(selector).first().boundingBox();
        const spot = [x + width / 2, y + height / 2];
        await page.mouse.click(...spot);
        await page.evaluate(() => new Promise((go) => requestAnimationFrame(go)));
        await page.mouse.down({ clickCount: 2 });
        await page.mouse.up({ clickCount: 2 });
    };
    await twice('.row .yn button');
    assert.equal(await page.locator('[aria-pressed="true"]').count(), 1);
    await kiosk.next(page);
    await page.locator('.card > .yn button').first().click();
    await twice('.nav .go');
    await page.waitForSelector(at.typing);
    assert.equal(await title(), 'What is your name?');
    await kiosk.onward(page, () => kiosk.next(page));
    await kiosk.write(page, 'anna@example.org');
    await kiosk.onward(page, () => kiosk.next(page));
    await twice('.nav .go');
    await page.waitForSelector(at.review);
    assert.deepEqual(lobby.sent('POST /sign-ups'), []);
    // Nor does a key that is held down run through the screens.
    for (let n = 0; n < 2; n++) await kiosk.onward(page, () => kiosk.back(page));
    await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
    await page.keyboard.down('Enter');
    await page.keyboard.down('Enter');
    await page.waitForSelector(at.review);
    assert.deepEqual(lobby.sent('POST /sign-ups'), []);
    clean();
});

describe('bad input', () => {
    test('emoji, right-to-left names and endless addresses are bounded and shown as they are', async () => {
        await open();
        await kiosk.toName(page, 'en');
        const name = 'ליאת 🎭 '.repeat(60);
        await page.keyboard.insertText(name);
        assert.equal((await values())[0].length, 200);
        await page.fill('main input', 'ليلى 🎭');
        await kiosk.onward(page, () => kiosk.next(page));
        await page.keyboard.insertText(`${'a'.repeat(500)}@example.org`);
        assert.equal((await values())[0].length, 254);
        await kiosk.next(page);
        await page.waitForFunction(() => document.querySelector('.fault')?.textContent);
        assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-invalid')), 'true');
        await kiosk.write(page, 'anna@example.org');
        await kiosk.onward(page, () => kiosk.next(page));
        await kiosk.write(page, '12');
        await kiosk.next(page);
        await page.waitForFunction(() => document.querySelector('.fault')?.textContent);
        clean();
    });

    test('"did you mean" is offered while one types, never applied, and not again once refused', async () => {
        await open();
        await kiosk.toName(page, 'en');
        await kiosk.onward(page, () => kiosk.next(page));
        await page.keyboard.type('anna@gmial.com');
        await page.waitForSelector('.twins');
        assert.deepEqual(await values(), ['anna@gmial.com']);
        await page.click('.twins .btn >> nth=1');
        await kiosk.onward(page, () => kiosk.next(page));
        assert.equal(await title(), 'What is your phone number?');
        await kiosk.back(page);
        await kiosk.write(page, 'anna@gmial.com');
        await kiosk.onward(page, () => kiosk.next(page));
        clean();
    });

    test('a full disk, a crowd and a process that is gone are told kindly, and nothing is lost meanwhile', async () => {
        await open();
        await kiosk.toName(page, 'en');
        await kiosk.toReview(page);
        for (const [status, code, says] of [
            [507, 'no-room', /keeps nothing of you/],
            [429, 'too-many', /in a moment/],
            [500, 'internal', /nothing was kept/],
        ]) {
            lobby.answer('POST /sign-ups', lobbies.problem(status, code));
            await kiosk.next(page);
            await page.waitForFunction(
                (text) => new RegExp(text).test(document.querySelector('.note')?.textContent),
                says.source,
            );
        }
        lobby.answers.clear();
        lobby.alive = false;
        await kiosk.next(page);
        await page.waitForFunction(() =>
            document.querySelector('.note')?.textContent.includes('try once more'),
        );
        lobby.alive = true;
        await kiosk.next(page);
        await page.waitForSelector(at.done);
        const ids = lobby.sent('POST /sign-ups').map((body) => body.requestId);
        assert.equal(new Set(ids).size, 1, 'a visitor is one request, however often it is sent');
        clean();
    });
});

describe('an old slip', () => {
    test('is read by a reader that types, whole and at once', async () => {
        await open();
        await page.click('main > .quiet');
        await page.waitForSelector(at.typing);
        await page.keyboard.type(`https://example.org/w#${lobbies.kCode}`);
        await page.keyboard.press('Enter');
        await page.waitForSelector('main:not(.typing)');
        assert.deepEqual(lobby.sent('POST /withdrawals'), [
            { code: `https://example.org/w#${lobbies.kCode}`, language: 'nl' },
        ]);
        clean();
    });

    test('is typed with O for 0 and I for 1; another house’s and a forged one are told', async () => {
        await open();
        await page.click('main > .quiet');
        await page.waitForSelector(at.typing);
        await page.keyboard.type('7zzo i');
        assert.deepEqual(await values(), ['7ZZ0-1']);
        await kiosk.next(page);
        await page.waitForFunction(() => document.querySelector('.fault')?.textContent.includes('5'));
        assert.deepEqual(lobby.sent('POST /withdrawals'), []);
        for (const code of ['code-mistyped', 'not-a-slip', 'other-house']) {
            lobby.answer('POST /withdrawals', lobbies.problem(422, code));
            const before = await page.textContent('.fault');
            await kiosk.write(page, lobbies.kCode.replaceAll('-', ''));
            assert.deepEqual(await values(), [lobbies.kCode]);
            await kiosk.next(page);
            await page.waitForFunction((old) => document.querySelector('.fault')?.textContent.trim() && document.querySelector('.fault').textContent !== old, before); // biome-ignore format: one thought
        }
        clean();
    });
});

describe('staff', () => {
    test('press the corner for two seconds; a visitor who taps it sees nothing', async () => {
        await open(lobbies.house('en'), { touch: true });
        await page.tap('.corner', { force: true });
        await page.waitForSelector(at.attract);
        const box = await page.locator('.corner').boundingBox();
        await page.mouse.move(box.x + 10, box.y + 10);
        await page.mouse.down();
        await page.waitForSelector(at.typing);
        await page.mouse.up();
        await kiosk.write(page, '246810');
        await kiosk.next(page);
        await page.waitForSelector('dl');
        assert.deepEqual(lobby.sent('POST /staff/sign-in'), [{ pin: '246810' }]);
        await page.click('.acts .btn >> nth=2');
        await page.click('dialog .btn >> nth=1');
        await until('it closes', () => lobby.sent('POST /staff/close').length === 1);
        await kiosk.next(page);
        await page.waitForSelector(at.attract);
        assert.equal(lobby.sent('POST /staff/sign-out').length, 1);
        clean();
    });

    test('there is no corner where no PIN was set', async () => {
        await open(lobbies.house('en', { staffMenu: false }));
        assert.equal(await page.locator('.corner').count(), 0);
    });
});

test('what the house changes is taken up between two visitors', async () => {
    await open();
    lobby.house = lobbies.strictHouse('ru');
    lobby.health = lobbies.health({ houseRevision: '2' });
    await page.waitForFunction(() => document.documentElement.lang === 'ru', null, { timeout: 20_000 });
    clean();
});
