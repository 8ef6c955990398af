// What a hand does twice, and what another till does meanwhile: no answer is lost, taken back or turned round without a word.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { open, page, sent, show, stored, till } from './support/desk.mjs';
import * as desks from './support/desks.mjs';

test('a new set of questions keeps a marked no, and says that it took a marked yes off', async () => {
    await open();
    const { questions, customer } = await show('ask');
    await page.keyboard.press('1');
    await page.keyboard.press('Alt+2');
    const pressed = () => page.locator('.answers .seg button[aria-pressed=true]').allTextContents();
    assert.deepEqual(await pressed(), ['Yes', 'No']);
    // Another till heard something since: its row may look as before.
    await show('ask', { questionSetId: desks.id(802), customer, questions });
    assert.match(await page.textContent('.notes'), /Something changed/);
    assert.deepEqual(await pressed(), ['No']);
    till.answer('POST /acts', stored('save'));
    await page.keyboard.press('F9');
    const { answers } = (await sent('POST /acts')).body;
    assert.deepEqual(
        answers.map((a) => a.choice),
        ['refused'],
    );
    await page.waitForSelector('.saved');
    assert.equal(await page.locator('.note').count(), 0);
});

test('a second tap on Save does not take the answer back; a tap of its own does', async () => {
    await open();
    await show('ask');
    till.answer('POST /acts', stored('save'));
    till.answer(`POST /acts/${desks.id(700)}/undo`, { body: desks.deskOf('ask', 'en') });
    await page.keyboard.press('1');
    const { x, y, width, height } = await page.locator('.act button').first().boundingBox();
    const at = [x + width / 2, y + height / 2];
    await page.mouse.click(...at);
    await page.waitForSelector('.saved');
    await page.evaluate(() => {
        globalThis.undone = 0;
        addEventListener(
            'click',
            (event) => (globalThis.undone += event.target.closest('[aria-keyshortcuts="Control+Z"]') ? 1 : 0),
        );
    });
    // The second of a pair, as the browser counts them by time and place, for a finger too.
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
    assert.equal(await page.evaluate(() => globalThis.undone), 1);
    assert.ok(!till.requests.some((r) => r.route.endsWith('/undo')));
    assert.match(await page.textContent('.saved'), /Saved/);
    await page.mouse.click(...at);
    await page.waitForSelector('.saved', { state: 'detached' });
});

test('F10 twice keeps a marked yes', async () => {
    await open();
    await show('consented');
    till.answer('POST /acts', stored('save'));
    await page.evaluate(() => {
        const began = performance.now();
        performance.now = () => began;
    });
    await page.keyboard.press('2');
    for (let presses = 3; presses > 0; presses--) await page.keyboard.press('F10');
    await page.keyboard.press('F9');
    const { answers } = (await sent('POST /acts')).body;
    assert.equal(answers.map((a) => a.choice).join(), 'refused,given,refused');
});
