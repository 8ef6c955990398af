// What the cashier does, by key and by finger, and what then goes to the terminal. Every request is checked against the contract.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitting } from './support/contract.mjs';
import { open, page, sent, show, stored, till } from './support/desk.mjs';
import * as desks from './support/desks.mjs';
import { misfits, painted, scan } from './support/panelPage.mjs';

const problem = (status, code, more = {}) => ({
    status,
    body: fitting('Problem', { type: 'about:blank', title: code, status, code, ...more }),
});

test('the launch token leaves the address at once, the secret travels in the header', async () => {
    await open();
    assert.equal(page.url(), `${till.origin}/`);
    assert.deepEqual(till.requests[0].body, { launchToken: 'q3Zr0yVYH1mKQk2m8bT4uw' });
    await show('ask');
    till.answer('POST /desk/rush', { body: desks.emptyDesk({ rush: { on: true, missed: 0, until: null } }) });
    await page.keyboard.press('F8');
    const { headers, body } = await sent('POST /desk/rush');
    assert.equal(headers['x-souffleur-session'], 'pX0t1cVwz9H5n2mQy7ulUA');
    assert.match(headers['content-type'], /^application\/json/);
    assert.deepEqual(body, { on: true });
});

test('two keys: yes by e-mail, saved', async () => {
    await open();
    const desk = await show('ask');
    till.answer('POST /acts', stored('save'));
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    const { body } = await sent('POST /acts');
    fitting('ActRequest', body);
    assert.deepEqual(body.answers, [{ purpose: 'newsletter', channel: 'email', choice: 'given' }]);
    assert.equal(body.questionSetId, desk.questionSetId);
    await page.waitForSelector('.saved');
    assert.match(await page.textContent('.act'), /Undo/);
});

test('one key: no, thanks', async () => {
    await open();
    await show('ask');
    till.answer('POST /acts', stored('refuse'));
    await page.keyboard.press('F10');
    const { body } = await sent('POST /acts');
    fitting('ActRequest', body);
    assert.deepEqual([body.outcome, body.answers], ['refuse', []]);
});

test('"No, thanks" beside marks keeps them, says no to the rest and waits for Save', async () => {
    await open();
    await show('ask');
    till.answer('POST /acts', stored('save'));
    await page.keyboard.press('1');
    assert.match(await page.textContent('.act'), /No to the rest/);
    await page.keyboard.press('F10');
    const pressed = '.seg button[aria-pressed=true]';
    await page.waitForFunction((at) => document.querySelectorAll(at).length === 3, pressed);
    assert.deepEqual(await page.locator(pressed).allTextContents(), ['Yes', 'No', 'No']);
    assert.ok(!till.requests.some((r) => r.route === 'POST /acts'));
    await page.keyboard.press('F9');
    const { body } = await sent('POST /acts');
    assert.deepEqual(
        [body.outcome, ...body.answers.map((a) => a.choice)],
        ['save', 'given', 'refused', 'refused'],
    );
});

test('one key says no to every row, asked or further down', async () => {
    await open();
    const { questions } = desks.deskOf('ask', 'en');
    await show('ask', { questions: questions.map((q, index) => ({ ...q, asked: index === 0 })) });
    till.answer('POST /acts', stored('refuse'));
    await page.keyboard.press('F10');
    const { body } = await sent('POST /acts');
    fitting('ActRequest', body);
    assert.equal([body.outcome, ...body.answers.map((a) => a.choice)].join(), 'save,refused,refused,refused');
});

test('where nothing is asked the same key takes back every yes, says so, and rests after an answer', async () => {
    await open();
    for (const kind of ['consented', 'unconfirmed']) {
        till.requests.length = 0;
        await show(kind);
        assert.match(await page.textContent('.act'), /No to all/);
        till.answer('POST /acts', stored('refuse'));
        await page.keyboard.press('F10');
        const { answers } = (await sent('POST /acts')).body;
        assert.deepEqual(answers.map((a) => a.channel + a.choice).join(), 'emailrefused,smsrefused');
        await page.waitForSelector('.saved');
        await page.keyboard.press('F10');
        assert.equal(till.requests.filter((r) => r.route === 'POST /acts').length, 1);
    }
});

test('Enter in the search waits for what was typed, and takes nobody unseen out of several', async () => {
    await open();
    await show('ask');
    const { results } = desks.found();
    const ida = { ...results[0], subjectId: desks.id(140), displayName: 'Ida Blok' };
    till.answer('POST /search', ({ query }) => ({
        body: { results: query === 'ida' ? [ida] : results, step: 'exact', more: false, slip: 'none' },
    }));
    till.answer('POST /desk/select', { body: desks.deskOf('ask', 'en') });
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('vermeer');
    await page.waitForSelector('.hit');
    await page.fill('dialog input', 'ida');
    await page.keyboard.press('Enter');
    assert.equal((await sent('POST /desk/select')).body.subjectId, ida.subjectId);
});

test('a suggested address stays in the field, and Enter saves it', async () => {
    await open();
    await show('no-address');
    await page.keyboard.press('Shift+F4');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('anna@gmial.com');
    await page.keyboard.press('Enter');
    await page.click('dialog .two button');
    await page.keyboard.press('Enter');
    const route = `POST /subjects/${till.desk.customer.subjectId}/contacts`;
    assert.equal((await sent(route)).body.value, 'anna@gmail.com');
});

test('from a strip a dialog opens in the panel beside it, with the marks that wait for an address', async () => {
    await open({ width: 1280, height: 72 });
    const desk = desks.deskOf('no-address', 'en');
    till.set(desks.session('en'), desk);
    await page.waitForSelector(`.strip[data-revision="${desk.revision}"]`);
    const opened = page.context().waitForEvent('page');
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    const beside = await opened;
    await beside.waitForSelector('dialog[open]');
    assert.equal(await page.locator('dialog').count(), 0);
    assert.equal(await beside.locator('.seg button[aria-pressed=true]').count(), 1);
    assert.equal(new URL(beside.url()).hash, '');
    assert.match(await beside.textContent('dialog h2'), /Add an address/);
});

test('a channel is refused as quickly as it is agreed to', async () => {
    await open();
    await show('ask');
    await page.keyboard.press('Alt+2');
    assert.equal(await page.getAttribute('.row:nth-child(2) .seg button:last-child', 'aria-pressed'), 'true');
});

test('nothing moves when a choice is made', async () => {
    await open({ still: true });
    await show('ask');
    await page.evaluate(() => document.fonts.ready);
    const where = () =>
        page.evaluate(() =>
            [...document.querySelectorAll('button, h1, h2, q, select')].map((e) =>
                JSON.stringify(e.getBoundingClientRect()),
            ),
        );
    const before = await where();
    for (const key of ['1', '2', '2', '3', '3', '3']) {
        await page.keyboard.press(key);
        assert.deepEqual(await where(), before);
    }
});

test('yes and no are twins', async () => {
    await open();
    await show('ask');
    const looks = await page.evaluate(() =>
        [...document.querySelectorAll('.row:first-child .seg button, .act button')].map((e) => {
            const { width, height } = e.getBoundingClientRect();
            const { fontWeight, fontSize, color, backgroundColor, borderTopColor, borderTopWidth } =
                getComputedStyle(e);
            return {
                width,
                height,
                fontWeight,
                fontSize,
                color: e.disabled ? '' : color,
                backgroundColor: e.disabled ? '' : backgroundColor,
                borderTopColor: e.disabled ? '' : borderTopColor,
                borderTopWidth,
            };
        }),
    );
    assert.deepEqual(looks[0], looks[1]);
    await page.keyboard.press('1');
    const [save, refuse] = await page.evaluate(() =>
        [...document.querySelectorAll('.act button')].map((e) => {
            const { fontWeight, fontSize, color, backgroundColor, border } = getComputedStyle(e);
            const { width, height } = e.getBoundingClientRect();
            return { fontWeight, fontSize, color, backgroundColor, border, width, height };
        }),
    );
    assert.deepEqual(save, refuse);
});

test('a stale screen stores nothing and shows what is true now', async () => {
    await open();
    await show('ask');
    const now = desks.deskOf('resting', 'en');
    till.answer('POST /acts', problem(409, 'stale-questions', { desk: now }));
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await page.waitForSelector('[data-flag=resting]');
    assert.match(await page.textContent('.notes'), /Nothing was saved/);
    assert.equal(await page.locator('[aria-pressed=true]').count(), 2); // the likes
});

test('a second try after silence carries the same key', async () => {
    await open();
    await show('ask');
    till.answer('POST /acts', problem(503, 'storage-unavailable'));
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await page.waitForSelector('.note');
    till.answer('POST /acts', stored('save'));
    await page.keyboard.press('F9');
    await page.waitForSelector('.saved');
    const keys = till.requests.filter((r) => r.route === 'POST /acts').map((r) => r.body.idempotencyKey);
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
});

test('stop everything asks once, Escape leaves all as it was', async () => {
    await open();
    await show('consented');
    till.answer('POST /acts', stored('stop-everything'));
    await page.keyboard.press('Control+F10');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    assert.equal(till.requests.filter((r) => r.route === 'POST /acts').length, 0);
    await page.keyboard.press('Control+F10');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Enter');
    assert.equal((await sent('POST /acts')).body.outcome, 'stop-everything');
});

test('undo and slip, by key; what the feed told of it stays, also when the reply is late', async () => {
    await open();
    const desk = desks.savedDesk('save', 'en');
    till.set(desks.session('en'), desk);
    await painted(page, desk.revision);
    till.answer(`POST /acts/${desks.id(700)}/slip`, async () => {
        till.tell('job', desks.printJob('indeterminate'));
        await page.waitForSelector('.choose');
        return { status: 202, body: desks.printJob('queued') };
    });
    const [replied] = await Promise.all([page.waitForResponse('**/slip'), page.keyboard.press('F7')]);
    await replied.finished();
    till.answer(`POST /printer/jobs/${desks.id(600)}/decide`, { body: desks.printJob('printed') });
    await page.click('.choose button:first-child');
    assert.deepEqual((await sent(`POST /printer/jobs/${desks.id(600)}/decide`)).body, { decision: 'done' });
    till.answer(`POST /acts/${desks.id(700)}/undo`, { body: desks.deskOf('ask', 'en') });
    await page.keyboard.press('Control+z');
    await page.waitForSelector('[data-flag=ask]');
});

test('a yes without an address asks for it and sends both together', async () => {
    await open();
    await show('no-address');
    till.answer('POST /acts', stored('save'));
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await page.waitForSelector('dialog input[inputmode=email]');
    await page.keyboard.type('anna@gmial.com');
    await page.keyboard.press('Enter');
    await page.click('dialog .two button:first-child');
    await page.click('dialog button[type=submit]');
    const { body } = await sent('POST /acts');
    fitting('ActRequest', body);
    assert.equal(body.contacts[0].value, 'anna@gmail.com');
});

test('by finger alone: a new person, with the keyboard on the screen', async () => {
    await open({ touch: true });
    till.answer('POST /subjects', { status: 201, body: desks.deskOf('unknown', 'en') });
    await page.locator('.empty button').last().tap();
    await page.waitForSelector('.board');
    for (const letter of ['I', 'd', 'a'])
        await page.locator('.board button', { hasText: new RegExp(`^${letter}$`) }).tap();
    assert.deepEqual(await misfits(page), []);
    await page.locator('dialog button[type=submit]').tap();
    const { body } = await sent('POST /subjects');
    fitting('NewSubject', body);
    assert.deepEqual(body.name, { given: 'Ida', family: '' });
});

test('sign in by finger: a name and six digits', async () => {
    till.set(desks.session('en', 'signed-out'), null);
    await open({ touch: true });
    till.answer('POST /session/sign-in', { body: desks.session('en') });
    await page.locator('.names button').first().tap();
    for (const digit of '204816') await page.locator('.pad button', { hasText: digit }).tap();
    const { body } = await sent('POST /session/sign-in');
    fitting('SignInRequest', body);
    assert.equal(body.pin, '204816');
    await page.waitForSelector('footer');
});

test('keys that were meant for the desk before it locked are no part of a PIN', async () => {
    till.set(desks.session('en', 'locked'), null);
    await open();
    await page.waitForSelector('.pad');
    till.answer('POST /session/sign-in', { body: desks.session('en') });
    for (const key of ['1', '2', '2', 'F9']) await page.keyboard.press(key);
    assert.equal(await page.locator('i.full').count(), 0);
    await page.clock.install();
    await page.keyboard.press('7');
    await page.waitForFunction(() => document.querySelectorAll('i.full').length === 1);
    await page.clock.runFor(9000);
    await page.waitForFunction(() => document.querySelectorAll('i.full').length === 0);
    await page.keyboard.type('204816');
    assert.equal((await sent('POST /session/sign-in')).body.pin, '204816');
});

test('a lock hides the desk at once', async () => {
    await open();
    await show('ask');
    till.set(desks.session('en', 'locked'), null);
    await page.waitForSelector('.pad');
    assert.doesNotMatch(await page.textContent('body'), /Vermeer/);
});

test('a locked strip says how to go on, and nothing else', async () => {
    await open();
    await show('ask');
    await page.setViewportSize({ width: 1024, height: 72 });
    till.set(desks.session('en', 'locked'), null);
    await page.waitForFunction(
        () => document.querySelector('.strip button')?.textContent.trim() === 'Sign in',
    );
    assert.equal(await page.textContent('.strip h1'), 'Locked');
    assert.equal((await page.textContent('.strip .line')).trim(), '');
    assert.equal(await page.locator('.strip button').count(), 1);
    const beside = page.waitForEvent('popup');
    await page.click('.strip button');
    await (await beside).waitForSelector('.pad, .names');
});

test('a broken feed comes back by itself', async () => {
    await open();
    await show('ask');
    till.drop();
    till.desk = desks.deskOf('resting', 'en');
    await page.waitForSelector('[data-flag=resting]');
});

test('letters do nothing, and a name with control characters stays text', async () => {
    await open();
    const desk = await show('ask');
    const evil = '<img src=x onerror=alert(1)>\u202Eevil';
    const next = desks.deskOf('ask', 'en', { customer: { ...desk.customer, displayName: evil } });
    till.set(desks.session('en'), next);
    await painted(page, next.revision);
    assert.equal(await page.textContent('.flag h2'), evil);
    const before = till.requests.length;
    await page.keyboard.type('abcdefghijklmnopqrstuvwxyz ');
    assert.equal(till.requests.length, before);
    assert.equal(await page.locator('dialog').count(), 0);
});

test('customer selected to painted', async (t) => {
    await open();
    const times = [];
    for (let n = 0; n < 40; n++) {
        const begin = Date.now();
        const desk = await show(n % 2 ? 'ask' : 'resting');
        const at = await page.evaluate((r) => {
            const mark = performance.getEntriesByName('desk-painted').find((m) => m.detail === r);
            return performance.timeOrigin + mark.startTime;
        }, desk.revision);
        times.push(at - begin);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(`event sent -> painted: median ${times[20].toFixed(1)} ms, p95 ${times[38].toFixed(1)} ms`);
    assert.equal(times.length, 40);
});

test('a badge signs in: on the list of names, and where a PIN is asked its digits are none', async () => {
    till.answer('GET /operators', { body: desks.operators('en', true) });
    till.set(desks.session('en', 'signed-out'), null);
    let pins = 0;
    till.answer('POST /session/sign-in', (body) => {
        fitting('SignInRequest', body);
        if (body.pin) pins++;
        return problem(401, body.pin ? 'pin-wrong' : 'badge-unknown', { attemptsLeft: 4 });
    });
    await open();
    const hint = 'main > p[role=status]';
    await page.waitForSelector(hint);
    await page.evaluate(scan, '04A2B91C55D180');
    assert.deepEqual((await sent('POST /session/sign-in')).body, { badge: '04A2B91C55D180' });
    await page.waitForFunction((at) => /not known/.test(document.querySelector(at).textContent), hint);
    till.requests.length = 0;
    await page.click('.names button');
    await page.evaluate(scan, '12345678');
    assert.deepEqual((await sent('POST /session/sign-in')).body, { badge: '12345678' });
    assert.equal(pins, 0);
    // Fingers still type a PIN.
    till.requests.length = 0;
    await page.waitForSelector('.pad button:not([disabled])');
    for (const digit of '204816') {
        const before = await page.locator('.full').count();
        await page.keyboard.press(digit);
        if (before < 5)
            await page.waitForFunction((n) => document.querySelectorAll('.full').length > n, before);
    }
    assert.deepEqual((await sent('POST /session/sign-in')).body, { operatorId: desks.id(1), pin: '204816' });
    await page.waitForFunction(() => document.querySelector('.wrong')?.textContent);
});

test('answers without a name are offered to who signs in, and claimed one by one', async () => {
    const acts = [desks.id(301), desks.id(302)];
    till.answer('GET /acts/unattributed', {
        body: fitting('ActIdList', { actIds: acts, customers: ['Roser Ferrer Camps', ''], total: 3 }),
    });
    till.answer(`POST /acts/${acts[0]}/attribute`, {
        body: fitting('ActIdList', { actIds: [acts[1]], customers: [''], total: 1 }),
    });
    await open();
    await show('ask');
    await page.click('.note .show');
    await page.waitForSelector('dialog li + li');
    assert.match(await page.textContent('dialog'), /oldest 2 of 3/);
    assert.match(await page.textContent('dialog li:first-child'), /Roser Ferrer Camps/);
    await page.click('dialog li:first-child button');
    await page.waitForSelector('dialog li + li', { state: 'detached' });
    assert.deepEqual((await sent(`POST /acts/${acts[0]}/attribute`)).body, {});
    assert.equal(await page.locator('dialog li').count(), 1);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.note').count(), 0);
    await page.keyboard.press('Shift+F9');
    await page.waitForSelector('dialog[open]');
    assert.match(await page.textContent('dialog'), /Answers without a name \(1\)/);
});

test('what was said to everything names everything, and head office is a place', async () => {
    await open();
    const desk = desks.deskOf('objected', 'en');
    const lastNo = {
        ...desk.flag.lastNo,
        place: 'head-office',
        purpose: null,
        purposeLabel: null,
        channel: null,
    };
    await show('objected', { flag: { ...desk.flag, lastNo } });
    assert.match(await page.textContent('.what'), /head office, everything/);
    // An address nobody confirmed is worth a word only where a yes waits for it.
    const contacts = [
        { contactId: desks.id(9), kind: 'email', masked: 'a•••@example.org', state: 'unconfirmed' },
    ];
    await show('ask', { customer: { ...desks.deskOf('ask', 'en').customer, contacts } });
    assert.doesNotMatch(await page.textContent('.name'), /not confirmed/);
    await show('unconfirmed', { customer: { ...desks.deskOf('unconfirmed', 'en').customer, contacts } });
    assert.match(await page.textContent('.name'), /not confirmed/);
});

test('a yes that needs another one says so, and stays marked', async () => {
    await open();
    await show('ask');
    till.answer(
        'POST /acts',
        problem(422, 'invalid', {
            errors: [{ pointer: '/answers/0', code: 'needs-other-consent', suggestion: null }],
        }),
    );
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    assert.match(await (await page.waitForSelector('.note p')).textContent(), /only beside another one/);
    assert.equal(await page.locator('.answers [aria-pressed=true]').count(), 1);
});

test('the hot key brings the page to its first question, and no button under a stray Enter', async () => {
    await open();
    const desk = await show('ask');
    till.tell('front', { revision: desk.revision });
    await page.waitForFunction(() => document.activeElement?.matches('.answers .ask'));
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('.answers [aria-pressed=true]').count(), 0);
    // Who types goes on typing.
    await page.keyboard.press('F3');
    await page.waitForSelector('dialog input:focus');
    till.tell('front', { revision: desk.revision });
    till.tell('job', desks.printJob('indeterminate')); // heard after it
    await page.waitForSelector('.choose');
    await page.evaluate(() => new Promise(requestAnimationFrame));
    assert.ok(await page.evaluate(() => document.activeElement?.matches('dialog input')));
});
