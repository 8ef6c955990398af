// The page for customers, served by a real hub: every view in light and dark, at a telephone's width and a desk's, without a
// complaint from axe or text that is cut; nothing is said before a button is pressed. English and Russian; all languages
// with SOUFFLEUR_ALL=1. What a mail's link asks is played; the whole way with a mail is in tests/smoke.py.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { openHub } from './support/hub.mjs';
import { axe, openBrowser } from './support/panelPage.mjs';

const kLanguages = process.env.SOUFFLEUR_ALL ? ['en', 'nl', 'ca', 'es', 'ru', 'de', 'fr'] : ['en', 'ru'];
const kShots = process.env.SOUFFLEUR_SHOTS;
const kToken = 'q3Zr0yVYH1mKQk2m8bT4uwq3Zr0yVYH1mKQk2m8bT4u';
const kLook = (language, kind) => ({
    kind,
    language,
    address: 'a•••@example.org',
    at: Date.UTC(2026, 10, 21, 19, 5),
    offsetMin: 60,
    place: 'Kassa 1',
    expires: Date.UTC(2026, 11, 5),
    agreed: [
        {
            label: 'Newsletter',
            detail: 'by e-mail, once a month',
            text: 'Theater Het Voorhuis may send me its newsletter by e-mail. I can take this back at any time.',
        },
        { label: 'Personal offers', detail: '', text: 'An_unbroken_word_that_goes_on_'.repeat(6) },
    ],
});

let hub;
let browser;
before(async () => {
    hub = await openHub(0);
    browser = await openBrowser();
});
after(async () => {
    await browser?.close();
    await hub?.close();
});

/** `answers`: path below /api/v1/mail/ to status and body; what was posted lands in `page.posts`. */
async function open(
    path,
    { width = 390, height = 844, theme = 'light', language = 'en', answers = {} } = {},
) {
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: language,
    });
    const page = await context.newPage();
    page.posts = [];
    page.addresses = [];
    page.complaints = [];
    page.on('pageerror', (e) => page.complaints.push(e.message));
    page.on('console', (m) => {
        if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) page.complaints.push(m.text());
    });
    page.on('request', (request) => page.addresses.push(request.url().split('#')[0]));
    await page.route('**/api/v1/mail/*', (route) => {
        const name = route.request().url().split('/').at(-1);
        page.posts.push({ name, body: route.request().postDataJSON() });
        const { status = 204, body } = answers[name] ?? {};
        return route.fulfill({ status, ...(body ? { json: body } : {}) });
    });
    await page.goto(hub.customers + path);
    await page.waitForSelector('h1');
    return page;
}

const cut = (page) =>
    page.evaluate(() => {
        const wrong = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
        for (const el of document.querySelectorAll('h1, h2, a, button, p, li, label, select')) {
            const { left, right, width, height } = el.getBoundingClientRect();
            if (!width) continue;
            const name = el.textContent.trim().slice(0, 30);
            if (left < -1 || right > innerWidth + 1) wrong.push(`"${name}" leaves the window`);
            if (el.scrollWidth > el.clientWidth + 1 && getComputedStyle(el).display !== 'inline')
                wrong.push(`"${name}" is wider than its box`);
            if (/^(button|select)$/i.test(el.tagName) && height < 48) wrong.push(`"${name}" is under 48 px`);
        }
        return wrong;
    });

async function look(page, name) {
    await page.evaluate(() => document.fonts.ready);
    if (kShots) {
        mkdirSync(kShots, { recursive: true });
        await page.screenshot({ path: `${kShots}/preferences-${name}.png`, fullPage: true });
    }
    assert.deepEqual(
        { axe: await axe(page), cut: await cut(page), page: page.complaints },
        { axe: [], cut: [], page: [] },
        name,
    );
}

for (const language of kLanguages) {
    for (const [theme, width] of [
        ['light', 390],
        ['dark', 320],
        ['light', 1280],
    ]) {
        test(`every view in ${language}, ${theme}, ${width} px`, async () => {
            const of = (kind) => ({
                theme,
                width,
                language,
                answers: { look: { status: 200, body: kLook(language, kind) } },
            });
            const name = (view) => `${view}-${language}-${theme}-${width}`;
            const page = await open(`/c#${kToken}`, of('confirm'));
            assert.equal(await page.locator('main button').count(), 2);
            assert.equal(await page.getAttribute('html', 'lang'), language);
            const [yes, no] = await page.locator('main button').evaluateAll((all) =>
                all.map((each) => {
                    const { width: w, height: h } = each.getBoundingClientRect();
                    const { fontWeight, backgroundColor, borderWidth } = getComputedStyle(each);
                    return { w: Math.round(w), h: Math.round(h), fontWeight, backgroundColor, borderWidth };
                }),
            );
            assert.deepEqual(yes, no, 'yes and no are twins');
            await look(page, name('confirm'));
            await page.locator('main button').first().click();
            await page.waitForFunction(() => !document.querySelector('main button'));
            await look(page, name('yes'));
            const notice = await open(`/c#${kToken}`, of('notice'));
            assert.equal(await notice.locator('main button').count(), 1);
            await look(notice, name('notice'));
            await notice.locator('main button').click();
            await notice.waitForFunction(() => !document.querySelector('main button'));
            await look(notice, name('no'));
            const nowhere = await open(`/c#${kToken}`, {
                theme,
                width,
                language,
                answers: { look: { status: 404, body: { code: 'leads-nowhere' } } },
            });
            await look(nowhere, name('nowhere'));
            const slip = await open('/w', { theme, width, language });
            await look(slip, name('slip'));
            await slip.fill('input', '7ZZZ-7ZZZ-7ZZZ-7ZZZ-7ZZZ-7ZZZ-7Z1');
            await slip.locator('main button').first().click();
            await slip.waitForSelector('[aria-invalid]');
            await look(slip, name('slip-wrong'));
            for (const each of [page, notice, nowhere, slip]) await each.context().close();
        });
    }
}

test('looking says nothing; a press says it once, in a body, and then the link is gone from the address', async () => {
    const page = await open(`/c#${kToken}`, {
        answers: { look: { status: 200, body: kLook('en', 'confirm') } },
    });
    assert.deepEqual(page.posts, [{ name: 'look', body: { token: kToken } }]);
    await page.reload();
    await page.waitForSelector('main button');
    assert.deepEqual(page.posts.map((each) => each.name), ['look', 'look']); // biome-ignore format: a list
    await page.keyboard.press('Tab');
    await page.locator('main button').nth(1).press('Enter');
    await page.waitForFunction(() => !location.hash);
    assert.deepEqual(page.posts.at(-1), { name: 'not-me', body: { token: kToken } });
    assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1');
    assert.ok(page.addresses.every((url) => !url.includes(kToken)));
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
    await page.context().close();
});

test('what goes wrong is said kindly, and can be tried again', async () => {
    const answers = {
        look: { status: 200, body: kLook('en', 'confirm') },
        confirm: { status: 507, body: {} },
    };
    const page = await open(`/c#${kToken}`, { answers });
    await page.locator('main button').first().click();
    await page.waitForFunction(() => document.querySelectorAll('main button').length === 1);
    await look(page, 'trouble');
    answers.confirm = { status: 204 };
    await page.locator('main button').click();
    await page.waitForFunction(() => !document.querySelector('main button'));
    await page.context().close();
});

test('a code of nobody, typed at a real hub, leads nowhere and changes nothing', async () => {
    const page = await open('/w#0000-0000-0000-0000-0000-0000-000', {});
    await page.locator('main button').nth(1).click();
    await page.waitForFunction(
        () => !document.querySelector('main button') || document.querySelector('input'),
    );
    assert.deepEqual(page.complaints, []);
    await page.context().close();
});
