// The console against a real hub: every view in light and dark without a complaint from axe, no cut text from 440 to 1920,
// nothing on the browser's console; and the ways through it. English and Russian; all languages with SOUFFLEUR_ALL=1.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { kPassword, kSouffleur, openHub } from './support/hub.mjs';
import { axe, openBrowser } from './support/panelPage.mjs';

const kLanguages = process.env.SOUFFLEUR_ALL ? ['en', 'nl', 'ca', 'es', 'ru', 'de', 'fr'] : ['en', 'ru'];
const kShots = process.env.SOUFFLEUR_SHOTS;
const kCount = 400;

let hub;
let browser;
before(async () => {
    hub = await openHub(kCount);
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await hub?.close();
});

async function openConsole({ width = 1440, height = 900, theme = 'light', language = 'en' } = {}) {
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: language,
    });
    const page = await context.newPage();
    page.complaints = [];
    page.on(
        'console',
        (m) =>
            m.type() === 'error' &&
            !/Failed to load resource/.test(m.text()) &&
            page.complaints.push(m.text()),
    );
    page.on('pageerror', (e) => page.complaints.push(e.message));
    await page.goto(hub.origin);
    await page.waitForSelector('form');
    return page;
}

async function signIn(page, role, password = kPassword) {
    await page.fill('input[autocomplete=username]', `${role} example`);
    await page.fill('input[type=password]', password);
    await page.click('form button');
    await page.waitForSelector('nav');
    return page;
}

/** Text that leaves the window, or a page that scrolls sideways. */
const cut = (page) =>
    page.evaluate(() => {
        const wrong = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
        for (const el of document.querySelectorAll('h1, h2, a, button, p, dt, dd, th, label, .pill')) {
            const { left, right, width } = el.getBoundingClientRect();
            if (!width || !el.checkVisibility() || el.closest('.hidden, .scroll')) continue;
            if (left < -1 || right > innerWidth + 1)
                wrong.push(`"${el.textContent.trim().slice(0, 30)}" leaves the window`);
            const own = getComputedStyle(el);
            if (
                el.scrollWidth > el.clientWidth + 1 &&
                own.display !== 'inline' &&
                own.textOverflow !== 'ellipsis'
            )
                wrong.push(`"${el.textContent.trim().slice(0, 30)}" is wider than its box`);
        }
        return wrong;
    });

/** A table may be pushed aside on a telephone only. */
const aside = (page) =>
    page.evaluate(() =>
        [...document.querySelectorAll('.scroll, .list')]
            .filter((el) => innerWidth >= 1024 && el.scrollWidth > el.clientWidth + 1)
            .map((el) => `${el.className} hides ${el.scrollWidth - el.clientWidth} px at its side`),
    );

async function look(page, name) {
    await page.evaluate(() => document.fonts.ready);
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await page.screenshot({ path: `${kShots}/${name}.png` });
    }
    assert.deepEqual(
        { axe: await axe(page), cut: await cut(page), aside: await aside(page), console: page.complaints },
        { axe: [], cut: [], aside: [], console: [] },
        name,
    );
}

const kViews = {
    overview: async (page) => {
        await page.goto(`${hub.origin}/#/overview`);
        await page.waitForSelector('[data-number=people]');
    },
    people: async (page) => {
        await page.goto(`${hub.origin}/#/people`);
        await page.waitForSelector('[role=option]');
    },
    nobody: async (page) => {
        await page.fill('input[type=search]', 'qqqqqq');
        await page.waitForSelector('.none');
    },
    person: async (page) => {
        // The list of everybody is there; Enter must wait for what was typed.
        await page.fill('input[type=search]', '');
        await page.waitForFunction(() => document.querySelectorAll('[role=option]').length > 1);
        await page.fill('input[type=search]', 'person0@example.org');
        await page.keyboard.press('Enter');
        await page.waitForSelector('ol li');
        await page.click('.more');
    },
    why: async (page) => {
        await page.click('header .button.main');
        await page.waitForSelector('dialog .reason');
    },
    // Of the import nothing is known but their no to everything.
    objected: async (page) => {
        await page.keyboard.press('Escape');
        await kViews.people(page);
        await page.fill('input[type=search]', 'person5@example.org');
        await page.keyboard.press('Enter');
        await page.waitForSelector('.stop');
    },
    devices: async (page) => {
        await page.keyboard.press('Escape');
        await page.goto(`${hub.origin}/#/devices`);
        await page.waitForSelector('li.card');
    },
    invite: async (page) => {
        await page.click('header .button.main');
        await page.waitForSelector('dialog form');
    },
    invitation: async (page) => {
        await page.fill('dialog input >> nth=0', 'Till 9');
        await page.fill('dialog input >> nth=1', 'till-9');
        await page.click('dialog form .button.main');
        await page.waitForSelector('[data-invitation]');
    },
    audit: async (page) => {
        await page.keyboard.press('Escape');
        await page.goto(`${hub.origin}/#/audit`);
        await page.waitForSelector('tbody td');
    },
    surveys: async (page) => {
        await page.goto(`${hub.origin}/#/surveys`);
        await page.waitForSelector('[data-survey] li');
    },
};

for (const language of kLanguages) {
    for (const [theme, width] of [
        ['light', 1440],
        ['dark', 1024],
        ['light', 1920],
        ['dark', 440],
        ['light', 900],
    ]) {
        test(`every view is sound in ${language}, ${theme}, ${width} px`, async () => {
            const page = await openConsole({ language, theme, width });
            await look(page, `signin-${language}-${theme}-${width}`);
            await signIn(page, 'admin');
            for (const [name, go] of Object.entries(kViews)) {
                await go(page);
                await look(page, `${name}-${language}-${theme}-${width}`);
            }
            await page.context().close();
        });
    }
}

test('a wrong password says so, and five of them lock the name', async () => {
    const page = await openConsole();
    for (let n = 0; n < 6; n++) {
        await page.fill('input[autocomplete=username]', 'forgetful example');
        await page.fill('input[type=password]', `wrong password ${n}`);
        const answered = page.waitForResponse((r) => r.url().endsWith('/session'));
        await page.click('form button');
        assert.equal((await answered).status(), n < 5 ? 401 : 423);
    }
    await page.waitForFunction(() => document.querySelector('[role=alert]').textContent.includes('Too many'));
    await page.context().close();
});

test('a role sees its views only', async () => {
    const page = await signIn(await openConsole(), 'marketing');
    assert.deepEqual(await page.locator('nav a').allTextContents(), ['Overview', 'People', 'Questionnaires']);
    await page.context().close();
    const it = await signIn(await openConsole(), 'it');
    assert.deepEqual(await it.locator('nav a').allTextContents(), ['Overview', 'Devices']);
    await it.context().close();
});

test('the list holds everybody and shows a few; keys walk it', async () => {
    const page = await signIn(await openConsole(), 'marketing');
    await kViews.people(page);
    // The list comes page by page: a key at its present end waits for the next.
    const row = () =>
        page.evaluate(() => Number(document.querySelector('[aria-selected=true]')?.ariaPosInSet));
    const deadline = Date.now() + 30_000;
    while (!((await row()) > 200) && Date.now() < deadline) await page.keyboard.press('PageDown');
    assert.ok((await row()) > 200, 'keys walk beyond the first page');
    assert.ok((await page.locator('[role=option]').count()) < 60, 'only the rows in sight are on the page');
    const answered = page.waitForResponse((r) => r.url().endsWith('/people/search'));
    await page.selectOption('main select', 'refused');
    const { people } = await (await answered).json();
    assert.ok(people.length > 0, 'somebody refused');
    assert.ok(people.every((one) => one.states.some((s) => s.state === 'refused')));
    await page.context().close();
});

test('Enter opens who was typed, not who stood there before', async () => {
    const page = await signIn(await openConsole(), 'marketing');
    await kViews.people(page);
    const found = page.waitForResponse((r) => r.request().postData()?.includes('person7@'));
    await page.fill('input[type=search]', 'person7@example.org');
    await page.keyboard.press('Enter');
    const { people } = await (await found).json();
    await page.waitForFunction((id) => location.hash === `#/people/${id}`, people[0].id);
    await page.context().close();
});

test('a customer number finds one person; a name with a typo finds who was meant, and says so', async () => {
    const page = await signIn(await openConsole(), 'marketing');
    await kViews.people(page);
    const typed = async (text) => {
        const found = page.waitForResponse((r) => r.request().postData()?.includes(`"${text}"`));
        await page.fill('input[type=search]', text);
        return (await found).json();
    };
    const one = await typed('C7');
    assert.deepEqual([one.people.length, one.step], [1, 'exact']);
    const near = await typed('Vemreer-Puig');
    assert.equal(near.step, 'typos');
    assert.match(near.people[0].name, /Vermeer-Puig/);
    await page.waitForFunction(() =>
        /come close/.test(document.querySelector('form [role=status]').textContent),
    );
    await page.context().close();
});

test('a proof can be downloaded and names the event', async () => {
    const page = await signIn(await openConsole(), 'admin');
    await kViews.people(page);
    await kViews.person(page);
    const saved = page.waitForEvent('download');
    await page.click('.proof .button');
    const { readFileSync } = await import('node:fs');
    const proof = JSON.parse(readFileSync(await (await saved).path(), 'utf8'));
    assert.equal(proof.format, 'souffleur-proof-1');
    assert.equal(JSON.parse(Buffer.from(proof.header, 'base64')).id, proof.event);
    await page.context().close();
});

test("the receipt of an answer can be downloaded, and is checked with head office's key", async () => {
    const page = await signIn(await openConsole(), 'privacy');
    await kViews.people(page);
    await kViews.person(page);
    // Its newest event may be none of theirs: open the answer.
    const answer = page.locator('ol li', { has: page.locator('.said') }).first();
    if (!(await answer.locator('[data-receipt]').count())) await answer.locator('.more').click();
    const saved = page.waitForEvent('download');
    await answer.locator('[data-receipt]').click();
    const { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = await import('node:fs');
    const folder = mkdtempSync(join(tmpdir(), 'souffleur-receipt-'));
    const file = join(folder, 'receipt.json');
    copyFileSync(await (await saved).path(), file);
    const key = join(folder, 'key');
    writeFileSync(key, hub.run('key'));
    const verify = () =>
        execFileSync(kSouffleur, ['receipt', 'verify', file, '--key', key], { stdio: 'pipe' });
    assert.match(verify().toString(), /^ok: act /);
    const receipt = readFileSync(file, 'utf8');
    assert.doesNotMatch(receipt, /person0@|Anna/);
    writeFileSync(file, receipt.replace('"import"', '"spoken"'));
    assert.throws(verify, /does not hold/);
    rmSync(folder, { recursive: true });
    await page.context().close();
});

test('an address that bounced is said to work again, and a restriction to have ended', async () => {
    const page = await signIn(await openConsole(), 'privacy');
    const open = async (mail) => {
        await kViews.people(page);
        const found = page.waitForResponse((r) => r.request().postData()?.includes(mail));
        await page.fill('input[type=search]', mail);
        await page.keyboard.press('Enter');
        await found;
        await page.waitForSelector('ol li');
    };
    await open('person3@example.org');
    const facts = page.locator('dl');
    const say = async (button) => {
        await page.locator('main button', { hasText: button }).click();
        await page.selectOption('dialog select', 'person-said');
        await page.click('dialog .button.main');
        await page.waitForSelector('dialog', { state: 'detached' });
    };
    assert.match(await facts.textContent(), /bounced/);
    assert.match(await page.textContent('.held'), /Restricted.*Nobody writes to this person/);
    assert.match(await page.textContent('[data-against]'), /restricted/);
    await page.click('header .button.main');
    assert.match(await page.textContent('dialog .reason'), /Nobody writes now: restricted/);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await say('It works again');
    assert.match(await facts.textContent(), /not verified/);
    await say('End the restriction');
    assert.equal(await page.locator('.held').count(), 0);
    await page.goto(`${hub.origin}/#/audit`);
    await page.waitForSelector('tbody td');
    const trail = await page.textContent('tbody');
    assert.match(trail, /Said that an address works again.*The person told us/);
    assert.doesNotMatch(trail, /person3@|Anna|Serra/);
    await page.context().close();
});

test('a no to everything is the first thing to see of a person, also where nothing else was answered', async () => {
    const page = await signIn(await openConsole(), 'admin');
    await kViews.people(page);
    await page.fill('input[type=search]', 'person5@example.org');
    await page.waitForFunction(() => /Objected/.test(document.querySelector('[role=option]')?.textContent));
    await kViews.objected(page);
    const stop = page.locator('.stop');
    assert.match(
        await stop.textContent(),
        /Objected to everything.*Nobody writes to this person.*head office/,
    );
    const [heading, table] = [await stop.boundingBox(), await page.locator('.holds').boundingBox()];
    assert.ok(heading.y + heading.height <= table.y, 'it stands above all else');
    assert.doesNotMatch(await page.textContent('.holds'), /Never asked/);
    await page.context().close();
});

test('the audit counts searches and shows them when asked', async () => {
    const page = await signIn(await openConsole(), 'admin');
    await kViews.people(page);
    await page.goto(`${hub.origin}/#/audit`);
    await page.waitForSelector('tbody td');
    assert.doesNotMatch(await page.textContent('tbody'), /Searched people/);
    assert.match(await page.textContent('header [role=status]'), /^\d+ search(es are| is) not shown$/);
    await page.click('header .button');
    await page.waitForFunction(() => /Searched people/.test(document.querySelector('tbody').textContent));
    assert.equal(await page.locator('header [role=status]').count(), 0);
    await page.context().close();
});

test('the figures of a questionnaire are shown beside their bars, small ones are not, and come as a table', async () => {
    const page = await signIn(await openConsole({ language: 'nl' }), 'marketing');
    await kViews.surveys(page);
    const lines = await page.locator('[data-survey] li').allTextContents();
    const line = (start) => lines.map((l) => l.replace(/\s+/g, ' ').trim()).find((l) => l.startsWith(start));
    assert.equal(line('Op de fiets'), 'Op de fiets 29');
    assert.equal(line('Jonger dan 26'), 'Jonger dan 26 minder dan 5');
    assert.equal(line('In het voorbijgaan'), 'In het voorbijgaan minder dan 5');
    assert.equal(line('5 – heel erg'), '5 – heel erg 33');
    const saved = page.waitForEvent('download');
    await page.click('[data-survey] .button');
    const { readFileSync } = await import('node:fs');
    const download = await saved;
    assert.equal(download.suggestedFilename(), 'foyer-1.csv');
    const table = readFileSync(await download.path(), 'utf8');
    assert.match(table, /"Hoe bent u gekomen\?","Op de fiets","29"\r\n/);
    assert.match(table, /"Hoe oud bent u\?","Jonger dan 26","<5"\r\n/);
    await page.context().close();
});

test('signing out ends the session for the page and for the hub', async () => {
    const page = await signIn(await openConsole(), 'admin');
    await page.click('.who > button');
    await page.waitForSelector('form');
    const answer = await page.evaluate(async () => (await fetch('/api/v1/overview')).status);
    assert.equal(answer, 401);
    await page.context().close();
});
