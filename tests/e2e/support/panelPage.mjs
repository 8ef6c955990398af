// The built panel in Chromium against the fake till.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import * as desks from './desks.mjs';
import { FakeTill } from './fakeTill.mjs';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kAxe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']; // biome-ignore format: a list
export const kLaunch = '/#launch=q3Zr0yVYH1mKQk2m8bT4uw';

/** Builds the page; a build is what ships, so a build is what is tested. */
export function buildPanel() {
    execFileSync('npm', ['run', '--silent', 'build', '-w', 'plugin/panel'], {
        cwd: kRoot,
        stdio: ['ignore', 'ignore', 'inherit'],
    });
}

export async function openBrowser() {
    return chromium.launch({ executablePath: '/usr/bin/chromium', args: kFlags });
}

/** A till that answers as usual for a cashier who reads `language`. */
export async function openTill(language) {
    const till = new FakeTill(`${kRoot}/plugin/panel/dist`);
    await till.listen();
    till.set(desks.session(language), desks.emptyDesk());
    till.answer('GET /operators', { body: desks.operators(language) });
    till.answer('GET /acts/unattributed', { body: { actIds: [], customers: [], total: 0 } });
    till.answer('POST /search', { body: desks.found() });
    till.answer('GET /policy/notices', { body: desks.notice(language) });
    for (let n = 100; n < 200; n++)
        till.answer(`GET /subjects/${desks.id(n)}/acts`, { body: desks.history(language) });
    return till;
}

/** A page of its own context; what it complains about lands in `page.complaints`. */
export async function openPage(
    browser,
    till,
    { width = 440, height = 768, theme = 'light', language = 'en', touch = false, still = false } = {},
) {
    const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale: language,
        hasTouch: touch,
    });
    // Time stands still where a test compares places: "8 s ago" may not become "18 s ago" meanwhile.
    if (still) await context.addInitScript(() => (globalThis.setInterval = () => 0));
    const page = await context.newPage();
    page.complaints = [];
    // A refusal that the page shows to the cashier is no complaint; everything else on the console is.
    page.on(
        'console',
        (m) =>
            m.type() === 'error' &&
            !/Failed to load resource/.test(m.text()) &&
            page.complaints.push(m.text()),
    );
    page.on('pageerror', (e) => page.complaints.push(e.message));
    await page.goto(till.origin + kLaunch);
    await page.waitForFunction(() => document.querySelector('main'));
    return page;
}

/** Waits until the desk with `revision` is on the glass. */
export async function painted(page, revision) {
    await page.waitForFunction(
        (r) => performance.getEntriesByName('desk-painted').some((mark) => mark.detail >= r),
        revision,
    );
}

/** axe's violations as short lines. */
export async function axe(page) {
    // Trusted Types stop a script element; evaluate goes past the page's own rules, as a debugger does.
    await page.evaluate(kAxe);
    return page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
        return violations.flatMap((v) =>
            v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.any[0]?.message ?? ''}`),
        );
    });
}

/** What does not fit: text that is cut or leaves its box, targets under 48 px. */
export async function misfits(page) {
    return [...(await page.evaluate(cutText)), ...(await page.evaluate(smallTargets))];
}

/** Runs inside the page: a badge reader types `code` and Enter, faster than fingers. */
export function scan(code) {
    for (const key of [...code, 'Enter']) {
        const to = document.activeElement ?? document.body;
        to.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
    }
}

// The next two run inside the page.

function cutText() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const tolerance = 3 * (document.querySelector('.panel')?.currentCSSZoom ?? 1);
    const ends = (el) => {
        for (let up = el; up; up = up.parentElement)
            if (getComputedStyle(up).textOverflow === 'ellipsis') return true;
        return false;
    };
    const matters = (node) => {
        const el = node.parentElement;
        return (
            node.data.trim() &&
            el.tagName !== 'OPTION' &&
            el.checkVisibility() &&
            !el.closest('.hidden') &&
            !ends(el)
        );
    };
    const complaint = (node) => {
        const range = document.createRange();
        range.selectNodeContents(node);
        const text = range.getBoundingClientRect();
        if (text.left < -1 || text.right > innerWidth + 1) return 'leaves the window';
        const around = node.parentElement.closest('button, .line, .who, header, footer, .note');
        const box = around?.getBoundingClientRect();
        if (!box) return null;
        const fits =
            text.left >= box.left - 1.5 &&
            text.right <= box.right + 1.5 &&
            text.top >= box.top - tolerance &&
            text.bottom <= box.bottom + tolerance;
        return fits ? null : `leaves its ${around.tagName.toLowerCase()}.${around.className}`;
    };
    const wrong = document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [];
    const walk = document.createTreeWalker(inside, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const found = matters(node) && complaint(node);
        if (found) wrong.push(`"${node.data.trim().slice(0, 40)}" ${found}`);
    }
    return wrong;
}

function smallTargets() {
    const inside = document.querySelector('dialog[open]') ?? document.body;
    const seen = (el) => el.checkVisibility() && !el.closest('.hidden') && !el.closest('.switch');
    return [...inside.querySelectorAll('button, select, input, textarea, .switch')]
        .filter(seen)
        .flatMap((el) => {
            const { width, height } = el.getBoundingClientRect();
            // Keys of the on-screen keyboard share the width of the window.
            const narrowest = el.closest('.board') ? 30 : 47.5;
            const fine = height >= 47.5 && width >= narrowest;
            return fine
                ? []
                : [`${el.tagName} "${el.textContent.trim().slice(0, 20)}" is ${width} x ${height}`];
        });
}
