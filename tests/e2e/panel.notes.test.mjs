// What the page tells beside the answers: slips that wait, are out or are taken back, scans that led to nobody, a till that was withdrawn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting } from './support/contract.mjs';
import { open, page, show, till } from './support/desk.mjs';
import * as desks from './support/desks.mjs';
import { axe, misfits, painted } from './support/panelPage.mjs';

const scanned = (code) => till.tell('scan', fitting('ScanTrouble', { code }));
const told = (at, text) =>
    page.waitForFunction(
        ([where, wanted]) => document.querySelector(where)?.textContent.includes(wanted),
        [at, text],
    );

test('undo takes a slip that waits along, and tells of one that is out', async () => {
    await open();
    const saved = desks.savedDesk('save', 'en');
    const back = (revision) => {
        const undo = { available: false, actId: null, until: null };
        return { body: { ...saved, revision, lastAct: null, undo } };
    };
    const shown = async (slip, revision, actId = saved.lastAct.actId) => {
        const lastAct = { ...saved.lastAct, actId, slip };
        till.set(desks.session('en'), { ...saved, revision, lastAct });
        await painted(page, revision);
    };
    const note = () => page.waitForSelector('.note p').then((p) => p.textContent());
    await shown('queued', 9001);
    till.answer(`POST /acts/${desks.id(700)}/undo`, back(9002));
    await page.keyboard.press('Control+z');
    assert.equal(await note(), 'Taken back. The slip will not be printed.');
    await page.click('.note .away');
    till.tell('job', desks.printJob('failed'));
    till.tell('job', desks.printJob('printed')); // the printer had it already
    assert.match(await note(), /came out all the same/);
    await page.click('.note .away');

    await shown('printed', 9003);
    till.answer(`POST /acts/${desks.id(700)}/undo`, back(9004));
    await page.keyboard.press('Control+z');
    assert.match(await note(), /slip is out already/);
    await page.click('.note .away');
    await shown('none', 9005, desks.id(701));
    till.answer(`POST /acts/${desks.id(701)}/undo`, back(9006));
    await page.keyboard.press('Control+z');
    assert.equal(await note(), 'Taken back.');
    await page.click('.note .away');
    await shown('queued', 9007, desks.id(702));
    // What waits has no tick: it is not done.
    const icon = () => page.getAttribute('.note svg path', 'd');
    till.tell('job', { ...desks.printJob('printed'), actId: desks.id(702) });
    assert.equal(await note(), 'Slip printed.');
    const tick = await icon();
    for (const [state, said] of [
        ['queued', 'Slip waits for the printer.'],
        ['printing', 'Slip is being printed.'],
    ]) {
        till.tell('job', { ...desks.printJob(state), actId: desks.id(702) });
        await page.waitForFunction((text) => document.querySelector('.note p').textContent === text, said);
        assert.notEqual(await icon(), tick);
    }
});

test('a scan that led to nobody leaves the desk as it is, and is told until the next customer', async () => {
    await open({ width: 440 });
    const desk = await show('ask');
    await page.keyboard.press('1');
    for (const [code, said] of [
        ['order-unknown', 'This order is not known here. Nothing changed.'],
        ['slip-unknown', 'No such slip here.'],
        ['slip-mistyped', 'Compare it with the slip.'],
        ['slip-hidden', 'Sign in to see whose it is.'],
        ['slip-taken-back', 'This slip was taken back and does not count.'],
        ['badge-unknown', 'This badge is not known here.'],
        ['badge-locked-out', 'Too many unknown badges.'],
        ['lease-over', 'This till has no leave from head office now'],
        ['failed', 'could not be looked up'],
    ]) {
        scanned(code);
        await told('.note p', said);
    }
    assert.deepEqual([await axe(page), await misfits(page)], [[], []]);
    assert.equal(await page.textContent('.flag h2'), desk.customer.displayName);
    assert.equal(await page.locator('.answers [aria-pressed=true]').count(), 1);
    // The same customer again: it stays.
    const again = { ...desk, revision: desk.revision + 1 };
    till.set(desks.session('en'), again);
    await painted(page, again.revision);
    assert.equal(await page.locator('.note').count(), 1);
    await show('resting');
    assert.equal(await page.locator('.note').count(), 0);
});

test('the code of a slip that was taken back opens its holder, and the page says that it does not count', async () => {
    await open();
    await show('ask');
    const found = {
        results: desks.found().results.slice(0, 1),
        step: 'exact',
        more: false,
        slip: 'taken-back',
    };
    till.answer('POST /search', { body: found });
    const next = desks.deskOf('consented', 'en');
    till.answer('POST /desk/select', {
        body: { ...next, customer: { ...next.customer, subjectId: desks.id(141) } },
    });
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('0123-4567');
    await page.getByText('This slip was taken back and does not count.').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForSelector('.note');
    assert.equal(await page.textContent('.note p'), 'This slip was taken back and does not count.');
    assert.equal(await page.locator('dialog').count(), 0);
    assert.deepEqual(await axe(page), []);
});

test('in a rush whoever wants nothing more is heard by F10 or a tap, and it can be taken back', async () => {
    const rush = { on: true, missed: 1, until: null };
    await open();
    till.set(desks.session('en'), desks.emptyDesk({ rush }));
    await page.waitForSelector('.count');
    await page.keyboard.press('F10'); // nobody there
    assert.equal(await page.locator('dialog').count(), 0);
    const desk = desks.inRush('en', { rush });
    till.set(desks.session('en'), desk);
    await painted(page, desk.revision);
    const stop = page.locator('.empty button').filter({ hasText: 'Stop all' });
    await stop.waitFor();
    assert.deepEqual([await axe(page), await misfits(page)], [[], []]);
    await page.keyboard.press('F10');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await stop.click();
    const { lastAct, undo } = desks.savedDesk('stop-everything', 'en');
    till.answer('POST /acts', {
        status: 201,
        body: fitting('ActResult', {
            act: lastAct,
            desk: desks.inRush('en', { rush, customer: desk.customer, lastAct, undo }),
        }),
    });
    await page.keyboard.press('Enter');
    await told('.empty', 'Saved: nothing more is sent.');
    const { body } = till.requests.find((r) => r.route === 'POST /acts');
    fitting('ActRequest', body);
    assert.deepEqual([body.outcome, body.questionSetId], ['stop-everything', null]);
    assert.deepEqual([await axe(page), await misfits(page)], [[], []]);
    assert.equal(await stop.count(), 0);
    till.answer(`POST /acts/${lastAct.actId}/undo`, {
        body: desks.inRush('en', { rush, customer: desk.customer }),
    });
    await page.keyboard.press('Control+z');
    await stop.waitFor();
});

test('the drawer is on the menu and has a key where the house allows it, and says why it stays shut', async () => {
    await open();
    const route = 'POST /printer/drawer';
    const asked = () => till.requests.filter((r) => r.route === route).length;
    const item = page.getByRole('button', { name: 'Open the drawer' });
    await show('ask');
    await page.keyboard.press('Control+F7');
    await page.keyboard.press('Shift+F9');
    await page.waitForSelector('dialog[open]');
    assert.deepEqual([await item.count(), asked()], [0, 0]);
    await page.keyboard.press('Escape');

    const desk = await show('ask', { drawerOffered: true });
    till.answer(route, { status: 202, body: desk.printer });
    await page.keyboard.press('Control+F7');
    await told('.note p', 'The printer was asked to open the drawer.');
    till.tell('drawer', { revision: desk.revision });
    await told('.note p', 'The drawer stays shut: the printer would not do it now.');
    await page.keyboard.press('Shift+F9');
    await item.waitFor();
    assert.deepEqual([await axe(page), await misfits(page)], [[], []]);
    const refused = (status, code) =>
        till.answer(route, {
            status,
            body: fitting('Problem', { type: 'about:blank', title: 'x', status, code }),
        });
    refused(429, 'too-many');
    await item.click();
    await told('.note p', 'The drawer was opened just now.');
    assert.equal(await page.locator('dialog').count(), 0);
    for (const [status, code, said] of [
        [503, 'printer-unavailable', 'the printer would not do it now'],
        [503, 'storage-unavailable', 'it cannot be noted who opens it'],
        [403, 'drawer-not-allowed', 'with a sale only'],
    ]) {
        refused(status, code);
        await page.keyboard.press('Control+F7');
        await told('.note p', said);
    }
    assert.equal(asked(), 5);
    assert.deepEqual(await axe(page), []);
});

test('a badge that is not known is told on the lock screen, and gone with the next who signs in', async () => {
    till.set(desks.session('en', 'locked'), null);
    await open();
    await page.waitForSelector('.pad');
    scanned('badge-unknown');
    await page.getByText('This badge is not known here.').waitFor();
    scanned('slip-hidden');
    await page.getByText('Sign in to see whose it is.').waitFor();
    assert.deepEqual([await axe(page), await misfits(page)], [[], []]);
    await show('ask');
    assert.equal(await page.locator('.note').count(), 0);
});

test('a row that is a yes already asks for no address and no confirmation', async () => {
    await open();
    const { questions } = desks.deskOf('ask', 'en');
    const as = (state) =>
        questions.map((question, n) => ({
            ...question,
            needsContact: n === 0 ? null : 'phone',
            confirmBy: n === 0 ? 'mail' : 'none',
            answered: { ...question.answered, state },
        }));
    for (const state of ['given', 'unconfirmed']) {
        await show('consented', { questions: as(state) });
        assert.doesNotMatch(await page.textContent('.answers'), /needs an address|still to be confirmed/);
        assert.equal(await page.locator('.answers .label svg').count(), 0);
    }
    await show('ask', { questions: as('none') });
    assert.match(await page.textContent('.answers'), /needs an address/);
    assert.match(await page.textContent('.answers'), /still to be confirmed/);
    assert.equal(await page.locator('.answers .label svg').count(), 1);
});

test('a slip that is not on file and one that is mistyped are told apart in the search', async () => {
    await open();
    await show('ask');
    let slip = 'unknown';
    till.answer('POST /search', () => ({
        body: fitting('SearchResults', { results: [], step: 'exact', more: false, slip }),
    }));
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('7ZZZ-ZZZZ');
    await told('dialog [role=status]', 'No such slip here.');
    slip = 'mistyped';
    await page.keyboard.type('-ZZZZ');
    await told('dialog [role=status]', 'This slip code is not right.');
    slip = 'none';
    await page.keyboard.type('-ZZZZ');
    await told('dialog [role=status]', 'Nobody found.');
    // A scan while the sheet is open: the note behind it would be seen by nobody.
    scanned('order-unknown');
    await told('dialog [role=status]', 'This order is not known here.');
});

test('no note lies over an answer, two do not stack, and none goes along to the next customer', async () => {
    till.answer('GET /acts/unattributed', {
        body: { actIds: [desks.id(700)], customers: ['Roser Ferrer Camps'], total: 1 },
    });
    await open({ width: 440, height: 768 });
    const rows = desks.deskOf('ask', 'en').questions;
    const nine = [0, 1, 2].flatMap((n) =>
        rows.map((q, i) => ({ ...q, questionId: desks.id(310 + n * 3 + i) })),
    );
    await show('ask', { questions: nine });
    await told('.note p', 'while nobody was signed in');
    const over = () =>
        page.evaluate(() => {
            const note = document.querySelector('.note').getBoundingClientRect();
            const { bottom } = document.querySelector('main').getBoundingClientRect();
            document.querySelector('.answers .ask:last-of-type').scrollIntoView({ block: 'end' });
            const row = document.querySelector('.answers .ask:last-of-type').getBoundingClientRect();
            return Math.max(bottom, row.bottom) > note.top;
        });
    assert.equal(await over(), false);
    scanned('order-unknown');
    await told('.note p', 'This order is not known here.');
    assert.equal(await page.locator('.note').count(), 1);
    assert.equal(await over(), false);
    await page.click('.note .away');
    await told('.note p', 'while nobody was signed in');
    await show('resting');
    assert.equal(await page.locator('.note').count(), 0);
});

test('beside nine answers what their mark means is in sight; the first of them that has the focus shows it whole', async () => {
    await open({ width: 1024, height: 768 });
    const rows = desks.deskOf('ask', 'en').questions;
    const nine = [0, 1, 2].flatMap((n) =>
        rows.map((q, i) => ({
            ...q,
            questionId: desks.id(310 + n * 3 + i),
            needsContact: null,
            confirmBy: 'mail',
        })),
    );
    const desk = await show('ask', { questions: nine });
    const bottom = (selector) =>
        page.evaluate((s) => document.querySelector(s).getBoundingClientRect().bottom, selector);
    assert.ok((await bottom('.legend')) <= (await bottom('main')));
    await page.keyboard.press('Alt+2'); // by keys: the ring is shown
    till.tell('front', { revision: desk.revision });
    await page.waitForFunction(() => document.activeElement?.matches('.answers .ask'));
    // Within its row: nothing cuts it off but for a line.
    const ring = await page.evaluate(() => {
        const { outlineOffset, outlineWidth } = getComputedStyle(document.activeElement);
        return [outlineOffset, outlineWidth];
    });
    assert.deepEqual(ring, ['-3px', '3px']);
});

test('a till that may not show who is on file sends nobody to search, and hears a no by one key', async () => {
    await open();
    const { questions } = desks.deskOf('soft', 'en');
    await show('unknown', {
        flag: { ...desks.deskOf('unknown', 'en').flag, reasons: [{ code: 'lease-lapsed' }] },
        questions: questions.map((q) => ({ ...q, answered: { state: 'none', at: null } })),
    });
    await told('.say', 'Only if they bring it up.');
    const act = desks.actOf('save', 'en');
    till.answer('POST /acts', {
        status: 201,
        body: fitting('ActResult', { act, desk: desks.savedDesk('refuse', 'en') }),
    });
    await page.keyboard.press('F10');
    await page.waitForSelector('.saved');
    const { body } = till.requests.find((r) => r.route === 'POST /acts');
    assert.deepEqual(
        body.answers.map((a) => a.choice),
        ['refused', 'refused', 'refused'],
    );
});

test('the search of a till that may not show who is on file says so, before anything is typed and after', async () => {
    await open();
    await show('ask', { sync: { state: 'revoked', lastAt: null, pending: 0, leaseUntil: null } });
    await page.keyboard.press('F3');
    await told('dialog [role=status]', 'This till has no leave from head office now');
    await page.keyboard.press('Escape');
    // Or it learns it only now.
    await show('resting');
    till.answer('POST /search', {
        status: 403,
        body: fitting('Problem', { type: 'about:blank', title: 'x', status: 403, code: 'lease-over' }),
    });
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('vermeer');
    await told('dialog [role=status]', 'This till has no leave from head office now');
});

test('words that do not come are asked for again; meanwhile no note and no dialog is empty', async () => {
    till.missing = 'The slip was not printed.';
    await open();
    const saved = { ...desks.savedDesk('save', 'en'), revision: 9001 };
    till.set(desks.session('en'), saved);
    await painted(page, saved.revision);
    till.tell('job', { ...desks.printJob('failed'), actId: saved.lastAct.actId });
    await told('.note p', 'no connection');
    await page.keyboard.press('Shift+F9');
    await told('.note p', 'The till does not answer.');
    assert.equal(await page.locator('dialog').count(), 0);
    scanned('failed');
    await told('.note p', 'no connection');
    till.missing = '';
    await told('.note p', 'What was scanned could not be looked up. Try again.');
    await page.keyboard.press('Shift+F9');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
});
