// Letting the customer answer on their own screen, as the cashier lives it: one key hands over, one takes back, and what ends it is told.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { open, page, sent, show, till } from './support/desk.mjs';
import * as desks from './support/desks.mjs';
import { axe, misfits, painted } from './support/panelPage.mjs';

const kShots = process.env.SOUFFLEUR_SHOTS;
const ready = { state: 'ready', showsContacts: false, ended: 'none' };
const customer = { ...ready, state: 'customer' };
let revision = 9000;

/** The desk that is shown, with the customer's screen in `state`. */
async function with_(desk, screen, change = {}) {
    const next = { ...desk, ...change, revision: ++revision, screen };
    till.set(desks.session('en'), next);
    await painted(page, next.revision);
    return next;
}
/** Shows a customer where there is a screen; handing over and taking back answer as the terminal does. */
async function begin(kind = 'ask') {
    await open();
    const desk = await with_(await show(kind), ready);
    till.answer('POST /desk/hand-over', ({ showContacts }) => ({
        body: { ...desk, revision: ++revision, screen: { ...customer, showsContacts: showContacts } },
    }));
    till.answer('POST /desk/take-back', () => ({
        body: { ...desk, revision: ++revision, screen: { ...ready, ended: 'taken-back' } },
    }));
    return desk;
}
const gone = () => page.waitForSelector('dialog', { state: 'detached' });
const note = () => page.textContent('.notes');

test('a till without such a screen shows no row for it, and the key says so', async () => {
    await open();
    await show('ask');
    assert.ok(!(await page.textContent('.answers')).includes('Let the customer answer'));
    till.answer('POST /desk/hand-over', {
        status: 409,
        body: { type: 'about:blank', title: 'no', status: 409, code: 'screen-away' },
    });
    await page.keyboard.press('Control+F9');
    await page.waitForFunction(() => /is not open/.test(document.querySelector('.notes')?.textContent ?? ''));
    await gone();
});

test('one key hands over what is marked too, one takes it back', async () => {
    const desk = await begin();
    await page.keyboard.press('2');
    await page.keyboard.press('Control+F9');
    await page.waitForSelector('dialog[open]');
    const { body } = await sent('POST /desk/hand-over');
    assert.deepEqual(body, {
        questionSetId: desk.questionSetId,
        marked: [desk.questions[1].questionId],
        showContacts: false,
    });
    await page.waitForSelector('dialog input:not(:disabled)');
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await page.screenshot({ path: `${kShots}/panel-handed-over.png` });
    }
    assert.deepEqual({ axe: await axe(page), misfits: await misfits(page) }, { axe: [], misfits: [] });
    // Nothing is recorded by a key meanwhile.
    await page.keyboard.press('F9');
    await page.keyboard.press('Escape');
    await sent('POST /desk/take-back');
    await gone();
    assert.ok(!till.requests.some((r) => r.route === 'POST /acts'));
    assert.equal((await note()).trim(), '');
});

test('the row hands over by a tap, and the cashier may show the address', async () => {
    await begin();
    if (kShots) await page.screenshot({ path: `${kShots}/panel-screen-row.png` });
    await page.click('.answers .address:has-text("Let the customer answer")');
    await page.click('dialog input:not(:disabled)');
    await page.waitForFunction(() => document.querySelector('dialog input')?.checked);
    const asked = till.requests.filter((r) => r.route === 'POST /desk/hand-over');
    assert.deepEqual(
        asked.map(({ body }) => body.showContacts),
        [false, true],
    );
});

test('what ends it is told: answered, given back, left alone, changed, gone', async () => {
    for (const [ended, words] of [
        ['answered', /Answered on the customer’s screen/],
        ['given-back', /without an answer/],
        ['idle', /Nobody touched/],
        ['changed', /Something changed/],
        ['gone', /cannot be reached/],
    ]) {
        const desk = await begin();
        await page.keyboard.press('Control+F9');
        await page.waitForSelector('dialog input:not(:disabled)');
        const done = ended === 'answered' ? { lastAct: desks.actOf('save', 'en') } : {};
        await with_(desk, { ...ready, ended }, done);
        await gone();
        assert.match(await note(), words, ended);
        await page.context().close();
    }
    await open();
});

test('the next customer closes it without a word', async () => {
    const desk = await begin();
    await page.keyboard.press('Control+F9');
    await page.waitForSelector('dialog input:not(:disabled)');
    const next = { ...desk.customer, subjectId: desks.id(901), displayName: 'Somebody Else' };
    await with_(desk, ready, { customer: next, questionSetId: desks.id(902) });
    await gone();
    assert.equal((await note()).trim(), '');
});

test('a page that was loaded anew shows that the customer has it', async () => {
    const desk = await begin();
    await with_(desk, customer);
    await page.waitForSelector('dialog[open]');
    assert.ok(!till.requests.some((r) => r.route === 'POST /desk/hand-over'));
});
