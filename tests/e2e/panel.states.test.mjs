// Every state of the panel as it is built: no complaint from axe, no clipped text, no small target, nothing on the
// console, in light and dark, beside a ticketing window, as a strip and large. English and Russian; all languages with SOUFFLEUR_ALL=1.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { api, complaintsAt } from './support/contract.mjs';
import * as desks from './support/desks.mjs';
import {
    axe,
    buildPanel,
    misfits,
    openBrowser,
    openPage,
    openTill,
    painted,
    scan,
} from './support/panelPage.mjs';

const kLanguages = process.env.SOUFFLEUR_ALL ? ['en', 'nl', 'ca', 'es', 'ru', 'de', 'fr'] : ['en', 'ru'];
// Pictures for whoever wants to look: SOUFFLEUR_SHOTS=folder.
const kShots = process.env.SOUFFLEUR_SHOTS;
const kFlags = api.components.schemas.FlagKind.enum;

// Of the lines that the packs share: in each language the first, and those with the longest question.
const kLines = ['nl', 'ca', 'es', 'ru', 'en', 'de', 'fr'].flatMap((language) => {
    const file = new URL(`../../plugin/policy/wordings/standard-1.${language}.toml`, import.meta.url);
    const lines = [...readFileSync(file, 'utf8').matchAll(/^line = "(.*)"$/gm)].map(([, line]) =>
        line.replaceAll('{house}', 'Theater Het Voorhuis').replaceAll('{partner}', 'Museum Zuid'),
    );
    const longest = lines.toSorted((a, b) => b.indexOf('?') - a.indexOf('?'));
    return [lines[0], ...longest.slice(0, 2)].map((text) => ({
        text,
        language,
        translation: null,
        noticeRef: `newsletter-${language}@4`,
    }));
});

/** Runs inside the page: what is wrong with the line of a strip. */
function saidWhole() {
    const line = document.querySelector('.strip .line');
    const text = line.firstChild;
    const box = line.getBoundingClientRect();
    const question = document.createRange();
    question.setStart(text, 0);
    question.setEnd(text, text.data.indexOf('?') + 1);
    const wrong = [];
    if (box.top < 3 || box.bottom > innerHeight) wrong.push('it leaves the strip');
    const bottom = Math.max(...[...question.getClientRects()].map((one) => one.bottom));
    if (bottom > box.bottom + 3) wrong.push(`the question is cut by ${bottom - box.bottom} px`);
    const dots = getComputedStyle(line).webkitLineClamp !== 'none';
    if (line.scrollHeight > line.clientHeight + 3 && !(dots && line.title === text.data))
        wrong.push('the rest is cut without a sign');
    return wrong;
}

/** Runs inside the page: buttons that leave the window. */
function outside() {
    return [...document.querySelectorAll('.strip button')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth)
        .map((each) => each.textContent);
}

const tell = (make) => (till, language) => {
    const desk = make(language);
    till.set(desks.session(language), desk);
    return desk;
};
const kStates = {
    ...Object.fromEntries(kFlags.map((kind) => [kind, tell((l) => desks.deskOf(kind, l))])),
    idle: tell(() => desks.emptyDesk()),
    rush: tell(() => desks.emptyDesk({ rush: { on: true, missed: 3, until: null } })),
    'rush-customer': tell((l) => desks.inRush(l)),
    'rush-stopped': tell((l) => {
        const { lastAct, undo } = desks.savedDesk('stop-everything', l);
        return desks.inRush(l, { lastAct, undo });
    }),
    'saved-save': tell((l) => desks.savedDesk('save', l)),
    'saved-refuse': tell((l) => desks.savedDesk('refuse', l)),
    'saved-unclear': tell((l) => desks.savedDesk('unclear', l)),
    'saved-stop': tell((l) => desks.savedDesk('stop-everything', l)),
    trouble: tell((l) =>
        desks.deskOf('ask', l, {
            printer: { state: 'attention', reasons: ['paper-out'], name: null, jobs: 1 },
            sync: { state: 'offline', lastAt: null, pending: 7, leaseUntil: null },
        }),
    ),
    unidentified: (till, language) => {
        const desk = desks.deskOf('ask', language);
        till.set(desks.session(language, 'unidentified'), desk);
        return desk;
    },
};
const kRushes = ['rush', 'rush-customer', 'rush-stopped'];
const kDialogs = {
    search: 'F3',
    new: 'Shift+F3',
    address: 'Shift+F4',
    language: 'Shift+F6',
    history: 'Shift+F7',
    menu: 'Shift+F9',
    stop: 'Control+F10',
    keys: 'F1',
};

async function look(page, name) {
    await page.evaluate(() => document.fonts.ready);
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await page.screenshot({ path: `${kShots}/${name}.png` });
    }
    assert.deepEqual(
        { axe: await axe(page), misfits: await misfits(page), console: page.complaints },
        { axe: [], misfits: [], console: [] },
        name,
    );
}

let browser;
before(async () => {
    buildPanel();
    browser = await openBrowser();
});
after(() => browser?.close());

test('every example of the contract fits its own schema', () => {
    const wrong = [];
    const walk = (schema, at) => {
        for (const example of schema.examples ?? []) wrong.push(...complaintsAt(at, example));
        for (const [name, child] of Object.entries(schema.properties ?? {}))
            walk(child, `${at}/properties/${name}`);
        if (schema.items) walk(schema.items, `${at}/items`);
    };
    for (const [name, schema] of Object.entries(api.components.schemas)) {
        assert.ok(schema.examples, `${name} has no example`);
        walk(schema, `schemas/${name}`);
    }
    assert.deepEqual(wrong, []);
    assert.notDeepEqual(complaintsAt('schemas/Desk', {}), []);
});

for (const language of kLanguages) {
    describe(language, () => {
        let till;
        before(async () => {
            till = await openTill(language);
        });
        after(() => till.close());

        for (const theme of ['light', 'dark']) {
            test(`every flag and state beside a ticketing window, ${theme}`, async () => {
                const page = await openPage(browser, till, { language, theme });
                for (const [name, show] of Object.entries(kStates)) {
                    await painted(page, show(till, language).revision);
                    await look(page, `${language}-${theme}-${name}`);
                }
                await page.context().close();
            });
        }

        test('every dialog', async () => {
            const page = await openPage(browser, till, { language });
            const desk = desks.deskOf('bounced', language, { drawerOffered: true });
            till.set(desks.session(language), desk);
            await painted(page, desk.revision);
            for (const [name, key] of Object.entries(kDialogs)) {
                await page.keyboard.press(key);
                await page.waitForSelector('dialog[open]');
                if (name === 'search') {
                    await page.keyboard.type('vermeer');
                    await page.waitForSelector('.hit');
                }
                if (name === 'history') await page.waitForSelector('dialog .pill');
                if (name === 'address') {
                    await page.keyboard.type('anna@gmial.com');
                    await page.keyboard.press('Enter');
                    await page.waitForSelector('dialog .two');
                }
                await look(page, `${language}-dialog-${name}`);
                await page.keyboard.press('Escape');
                await page.waitForSelector('dialog', { state: 'detached' });
            }
            await page.context().close();
        });

        test('sign-in, a wrong PIN, the lock', async () => {
            till.set(desks.session(language, 'signed-out'), null);
            const page = await openPage(browser, till, { language });
            await page.waitForSelector('.names button');
            await look(page, `${language}-sign-in`);
            till.answer('POST /session/sign-in', {
                status: 401,
                body: {
                    type: 'about:blank',
                    title: 'wrong',
                    status: 401,
                    code: 'pin-wrong',
                    attemptsLeft: 2,
                },
            });
            await page.click('.names button');
            await page.keyboard.type('123456');
            await page.waitForFunction(() => document.querySelector('.wrong')?.textContent);
            await look(page, `${language}-wrong-pin`);
            till.set(desks.session(language, 'locked'), null);
            await page.waitForSelector('h1 svg');
            await look(page, `${language}-locked`);
            till.answer('GET /operators', { body: desks.operators(language, true) });
            till.answer('POST /session/sign-in', {
                status: 401,
                body: {
                    type: 'about:blank',
                    title: 'x',
                    status: 401,
                    code: 'badge-unknown',
                    attemptsLeft: 2,
                },
            });
            till.set(desks.session(language, 'signed-out'), null);
            await page.waitForSelector('main > p[role=status]');
            await look(page, `${language}-sign-in-badge`);
            const hint = await page.textContent('main > p[role=status]');
            await page.evaluate(scan, '04A2B91C55D180');
            await page.waitForFunction(
                (before) => document.querySelector('main > p[role=status]').textContent !== before,
                hint,
            );
            await look(page, `${language}-badge-unknown`);
            await page.context().close();
        });

        test('answers without a name', async () => {
            till.answer('GET /acts/unattributed', {
                body: {
                    actIds: [desks.id(301), desks.id(302)],
                    customers: ['Roser Ferrer Camps', ''],
                    total: 512,
                },
            });
            const page = await openPage(browser, till, { language });
            await painted(page, kStates.ask(till, language).revision);
            await page.waitForSelector('.note .show');
            await look(page, `${language}-claim-note`);
            await page.click('.note .show');
            await page.waitForSelector('dialog li button');
            await look(page, `${language}-dialog-claim`);
            till.answer('GET /acts/unattributed', { body: { actIds: [], customers: [], total: 0 } });
            await page.context().close();
        });

        test('the strip', async () => {
            const page = await openPage(browser, till, { language, width: 1024, height: 72 });
            for (const name of [...kFlags, 'idle', ...kRushes, 'saved-save', 'saved-stop']) {
                const { revision } = kStates[name](till, language);
                await page.waitForSelector(`.strip[data-revision="${revision}"]`);
                await look(page, `${language}-strip-${name}`);
            }
            await page.context().close();
        });

        test('the strip says the whole question at every width, and ends in dots what has no room', async () => {
            for (const width of [1024, 1280, 1440, 1600, 1920]) {
                const page = await openPage(browser, till, { language, width, height: 72 });
                for (const script of kLines) {
                    const desk = desks.deskOf('ask', language, { script });
                    till.set(desks.session(language), desk);
                    await page.waitForSelector(`.strip[data-revision="${desk.revision}"]`);
                    assert.deepEqual(await page.evaluate(saidWhole), [], `${width}: ${script.text}`);
                }
                if (kShots) await page.screenshot({ path: `${kShots}/${language}-strip-${width}.png` });
                await page.context().close();
            }
        });

        test('the strip shows the row of its line and what was marked, and keeps all in the window', async () => {
            for (const width of [1024, 1280, 1600, 1920]) {
                const page = await openPage(browser, till, { language, width, height: 72 });
                const whole = desks.deskOf('partial', language);
                const questions = whole.questions.map((q, at) => ({ ...q, asked: at > 0 }));
                const { noticeId, noticeVersion } = questions[1];
                const script = { ...kLines[0], noticeRef: `${noticeId}@${noticeVersion}` };
                const desk = desks.deskOf('partial', language, { questions, script });
                till.set(desks.session(language), desk);
                await page.waitForSelector(`.strip[data-revision="${desk.revision}"]`);
                const rows = () => page.locator('.ask:visible kbd').allTextContents();
                assert.equal((await rows())[0], '2');
                await page.keyboard.press('1');
                await page.waitForSelector('.seg [aria-pressed=true]');
                assert.deepEqual(await rows(), ['2', '1']);
                assert.deepEqual(await page.evaluate(outside), [], `${width}`);
                if (kShots)
                    await page.screenshot({ path: `${kShots}/${language}-strip-marked-${width}.png` });
                await page.context().close();
            }
        });

        for (const [width, height] of [
            [1024, 768],
            [1920, 1080],
        ]) {
            test(`a window of ${width} x ${height}`, async () => {
                const page = await openPage(browser, till, { language, width, height });
                for (const name of ['ask', 'objected', 'idle', 'saved-save']) {
                    await painted(page, kStates[name](till, language).revision);
                    await look(page, `${language}-${width}-${name}`);
                }
                await page.context().close();
            });
        }
    });
}
