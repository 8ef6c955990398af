// What a visitor typed is gone from the machine once they have: from the memory of the kiosk's process and of every process of a real
// browser, from the browser's files and the kiosk's. The page moves to its other address, and the process in which they typed ends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BareBrowser, filesWith, inMemory } from './support/bareBrowser.mjs';
import { Visitor } from './support/bareKiosk.mjs';
import { House, until } from './support/house.mjs';

const kSkip = process.geteuid?.() === 0 ? false : 'only root may look into a process that refuses dumps';

let browser;
let house;
let kiosk;
before(async () => {
    if (kSkip) return;
    house = await House.open(50);
    kiosk = house.demo.kiosk;
});
after(() => house?.close());

/** Who holds any of `words` now, by kind of process and how often. */
function holders(words) {
    const all = [...browser.processes(), { pid: kiosk.pid, kind: 'the kiosk' }];
    return all.flatMap(({ pid, kind }) => {
        const found = inMemory(pid, ...words);
        return found ? [{ pid, kind, found }] : [];
    });
}

const nobodyHolds = (words, but = () => false) =>
    until('no process holds it', () => {
        const left = holders(words).filter((each) => !but(each));
        if (left.length > 0) throw new Error(JSON.stringify(left));
        return true;
    });

const secondsLater = (seconds) => browser.look(`{ const now = performance.now.bind(performance); performance.now = () => now() + ${seconds * 1000}; }`); // biome-ignore format: one thought

async function leavesNothing({ name, address }, way) {
    const words = [name.split(' ')[1], address.split('@')[0]];
    await browser.see('main nav .btn');
    const visitor = new Visitor(browser);
    await visitor.toAddress(name, address);
    const path = await browser.look('location.pathname');
    const typedIn = holders(words).filter((each) => each.kind === 'renderer').map(({ pid }) => pid); // biome-ignore format: one thought
    assert.ok(typedIn.length > 0, 'the search does not find what stands on the screen');
    await browser.look('globalThis.seen = true');
    await way(visitor);
    await until('a fresh page is there', () => browser.look(`!globalThis.seen && !!document.querySelector('main nav .btn')`)); // biome-ignore format: one thought
    assert.notEqual(await browser.look('location.pathname'), path);
    await until('the process in which they typed has ended', () =>
        browser.processes().every(({ pid }) => !typedIn.includes(pid)),
    );
    // The browser's main process frees what it held, and has overwritten it or not; no page can ask it.
    await nobodyHolds(words, ({ kind }) => kind === 'browser');
    for (const folder of [browser.profile, kiosk.data, join(house.root, 'log')])
        for (const word of words) assert.deepEqual(filesWith(folder, word), [], folder);
    // The kiosk's own session is all that the next visitor finds.
    const kept = await browser.look('[Object.keys(sessionStorage).sort(), localStorage.length, history.length]'); // biome-ignore format: one thought
    assert.deepEqual(kept, [['souffleur.kiosk.alone', 'souffleur.kiosk.secret'], 0, 1]);
    // Nobody comes for a minute: the browser ends, and another one begins.
    const pids = browser.processes().filter(({ kind }) => kind !== 'other').map(({ pid }) => pid); // biome-ignore format: one thought
    const token = readFileSync(kiosk.launchFile, 'utf8');
    await secondsLater(60);
    await browser.another(pids);
    await until('its page has begun', () => readFileSync(kiosk.launchFile, 'utf8') !== token);
    await nobodyHolds(words);
}

async function inABrowser(work) {
    browser = await BareBrowser.openPanel(kiosk.launchFile);
    try {
        await work();
    } finally {
        await browser.close();
    }
}

const thanked = async (visitor) => {
    await visitor.toThanks();
    await visitor.finish();
};

test('whoever is through leaves nothing in any memory or file', { skip: kSkip }, () =>
    inABrowser(() =>
        leavesNothing({ name: 'Zita Zwiebelkestrel', address: 'quittenmarmelade@example.org' }, thanked),
    ),
);

test('and whoever walks away half-way leaves as little', { skip: kSkip }, () =>
    inABrowser(() =>
        leavesNothing({ name: 'Milo Wachteltraube', address: 'haselnusskipferl@example.org' }, (visitor) =>
            visitor.walkAway(),
        ),
    ),
);
