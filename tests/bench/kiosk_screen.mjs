// The kiosk without a network: from the start of its service to its first screen on the glass, with the browser that the same start script
// opens at the same moment (cold, a fresh profile) and with one that is there already; empty, and with 50,000 sealed sign-ups waiting; and what
// those take of disk and memory. Both clocks are this machine's.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BareBrowser } from '../e2e/support/bareBrowser.mjs';
import { Visitor } from '../e2e/support/bareKiosk.mjs';
import { kBuild, until } from '../e2e/support/house.mjs';
import { WholeHouse } from '../e2e/support/wholeHouse.mjs';

const kTurns = 5;
const kItems = 50_000;
const kFirst = 'main nav .btn';
const kLimits = { screenMs: 1000, megabytes: 200 };

const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

function row(name, value, unit, limit, budgeted = true) {
    const ours = Number(value.toFixed(1));
    const ratio = Number((ours / limit).toFixed(3));
    console.log(JSON.stringify({ name, ours, unit, reference: limit, referenceName: 'limit', ratio, budget: budgeted ? `${limit} ${unit}` : '', met: !budgeted || ours <= limit })); // biome-ignore format: a row
}

const launchUrl = (house) => until('the kiosk opens', () => readFileSync(house.kiosk.launchFile, 'utf8').trim()); // biome-ignore format: one thought

/** When the first screen was painted, by the browser's own word. */
async function painted(browser) {
    await browser.see(kFirst);
    return until('it is painted', () => browser.look(`(() => {
        const first = performance.getEntriesByName('first-contentful-paint')[0];
        return first && performance.timeOrigin + first.startTime;
    })()`)); // biome-ignore format: one thought
}

const now = () => performance.timeOrigin + performance.now();

/** Service and screen start at once, as at the machine's own start. */
async function cold(house) {
    let begin = 0;
    const onScreen = () => {
        begin = now();
        house.spawnKiosk();
    };
    const browser = await BareBrowser.openPanel(house.kiosk.launchFile, { onScreen });
    const took = (await painted(browser)) - begin;
    await browser.close();
    await house.stopKiosk();
    return took;
}

/** The screen is there (staff closed the kiosk, and it starts again). */
async function warm(house) {
    const browser = await BareBrowser.open('about:blank');
    const begin = now();
    house.spawnKiosk();
    await browser.go(await launchUrl(house));
    const took = (await painted(browser)) - begin;
    await browser.close();
    await house.stopKiosk();
    return took;
}

async function times(turn, house) {
    const all = [];
    for (let n = 0; n < kTurns; n++) all.push(await turn(house));
    return median(all);
}

async function oneSignUp(house) {
    house.spawnKiosk();
    const browser = await BareBrowser.open(await launchUrl(house));
    await browser.see(kFirst);
    const visitor = new Visitor(browser);
    await visitor.toAddress('Anna Vermeer-Puig', 'anna.vermeer@example.org');
    await visitor.toThanks();
    await browser.close();
    await house.stopKiosk();
}

const residentMb = (pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024; // biome-ignore format: one thought
const bytesIn = (folder) => readdirSync(folder).filter((name) => name.startsWith('sealed.db')).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0); // biome-ignore format: a pipe

const house = await WholeHouse.open();
try {
    await until('the kiosk has head office’s key', () => statSync(join(house.kiosk.data, 'intake.json')));
    await house.stopKiosk();
    house.network.goAway();
    row(
        'kiosk: service start to first screen, cold browser',
        await times(cold, house),
        'ms',
        kLimits.screenMs,
    );
    row(
        'kiosk: service start to first screen, browser open',
        await times(warm, house),
        'ms',
        kLimits.screenMs,
    );
    await oneSignUp(house);
    await promisify(execFile)(join(kBuild, 'bench/fill/fill-sealed'), [house.kiosk.data, `${kItems}`]);
    row('kiosk: the same, with 50,000 sealed sign-ups', await times(warm, house), 'ms', kLimits.screenMs);
    const { child, up } = house.spawnKiosk();
    await up;
    const browser = await BareBrowser.open(await launchUrl(house));
    await browser.see(kFirst);
    const visitor = new Visitor(browser);
    await visitor.toAddress('Pau Serra', 'pau.serra@example.org');
    await visitor.toThanks();
    // The most that it ever had, the first of what it sends included.
    house.network.comeBack();
    await until('it sends', () => house.network.carried > 4e6);
    row(
        'kiosk: 50,000 sealed sign-ups on the disk',
        bytesIn(house.kiosk.data) / 1e6,
        'MB',
        kLimits.megabytes,
    );
    row('kiosk: its memory with them, at its most', residentMb(child.pid), 'MB', kLimits.megabytes);
    await browser.close();
} finally {
    await house.close();
}
