// A demo house of real processes (hub, two tills, virtual printer) and its sample box office, for tests and benchmarks.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
export const kBuild = resolve(kRoot, process.env.SOUFFLEUR_BUILD ?? 'build/dev');
const kBin = join(kBuild, 'bin');
const kLookMs = 25;
const kDeadlineMs = 60_000;

/** Asks again until `look` gives something true; files and pages that are not there yet count as not yet. */
export async function until(what, look, deadlineMs = kDeadlineMs) {
    const end = performance.now() + deadlineMs;
    let last;
    while (performance.now() < end) {
        try {
            const found = await look();
            if (found) return found;
        } catch (error) {
            last = error;
        }
        await new Promise((go) => setTimeout(go, kLookMs));
    }
    throw new Error(`${what}: not within ${deadlineMs / 1000} s${last ? ` (${last.message})` : ''}`);
}

const ended = (child) => new Promise((go) => (child.exitCode ?? child.signalCode) !== null ? go() : child.once('exit', go)); // biome-ignore format: one thought

/** Opened with `House.open()`; `demo` is what demo.json says. */
export class House {
    static async open(people = 300) {
        const house = new House();
        house.folder = mkdtempSync(join(tmpdir(), 'souffleur-e2e-'));
        house.root = join(house.folder, 'house');
        const options = [
            'demo',
            '--headless',
            '--with-parent',
            '--people',
            `${people}`,
            '--folder',
            house.root,
        ];
        house.process = spawn(join(kBin, 'souffleur'), options, { stdio: ['pipe', 'inherit', 'inherit'] });
        house.demo = await until('the demo house opens', () => {
            if (house.process.exitCode !== null) throw new Error('the demo ended before it was open');
            const demo = JSON.parse(readFileSync(join(house.root, 'demo.json'), 'utf8'));
            return demo.tills && demo;
        });
        return house;
    }

    /** The address of a till's page, with a fresh one-time token. */
    launchUrl(till = 0) {
        return readFileSync(this.demo.tills[till].launchFile, 'utf8').trim();
    }

    /** The example customer who shall show `flag`. */
    example(flag) {
        return this.demo.examples.find((each) => each.flag === flag);
    }

    /** Names of the slips that came out so far, `.png` left off. */
    slips() {
        if (!existsSync(this.demo.paperFolder)) return [];
        const files = readdirSync(this.demo.paperFolder);
        return files.filter((f) => f.endsWith('.png') && files.includes(f.replace('.png', '.txt'))).map((f) => f.slice(0, -4)).sort(); // biome-ignore format: a pipe
    }

    paper(slip, kind) {
        return readFileSync(join(this.demo.paperFolder, `${slip}.${kind}`), kind === 'txt' ? 'utf8' : null);
    }

    /** What the processes wrote, for whoever looks at a failure. */
    logs() {
        const folder = join(this.root, 'log');
        if (!existsSync(folder)) return '';
        return readdirSync(folder).map((f) => `--- ${f}\n${readFileSync(join(folder, f), 'utf8').slice(-4000)}`).join('\n'); // biome-ignore format: a pipe
    }

    /** Closes every process and takes the folder away. */
    async close() {
        for (const office of this.offices) {
            office.stdin.end();
            await ended(office);
        }
        this.process.stdin.end();
        await ended(this.process);
        rmSync(this.folder, { recursive: true, force: true });
    }

    offices = [];

    /** A ticketing system beside till `till`: the sample box office, which loads the C library. */
    office(till = 0) {
        const { socket } = this.demo.tills[till];
        const options = [
            '--socket',
            socket,
            '--system',
            this.demo.system,
            '--library',
            this.demo.library,
            '--script',
            '-',
        ];
        const office = spawn(join(kBin, 'souffleur-boxoffice'), options, {
            stdio: ['pipe', 'ignore', 'inherit'],
        });
        this.offices.push(office);
        const tell = (...lines) => office.stdin.write(lines.map((line) => `${line}\n`).join(''));
        tell('wait-terminal 20000');
        return { tell, process: office };
    }
}

/** Trades the name and PIN at the sign-in of `page`, by tap. */
export async function signIn(page, { cashier, pin }) {
    await page.locator('.names button', { hasText: cashier }).click();
    for (const digit of pin) await page.locator('.pad button', { hasText: digit }).click();
    await page.waitForSelector('.panel');
}
