// Chromium as a kiosk runs it, with nothing between: driven over its own pipe by touches and single keys, so that no tool of the test puts
// what a visitor typed into the browser's memory. And a search of that memory, of its files and of other processes.
import { spawn } from 'node:child_process';
import {
    closeSync,
    existsSync,
    mkdtempSync,
    openSync,
    readdirSync,
    readFileSync,
    readSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './house.mjs';

const kPipe = '--remote-debugging-pipe';
const kFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--touch-events=enabled']; // biome-ignore format: a list
const kPiece = 4 * 1024 * 1024;

export class BareBrowser {
    #child;
    #screen;
    #next = 1;
    #waiting = new Map();
    #session;
    profile = mkdtempSync(join(tmpdir(), 'souffleur-browser-'));

    /** A browser without a screen that shows `address`, with a profile of its own. */
    static async open(address, { width = 1080, height = 1920 } = {}) {
        const browser = new BareBrowser();
        browser.#start('/usr/bin/chromium', ['--headless=new', '--no-first-run', kPipe, ...kFlags, `--window-size=${width},${height}`, `--user-data-dir=${browser.profile}`, 'about:blank']); // biome-ignore format: a command
        await browser.#attach();
        await browser.tell('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false }); // biome-ignore format: one thought
        await browser.go(address);
        return browser;
    }

    /** The one that a kiosk's own start script opens, on the page of that launch file, alone on a screen (an X server's, in memory); `onScreen` is called once that is there. */
    static async openPanel(launchFile, { width = 1080, height = 1920, onScreen = () => {} } = {}) {
        const browser = new BareBrowser();
        browser.#screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }); // biome-ignore format: a command
        const display = await new Promise((go, fail) => {
            browser.#screen.stdio[3].once('data', (bytes) => go(`${bytes}`.trim()));
            browser.#screen.once('error', fail);
        });
        const script = fileURLToPath(new URL('../../../firmware-config/chromium/souffleur-panel', import.meta.url)); // biome-ignore format: one thought
        const options = [...kFlags, '--window-position=0,0', `--window-size=${width},${height}`].join(' ');
        // The first is driven over the pipe, which ends with it.
        const program = join(browser.profile, 'browser');
        writeFileSync(program, `#!/bin/sh\nfirst=${kPipe}\n[ ! -e "$0.begun" ] || first=\n: >"$0.begun"\nexec /usr/bin/chromium $first "$@"\n`, { mode: 0o700 }); // biome-ignore format: a script
        const env = { ...process.env, DISPLAY: `:${display}`, XDG_RUNTIME_DIR: browser.profile, SOUFFLEUR_BROWSER: program, SOUFFLEUR_BROWSER_OPTIONS: options }; // biome-ignore format: one thought
        onScreen();
        browser.#start('/bin/sh', [script, '--lobby', launchFile], env);
        await browser.#attach();
        return browser;
    }

    async #attach() {
        const page = await until('a page opens', async () => {
            const { targetInfos } = await this.#ask('Target.getTargets');
            return targetInfos.find((target) => target.type === 'page');
        });
        const { sessionId } = await this.#ask('Target.attachToTarget', { targetId: page.targetId, flatten: true }); // biome-ignore format: one thought
        this.#session = sessionId;
    }

    /** Waits until its start script has begun another one, in which none of `pids` is left. That one can be looked into, not driven. */
    async another(pids) {
        await until('another browser is there', () => {
            const all = this.processes();
            return all.some(({ kind }) => kind === 'browser') && all.every(({ pid }) => !pids.includes(pid));
        });
    }

    go(address) {
        return this.tell('Page.navigate', { url: address });
    }

    #start(command, args, env = process.env) {
        this.#child = spawn(command, args, { env, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
        let text = '';
        this.#child.stdio[4].on('data', (bytes) => {
            text += bytes;
            const messages = text.split('\0');
            text = messages.pop();
            for (const message of messages) this.#heard(JSON.parse(message));
        });
    }

    #heard({ id, error, result }) {
        const { go, fail } = this.#waiting.get(id) ?? {};
        this.#waiting.delete(id);
        if (error) fail?.(new Error(error.message));
        else go?.(result);
    }

    #ask(method, params = {}, sessionId = undefined) {
        const id = this.#next++;
        this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        return new Promise((go, fail) => this.#waiting.set(id, { go, fail }));
    }

    /** A command of the DevTools protocol, to the page. */
    tell(method, params) {
        return this.#ask(method, params, this.#session);
    }

    /** What an expression in the page gives; never ask for what was typed. */
    async look(expression) {
        const { result, exceptionDetails } = await this.tell('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }); // biome-ignore format: one thought
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
        return result.value;
    }

    /** Waits until the page holds what `selector` names. */
    async see(selector) {
        await until(`${selector} is there`, () => this.look(`!!document.querySelector(${JSON.stringify(selector)})`)); // biome-ignore format: one thought
    }

    /** Touches the one that `selector` names, by a finger, `across` of its width from its left. */
    async touch(selector, across = 0.5) {
        const at = await until(`${selector} can be touched`, () =>
            this.look(`(() => {
                const el = document.querySelector(${JSON.stringify(selector)});
                el?.scrollIntoView({ block: 'center' });
                const box = el?.getBoundingClientRect();
                return box?.width ? { x: Math.round(box.x + box.width * ${across}), y: Math.round(box.y + box.height / 2) } : null;
            })()`),
        );
        await this.tell('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
        await this.tell('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    }

    /** Types as a hardware keyboard does, one key after another. */
    async type(text) {
        for (const sign of text) {
            await this.tell('Input.dispatchKeyEvent', { type: 'keyDown', text: sign, key: sign });
            await this.tell('Input.dispatchKeyEvent', { type: 'keyUp', key: sign });
        }
    }

    async press(key, keyCode) {
        const event = { key, code: key, windowsVirtualKeyCode: keyCode };
        await this.tell('Input.dispatchKeyEvent', { type: 'keyDown', text: key === 'Enter' ? '\r' : undefined, ...event }); // biome-ignore format: one thought
        await this.tell('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    }

    /** All its processes: pid and what each is for. */
    processes() {
        const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).flatMap((pid) => {
            try {
                const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
                const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
                const said = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
                const kind = /--type=([\w-]+)/.exec(said)?.[1] ?? (/chromium\0/.test(said) ? 'browser' : 'other');
                return [{ pid, parent, kind, said }];
            } catch {
                return []; // it ended meanwhile
            }
        }); // biome-ignore format: a pipe
        const ours = new Set([this.#child.pid]);
        for (let before = 0; before !== ours.size; ) {
            before = ours.size;
            for (const each of all) if (ours.has(each.parent)) ours.add(each.pid);
        }
        return all.filter((each) => ours.has(each.pid));
    }

    async close() {
        const all = this.processes().map(({ pid }) => pid);
        // A start script ends its browser; a browser of our own is asked.
        if (this.#child.spawnfile === '/bin/sh') this.#child.kill('SIGTERM');
        else void this.#ask('Browser.close').catch(() => {});
        await until('all has ended', () => all.every((pid) => !existsSync(`/proc/${pid}`)));
        this.#screen?.kill('SIGTERM');
        rmSync(this.profile, { recursive: true, force: true });
    }
}

const spellings = (text) => [Buffer.from(text, 'utf8'), Buffer.from(text, 'utf16le')];

function countIn(bytes, wanted) {
    let count = 0;
    for (const each of wanted)
        for (let at = bytes.indexOf(each); at >= 0; at = bytes.indexOf(each, at + 1)) count++;
    return count;
}

/** How often one of `texts` stands in what process `pid` can read of its own memory, in UTF-8 or UTF-16. 0 when the process is gone. */
export function inMemory(pid, ...texts) {
    const wanted = texts.flatMap(spellings);
    const overlap = Math.max(...wanted.map((each) => each.length)) - 1;
    let maps;
    let memory;
    try {
        maps = readFileSync(`/proc/${pid}/maps`, 'latin1');
        memory = openSync(`/proc/${pid}/mem`, 'r');
    } catch (error) {
        if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
        throw error;
    }
    let count = 0;
    const buffer = Buffer.allocUnsafe(kPiece + overlap);
    for (const line of maps.split('\n')) {
        const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r\S* /.exec(line) ?? [];
        if (!from || /\[v/.test(line)) continue;
        const end = Number.parseInt(to, 16);
        for (let at = Number.parseInt(from, 16); at < end; at += kPiece) {
            let read = 0;
            try {
                read = readSync(memory, buffer, 0, Math.min(kPiece + overlap, end - at), at);
            } catch {
                continue; // a hole, or it ended meanwhile
            }
            count += countIn(buffer.subarray(0, read), wanted);
        }
    }
    closeSync(memory);
    return count;
}

/** The files below `folder` that hold `text`. */
export function filesWith(folder, text) {
    return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter((file) => countIn(readFileSync(file), spellings(text)) > 0); // biome-ignore format: a pipe
}
