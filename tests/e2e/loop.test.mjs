// The whole loop as a cashier lives it: a demo house of real processes, the real page at its tills, the sample box office beside
// them. SOUFFLEUR_PICTURES=1 also makes the pictures of plugin/doc/pictures.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { House, signIn, until } from './support/house.mjs';
import { axe, misfits, openBrowser } from './support/panelPage.mjs';

const kPictures =
    process.env.SOUFFLEUR_PICTURES && fileURLToPath(new URL('../../plugin/doc/pictures/', import.meta.url));
const kShots = process.env.SOUFFLEUR_SHOTS;
const kWords = {
    ask: 'Never asked',
    refresh: 'Time to ask again',
    unconfirmed: 'Not confirmed yet',
    partial: 'Partly answered',
    consented: 'Said yes',
    soft: 'Existing customer',
    legacy: 'Old permission',
    resting: 'Said no',
    objected: 'Do not write',
    'no-address': 'No address',
    bounced: 'Address does not work',
    restricted: 'Not available',
    unknown: 'Not known here',
};

let house;
let browser;
let office;
let page;
let codeOnPaper;

/** A page of a till, not signed in yet; what it complains about lands in `page.complaints`. */
async function openTill(till, options = {}) {
    const context = await browser.newContext({
        viewport: { width: 440, height: 768 },
        locale: 'en',
        hasTouch: true,
        ...options,
    });
    context.setDefaultTimeout(15_000);
    const opened = await context.newPage();
    opened.complaints = [];
    opened.on('pageerror', (e) => opened.complaints.push(e.message));
    opened.on(
        'console',
        (m) =>
            m.type() === 'error' &&
            !/Failed to load resource/.test(m.text()) &&
            opened.complaints.push(m.text()),
    );
    await opened.goto(house.launchUrl(till));
    await opened.waitForSelector('.names button');
    return opened;
}

/** The till's API as the page reaches it. */
const call = (at, method, path, body) =>
    at.evaluate(
        async ([method, path, body]) => {
            const headers = {
                'X-Souffleur-Session': sessionStorage.getItem('souffleur.secret'),
                'Content-Type': 'application/json',
            };
            const answer = await fetch(`/api/v1${path}`, {
                method,
                headers,
                body: body && JSON.stringify(body),
            });
            return { status: answer.status, body: answer.status === 204 ? null : await answer.json() };
        },
        [method, path, body],
    );
const desk = async (at = page) => (await call(at, 'GET', '/desk')).body;
const asked = async (at = page) => (await desk(at)).questions.filter((q) => q.asked);
const subjects = async () => (await call(page, 'GET', '/status')).body.ledger.subjects;

/** The box office selects somebody; waits until the page shows that name. */
async function select(customer, name, at = page, from = office) {
    from.tell(`select ${customer}`);
    await at.waitForFunction((shown) => document.querySelector('h2 bdi')?.textContent === shown, name);
}
let strangers = 0;
/** Somebody whom nobody knows yet. */
async function selectStranger(name, email = `visitor${strangers}@example.org`, situation = 'counter') {
    office.tell(`situation ${situation}`, `select NEW-${++strangers} "${name}" "${email}" en`);
    await page.waitForFunction((n) => document.querySelector('h2 bdi, .who bdi')?.textContent === n, name);
}
const flag = (kind, at = page) => at.waitForSelector(`[data-flag="${kind}"]`);
const saved = async (words, at = page) => {
    await at.waitForSelector('.saved');
    assert.match(await at.textContent('.saved'), words);
};

async function look(at, name) {
    await at.evaluate(() => document.fonts.ready);
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await at.screenshot({ path: `${kShots}/${name}.png` });
    }
    assert.deepEqual({ axe: await axe(at), misfits: await misfits(at), console: at.complaints }, { axe: [], misfits: [], console: [] }, name); // biome-ignore format: one thought
}
const picture = (name, bytes) => {
    if (!kPictures) return;
    mkdirSync(kPictures, { recursive: true });
    writeFileSync(kPictures + name, bytes);
};

/** A test that shows what the house wrote when it fails. */
const step = (name, act) =>
    test(name, async () => {
        try {
            await act();
        } catch (error) {
            console.log(house.logs());
            throw error;
        }
    });

before(async () => {
    house = await House.open(300);
    browser = await openBrowser();
    office = house.office(0);
    page = await openTill(0);
});
after(async () => {
    await browser?.close();
    await house?.close();
});

step('a cashier signs in with a name and six digits', async () => {
    await look(page, 'sign-in');
    await page.tap(`.names button:has-text("${house.demo.tills[0].cashier}")`);
    for (const digit of '000000') await page.keyboard.press(digit);
    await page.waitForFunction(() => /tries? left/.test(document.querySelector('.wrong')?.textContent ?? ''));
    await look(page, 'wrong-pin');
    await page.tap('.pad .word');
    await signIn(page, house.demo.tills[0]);
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Waiting for a customer');
    await look(page, 'idle');
});

step('every flag comes up from the ticketing system, in words and with its icon', async () => {
    await until('the till holds the customers', async () => (await subjects()) >= 300 * 0.8);
    assert.deepEqual(house.demo.examples.map((e) => e.flag).sort(), Object.keys(kWords).filter((k) => k !== 'unknown').sort()); // biome-ignore format: one thought
    const seen = [];
    const icons = new Set();
    for (const example of [...house.demo.examples, { flag: 'unknown', name: 'Anna Vermeer' }]) {
        if (example.flag === 'unknown') await selectStranger(example.name);
        else await select(example.customer, example.name);
        const shown = await page.evaluate(() => {
            const card = document.querySelector('.flag');
            return {
                kind: card.dataset.flag,
                words: card.querySelector('h1').textContent,
                icon: card.querySelector('.disc svg').innerHTML,
            };
        });
        seen.push(`${example.name}: ${shown.kind}, ${shown.words}`);
        icons.add(shown.icon);
        await look(page, `flag-${example.flag}`);
        if (example.flag === 'ask') picture('panel.png', await page.screenshot());
    }
    const wanted = [...house.demo.examples, { flag: 'unknown', name: 'Anna Vermeer' }];
    assert.deepEqual(
        seen,
        wanted.map((e) => `${e.name}: ${e.flag}, ${kWords[e.flag]}`),
    );
    assert.equal(icons.size, 13);
});

step('two keys record a yes; then nothing more is asked in this sale; undo takes it back', async () => {
    await selectStranger('Berta Keys');
    assert.ok((await asked()).length > 1);
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await saved(/^Saved: Newsletter – yes\.$/);
    const now = await desk();
    assert.equal(now.lastAct.outcome, 'save');
    assert.deepEqual([now.questions.filter((q) => q.asked), now.script], [[], null]);
    assert.equal(now.questions[0].answered.state, 'given');
    await flag('consented');
    await look(page, 'saved');
    await page.keyboard.press('Control+z');
    await page.waitForSelector('.saved', { state: 'detached' });
    const undone = await desk();
    assert.equal(undone.questions.find((q) => q.purpose === 'newsletter').answered.state, 'none');
    assert.ok(undone.questions.some((q) => q.asked));
    await flag('ask');
    await look(page, 'undone');
});

step('by finger alone: yes, no, save, undo', async () => {
    await selectStranger('Carla Fingers');
    await page.tap('.row:nth-child(1) .seg button:first-child');
    await page.tap('.row:nth-child(2) .seg button:last-child');
    await page.tap('.act button:first-child');
    await saved(/yes.*no\.$/);
    const states = Object.fromEntries(
        (await desk()).questions.map((q) => [q.channel + q.purpose, q.answered.state]),
    );
    assert.deepEqual([states.emailnewsletter, states.postbrochure], ['given', 'refused']);
    // Undo stands where Save stood, and takes no second tap of the same hand: this one is elsewhere on it.
    await page.tap('.act button:first-child', { position: { x: 12, y: 12 } });
    await page.waitForSelector('.saved', { state: 'detached' });
    await flag('ask');
});

step('a mark survives what else changes on the desk', async () => {
    await selectStranger('Dora Marks');
    await page.keyboard.press('1');
    await page.tap('.chips button:first-child');
    await page.waitForSelector('.chips button:first-child[aria-pressed=true]');
    await until('the preference is stored', async () => (await desk()).preferences.genres.length === 1);
    assert.equal(await page.getAttribute('.row:first-child .seg button:first-child', 'aria-pressed'), 'true');
});

for (const [key, words, state, name] of [
    ['F10', /^Saved: no, thanks\.$/, 'refused', 'Emma Nee'],
    ['F2', /^Saved: not now\.$/, 'deferred', 'Fien Later'],
    ['F4', /not a yes/, 'deferred', 'Greta Unclear'],
]) {
    step(`${key}: ${state}, never a yes`, async () => {
        await selectStranger(name);
        const questions = await asked();
        await page.keyboard.press(key);
        await saved(words);
        const after = (await desk()).questions;
        for (const { purpose, channel } of questions)
            assert.equal(
                after.find((q) => q.purpose === purpose && q.channel === channel).answered.state,
                state,
            );
        assert.deepEqual(await asked(), []);
        await flag('resting');
        assert.equal(await page.evaluate(() => document.querySelector('main').scrollTop), 0);
        await look(page, `after-${key}`);
    });
}

step('stop everything objects to all', async () => {
    await selectStranger('Hanna Stop');
    await page.keyboard.press('Control+F10');
    await page.waitForSelector('dialog[open]');
    await look(page, 'stop');
    await page.keyboard.press('Enter');
    await flag('objected');
    await saved(/nothing more is sent/);
    await look(page, 'stopped');
});

step('a yes without an address asks for one; it waits for confirmation', async () => {
    await selectStranger('Iris Nowhere', '');
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('iris@gmial.com');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog .two');
    await look(page, 'did-you-mean');
    await page.fill('dialog input[type=text]', 'iris@example.org');
    await page.keyboard.press('Enter');
    await saved(/Newsletter – yes/);
    const { customer, questions } = await desk();
    assert.deepEqual(
        customer.contacts.map((c) => c.state),
        ['unconfirmed'],
    );
    assert.equal(questions.find((q) => q.channel === 'email').answered.state, 'unconfirmed');
    await look(page, 'address-given');
});

step('on the phone nothing is printed', async () => {
    await selectStranger('Julia Phone', 'julia@example.org', 'phone');
    const before = house.slips().length;
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await saved(/yes/);
    const { slipOffered, lastAct, situation } = await desk();
    assert.deepEqual([slipOffered, situation, lastAct.method], [false, 'phone', 'phone']);
    await page.keyboard.press('F7');
    assert.equal((await call(page, 'POST', `/acts/${lastAct.actId}/slip`)).body.code, 'slip-not-offered');
    assert.equal(house.slips().length, before);
    await look(page, 'phone');
});

step('a school stores no pupils', async () => {
    const before = await subjects();
    await selectStranger('Karel Pupil', 'karel@example.org', 'school');
    assert.deepEqual(await asked(), []);
    await look(page, 'school');
    await page.keyboard.press('Shift+F3');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.type('Lotte');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Pupil');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() =>
        /nothing is stored about pupils/.test(document.querySelector('.note')?.textContent ?? ''),
    );
    await page.keyboard.press('Escape');
    assert.equal(await subjects(), before);
});

step('in a rush the page is silent and counts', async () => {
    office.tell('situation counter', 'clear');
    await page.waitForSelector('.empty');
    await page.keyboard.press('F8');
    await page.waitForFunction(() => document.querySelector('h1')?.textContent === 'Rush');
    for (const [customer, missed] of [
        ['RUSH-1 "Lena Rush"', '1 person not asked'],
        ['RUSH-2 "Mia Rush"', '2 people not asked'],
    ]) {
        office.tell(`select ${customer}`);
        await page.waitForFunction((m) => document.querySelector('.count')?.textContent.includes(m), missed);
    }
    await look(page, 'rush');
    await page.keyboard.press('F8');
    await flag('unknown');
    assert.equal((await desk()).rush.missed, 2);
});

step('a slip comes out when asked for, in words and as a picture', async () => {
    await selectStranger('Nina Paper', 'nina@example.org');
    const before = house.slips();
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await saved(/yes/);
    assert.deepEqual(house.slips(), before);
    await page.keyboard.press('F7');
    const slip = await until('the slip is on paper', () => house.slips().find((s) => !before.includes(s)));
    const text = house.paper(slip, 'txt');
    assert.match(text, /Theater Het Voorhuis/);
    assert.match(text, /newsletter/i);
    assert.doesNotMatch(text, /nina@example\.org/);
    const png = house.paper(slip, 'png');
    assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from('PNG')]);
    picture('slip.png', png);
    await page.waitForFunction(() => /Slip printed/.test(document.querySelector('.note')?.textContent ?? ''));
    await look(page, 'slip-printed');
    codeOnPaper = text.match(/^ *[0-9A-Z]{4}(?:-[0-9A-Z]{3,4}){2,} *$/gm).map((line) => line.trim()).join('-'); // biome-ignore format: one thought
});

step('the code on the slip finds its customer, as it is read out on the telephone', async () => {
    // In small letters and in groups of its own: what a caller says.
    const said = codeOnPaper.toLowerCase().replaceAll('-', '').replace(/.{5}/g, '$& ').replaceAll('0', 'o');
    const { results } = (await call(page, 'POST', '/search', { query: said, limit: 8 })).body;
    assert.deepEqual(
        results.map((r) => r.displayName),
        ['Nina Paper'],
    );
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    const head = await context.newPage();
    await head.goto(house.demo.console);
    await head.fill('input[autocomplete=username]', house.demo.staff);
    await head.fill('input[type=password]', house.demo.password);
    await head.keyboard.press('Enter');
    await head.click('nav a[href="#/people"]');
    await until('head office has the act', async () => {
        const answered = head.waitForResponse((r) => r.url().endsWith('/people/search'));
        await head.fill('input[type=search]', '');
        await head.fill('input[type=search]', said);
        await answered;
        return (await head.textContent('form p')).includes('Found by the code on a slip');
    });
    if (kShots) await head.screenshot({ path: `${kShots}/console-slip-found.png` });
    await head.keyboard.press('Enter');
    const act = await head.waitForSelector('li.slip');
    assert.match(await act.textContent(), /Newsletter.*the slip in hand/s);
    if (kShots) await head.screenshot({ path: `${kShots}/console-slip-act.png` });
    await context.close();
});

step('the other till shows the same, by itself', async () => {
    const { customer, name } = house.example('ask');
    const other = await openTill(1);
    await signIn(other, house.demo.tills[1]);
    await select(customer, name, other, house.office(1));
    await flag('ask', other);
    await select(customer, name);
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await saved(/yes/);
    await flag('consented', other); // the sample house vouches for the addresses of its export
    assert.deepEqual(await asked(other), []); // the same visit: what is left open waits for another day
    const [here, there] = await Promise.all([desk(), desk(other)]);
    const of = ({ questions }) => Object.fromEntries(questions.map((q) => [`${q.purpose}/${q.channel}`, q.answered.state])); // biome-ignore format: one thought
    assert.deepEqual(of(there), of(here));
    await look(other, 'other-till');
    await other.context().close();
});

step('as a strip over a full-screen ticketing system', async () => {
    await page.setViewportSize({ width: 1024, height: 72 });
    await selectStranger('Olga Strip');
    await look(page, 'strip');
    picture('strip.png', await page.screenshot());
    await page.keyboard.press('1');
    await page.keyboard.press('F9');
    await page.waitForFunction(() => /Saved/.test(document.querySelector('.strip .line')?.textContent ?? ''));
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.waitForSelector('.panel');
    await look(page, 'beside-1024');
    await page.setViewportSize({ width: 440, height: 768 });
});

step('the lock hides the customer; the same cashier comes back to the same desk', async () => {
    await selectStranger('Paula Secret');
    await page.keyboard.press('Shift+F8');
    await page.waitForSelector('.pad');
    assert.doesNotMatch(await page.content(), /Paula|Secret/);
    assert.equal((await call(page, 'GET', '/desk')).status, 423);
    await look(page, 'locked');
    for (const digit of house.demo.tills[0].pin) await page.keyboard.press(digit);
    await page.waitForFunction(() => document.querySelector('h2 bdi')?.textContent === 'Paula Secret');
    office.tell('clear');
    await page.waitForSelector('.empty');
    assert.doesNotMatch(await page.content(), /Paula|Secret/);
    assert.deepEqual(page.complaints, []);
});
