// By finger and by keys: what the customer's screen sends, and what is left of a customer when it is over: nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from './support/house.mjs';
import * as pages from './support/screenPage.mjs';
import { at } from './support/screenPage.mjs';

let browser;
let screen;
let page;
before(async () => {
    pages.buildScreen();
    browser = await pages.openBrowser();
    screen = await pages.openScreen();
});
after(async () => {
    await browser?.close();
    await screen?.close();
});

async function open(options) {
    await page?.context().close();
    screen.show(pages.house, null);
    page = await pages.openPage(browser, screen, options);
    await page.waitForSelector(at.attract);
}
async function ask(options, language = 'en') {
    screen.show(pages.house, pages.asked(language, options));
    await page.waitForSelector(at.ask);
}
/** Nothing of the customer is in the page, in its storage or its history. */
async function isEmpty(...secrets) {
    await page.waitForSelector(at.attract);
    const left = await page.evaluate(() => ({
        text: document.body.innerText.trim(),
        html: document.documentElement.outerHTML,
        local: Object.keys(localStorage),
        session: Object.keys(sessionStorage),
        history: history.length,
        address: location.href,
    }));
    assert.equal(left.text, pages.house.house);
    assert.deepEqual(left.local, []);
    assert.deepEqual(left.session, ['souffleur.screen.secret']);
    assert.equal(new URL(left.address).pathname + new URL(left.address).hash, '/');
    for (const secret of secrets) assert.ok(!left.html.includes(secret), secret);
}

test('nobody is asked: the house’s name and nothing else', async () => {
    await open();
    await isEmpty();
    assert.equal(await page.locator('button, a, input').count(), 0);
});

test('the whole way by keys alone: nothing is chosen before, and what is confirmed is what was seen', async () => {
    await open();
    await ask({ lacking: ['email'] });
    assert.equal(await page.locator('[aria-pressed=true]').count(), 0);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
    const press = async (name) => {
        for (let i = 0; i < 40; i++) {
            await page.keyboard.press('Tab');
            if ((await page.evaluate(() => document.activeElement.textContent.trim())) === name) break;
        }
        await page.keyboard.press('Enter');
    };
    await press('Yes');
    assert.equal(await page.locator('[aria-pressed=true]').count(), 1);
    await page.focus('.row:nth-child(3) .yn button:last-child');
    await page.keyboard.press('Space');
    await press('Next');
    await page.waitForSelector(at.field);
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'INPUT');
    await page.keyboard.type('anna@example.org');
    await page.keyboard.press('Enter');
    await page.waitForSelector(at.review);
    assert.match(await page.textContent('.card'), /anna@example\.org/);
    await press('That is right');
    await page.waitForSelector(at.end);
    const [sent] = screen.sent('POST /answers');
    assert.deepEqual(sent.answers, [
        { purpose: 'newsletter', channel: 'email', choice: 'given' },
        { purpose: 'brochure', channel: 'post', choice: 'refused' },
    ]);
    assert.deepEqual(sent.contacts, [
        { kind: 'email', value: 'anna@example.org', confirmed: false, corrects: false },
    ]);
    await page.click('main .btn');
    await isEmpty('anna');
    assert.deepEqual(page.complaints, []);
    assert.deepEqual(screen.complaints, []);
});

test('no to all is two touches, from whichever card', async () => {
    await open({ touch: true });
    await ask({ count: 5 });
    await page.tap('.under .quiet >> nth=1');
    await page.waitForSelector(at.review);
    await page.tap('footer .btn.go');
    await page.waitForSelector(at.end);
    const [sent] = screen.sent('POST /answers');
    assert.equal(sent.answers.length, 5);
    assert.ok(sent.answers.every(({ choice }) => choice === 'refused'));
});

test('taken back in the middle of typing: dark at once, and nothing is left', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes');
    await pages.next(page);
    await page.fill('main input', 'anna.geheim@example.org');
    screen.tell({ ...pages.house, asked: null });
    await isEmpty('geheim');
    assert.deepEqual(screen.sent('POST /answers'), []);
});

test('the next customer’s questions never stand beside the marks of the one before', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes', 'no');
    screen.show(pages.house, pages.asked('en'));
    await page.waitForFunction(() => document.querySelector('.yn') && !document.querySelector('[aria-pressed=true]')); // biome-ignore format: one thought
    await pages.answer(page, 'no');
    await pages.next(page);
    await page.waitForSelector(at.review);
    await pages.next(page);
    await page.waitForSelector(at.end);
    const [sent] = screen.sent('POST /answers');
    assert.equal(sent.handOverId, screen.requests.at(-1).body.handOverId);
    assert.deepEqual(
        sent.answers.map(({ choice }) => choice),
        ['refused'],
    );
});

test('an answer that came too late is told as kept nowhere', async () => {
    await open();
    await ask();
    screen.answer('POST /answers', screen.problem(409, 'not-with-you'));
    await page.click('.under .quiet >> nth=1');
    await pages.next(page);
    await page.waitForSelector(at.end);
    assert.match(await page.textContent('main'), /Nothing of what you did here was kept/);
});

test('what the terminal finds mistyped leads to its field with a suggestion, never applied by itself', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes');
    await pages.next(page);
    await page.fill('main input', 'anna@voorhuis.example.org');
    await pages.next(page);
    await page.waitForSelector(at.review);
    screen.answer(
        'POST /answers',
        screen.problem(422, 'invalid', {
            errors: [
                { pointer: '/contacts/0/value', code: 'email-mistyped', suggestion: 'anna@example.org' },
            ],
        }),
    );
    await pages.next(page);
    await page.waitForSelector('.twins');
    assert.equal(await page.inputValue('main input'), 'anna@voorhuis.example.org');
    await page.click('.twins .btn >> nth=1');
    screen.answers.clear();
    await pages.next(page);
    await page.waitForSelector(at.review);
    await pages.next(page);
    await page.waitForSelector(at.end);
    assert.equal(screen.sent('POST /answers').at(-1).contacts[0].confirmed, true);
});

test('a full disk is told, and what was answered stays for another try under the same key', async () => {
    await open();
    await ask();
    screen.answer('POST /answers', screen.problem(503, 'storage-unavailable'));
    await page.click('.under .quiet >> nth=1');
    await pages.next(page);
    await page.waitForSelector('.doubt');
    screen.answers.clear();
    await pages.next(page);
    await page.waitForSelector(at.end);
    const [first, second] = screen.sent('POST /answers');
    assert.equal(first.idempotencyKey, second.idempotencyKey);
});

test('another language begins anew in it', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes');
    screen.answer('POST /language', ({ language }) => {
        const shown = {
            ...pages.house,
            asked: { handOverId: crypto.randomUUID(), ...pages.asked(language) },
        };
        screen.tell(shown);
        return { body: shown };
    });
    await page.click('header button >> nth=0');
    await page.click('dialog [lang="de"]');
    await page.waitForFunction(() => document.documentElement.lang === 'de');
    assert.equal(await page.locator('[aria-pressed=true]').count(), 0);
    await page.click('.under .quiet >> nth=1');
    await pages.next(page);
    await page.waitForSelector(at.end);
    assert.equal(screen.sent('POST /answers')[0].handOverId.length, 36);
    assert.deepEqual(page.complaints, []);
});

test('back always works: from each step to the one before, and from the first out of it', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes');
    await pages.next(page);
    await page.waitForSelector(at.field);
    await page.fill('main input', 'anna@example.org');
    await pages.next(page);
    await page.waitForSelector(at.review);
    await pages.back(page);
    assert.equal(await page.inputValue('main input'), 'anna@example.org');
    await pages.back(page);
    await page.waitForSelector(at.ask);
    assert.equal(await page.locator('[aria-pressed=true]').count(), 1);
    await pages.back(page);
    await until('it is given back', () => screen.sent('POST /give-back').length === 1);
    await isEmpty('anna@');
});

test('who walks away is warned, may stay, and is forgotten', async () => {
    await open({ clock: true });
    await ask();
    await pages.answer(page, 'yes');
    await until('the touch is told', () => screen.sent('POST /touch').length > 0);
    const touches = screen.sent('POST /touch').length;
    await pages.pass(page, 71_000);
    await page.click('dialog .twins .btn >> nth=0');
    await page.waitForSelector('dialog', { state: 'detached' });
    await until('staying is told', () => screen.sent('POST /touch').length > touches);
    assert.equal(await page.locator('[aria-pressed=true]').count(), 1);
    await pages.pass(page, 71_000);
    await page.waitForSelector('dialog[open]');
    await pages.pass(page, 20_500);
    await until('it is given back', () => screen.sent('POST /give-back').length === 1);
    await isEmpty();
});

test('a terminal that cannot be heard any more takes the questions along', async () => {
    await open();
    await ask();
    await pages.answer(page, 'yes');
    const { shown } = screen;
    screen.shown = { ...shown, asked: null };
    screen.drop();
    await isEmpty();
});

test('the own keyboard comes with a finger, and types', async () => {
    await open({ touch: true });
    await ask();
    await page.tap('.row .yn button >> nth=0');
    await page.tap('footer .btn.go');
    await page.waitForSelector(at.field);
    await page.tap('main input');
    await page.waitForSelector('.board');
    for (const key of ['a', '@']) await page.tap(`.board button:text-is("${key}")`);
    assert.equal(await page.inputValue('main input'), 'a@');
});
