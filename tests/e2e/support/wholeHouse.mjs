// A house as its people set it up: head office that mails through a real SMTP server, a till and a kiosk, each a process of its own, and a
// network between them that can be away.
import { execFile, spawn } from 'node:child_process';
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { kBuild, until } from './house.mjs';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kPin = '204817';
const program = (name) => join(kBuild, 'bin', name);
const ended = (child) => new Promise((go) => (child.exitCode ?? child.signalCode) !== null ? go() : child.once('exit', go)); // biome-ignore format: one thought

/** What devices reach head office through: a port that stays, and what is behind it comes and goes. */
class Network {
    /** Bytes that went through it, both ways. */
    carried = 0;
    #sockets = new Set();
    #there = true;
    #server = createServer((near) => this.#join(near));

    constructor(port) {
        this.behind = port;
    }

    async open() {
        await new Promise((go) => this.#server.listen(0, '127.0.0.1', go));
        this.port = this.#server.address().port;
    }

    #join(near) {
        if (!this.#there) return near.destroy();
        const far = connect(this.behind, '127.0.0.1');
        for (const [one, other] of [[near, far], [far, near]]) {
            this.#sockets.add(one);
            one.on('error', () => {}).on('close', () => {
                this.#sockets.delete(one);
                other.destroy();
            });
            one.on('data', (bytes) => {
                this.carried += bytes.length;
            });
            one.pipe(other);
        } // biome-ignore format: a pair
    }

    goAway() {
        this.#there = false;
        for (const each of this.#sockets) each.destroy();
    }

    comeBack() {
        this.#there = true;
    }

    async close() {
        this.goAway();
        await new Promise((go) => this.#server.close(go));
    }
}

export class WholeHouse {
    folder = mkdtempSync(join(tmpdir(), 'souffleur-whole-'));
    mails = join(this.folder, 'mails');
    #children = [];

    static async open() {
        const house = new WholeHouse();
        await house.#openMail();
        await house.#openHub();
        await house.#openTill();
        await house.#openKiosk();
        return house;
    }

    #run(name, ...args) {
        // Never while this process waits: the network is in it.
        return promisify(execFile)(program(name), args);
    }

    #start(command, args) {
        const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
        child.said = '';
        child.stderr.on('data', (bytes) => {
            child.said += bytes;
        });
        this.#children.push(child);
        return child;
    }

    #ready(child, file) {
        return until(`${file} is there`, () => {
            if (child.exitCode !== null) throw new Error(`ended: ${child.said}`);
            return readFileSync(file, 'utf8');
        });
    }

    #private(name, text) {
        const file = join(this.folder, name);
        writeFileSync(file, text, { mode: 0o600 });
        return file;
    }

    async #openMail() {
        mkdirSync(this.mails);
        // Debian's own Python, which has the package.
        const server = this.#start('/usr/bin/python3', [`${kRoot}/tests/integration/mail/server.py`, 'plain', this.mails]); // biome-ignore format: one thought
        this.mailPort = Number(await this.#ready(server, join(this.mails, 'port')));
    }

    async #openHub() {
        this.hub = join(this.folder, 'hub');
        await this.#run('souffleur-hub', '--data', this.hub, 'init');
        const mail = this.#private('mail.toml', `transport = "smtp"\nhost = "localhost"\nport = ${this.mailPort}\nsecurity = "none"\nfrom = "no-reply@example.org"\nsettle-seconds = 1\npublic-url = "http://127.0.0.1:0"\n`); // biome-ignore format: a file
        const ports = join(this.folder, 'hub-ports.json');
        const hub = this.#start(program('souffleur-hub'), ['--data', this.hub, 'serve', '--sample-house', '--with-parent', '--sync-port', '0', '--console-port', '0', '--public-port', '0', '--ports-file', ports, '--mail', mail]); // biome-ignore format: a command
        const { sync } = JSON.parse(await this.#ready(hub, ports));
        this.network = new Network(sync);
        await this.network.open();
    }

    /** Invited, enrolled and approved; gives its folder. */
    async #enrol(kind, name, place) {
        const invitation = join(this.folder, `${place}.invitation`);
        const data = join(this.folder, place);
        const url = `https://127.0.0.1:${this.network.port}`;
        await this.#run('souffleur-hub', '--data', this.hub, 'invite', '--kind', kind, '--name', name, '--place', place, '--url', url, '--out', invitation); // biome-ignore format: a command
        const { stdout } = await this.#run('souffleur', '--data', data, kind, 'enrol', invitation);
        await this.#run('souffleur-hub', '--data', this.hub, 'approve', stdout.trim());
        return data;
    }

    async #openTill() {
        const data = await this.#enrol('terminal', 'Till 1', 'till-1');
        const pin = this.#private('till.pin', kPin);
        await this.#run('souffleur', '--data', data, 'operator', 'add', '--name', 'Noor', '--role', 'cashier', '--pin-file', pin); // biome-ignore format: a command
        const ports = join(this.folder, 'till-ports.json');
        const launchFile = join(this.folder, 'till.launch');
        const child = this.#start(program('souffleur'), ['--data', data, 'terminal', 'run', '--with-parent', '--api-port', '0', '--ports-file', ports, '--host-socket', join(this.folder, 'host', 'host.sock'), '--launch-file', launchFile, '--language', 'en', '--sync-interval', '1']); // biome-ignore format: a command
        await this.#ready(child, ports);
        this.till = { launchFile, cashier: 'Noor', pin: kPin };
    }

    async #openKiosk() {
        const data = await this.#enrol('kiosk', 'Foyer', 'foyer');
        this.kiosk = { data, launchFile: join(this.folder, 'foyer.launch'), ports: join(this.folder, 'foyer-ports.json') }; // biome-ignore format: one thought
        await this.startKiosk();
    }

    /** Gives its process at once; it is ready when the promise `up` is. */
    spawnKiosk() {
        const { data, launchFile, ports } = this.kiosk;
        for (const file of [launchFile, ports]) rmSync(file, { force: true });
        const child = this.#start(program('souffleur'), ['--data', data, 'kiosk', 'run', '--with-parent', '--api-port', '0', '--ports-file', ports, '--launch-file', launchFile, '--sync-interval', '1']); // biome-ignore format: a command
        this.kiosk.process = child;
        return { child, up: this.#ready(child, ports) };
    }

    startKiosk() {
        return this.spawnKiosk().up;
    }

    async stopKiosk() {
        this.kiosk.process.stdin.end();
        await ended(this.kiosk.process);
    }

    /** What was mailed, oldest first, as it came. */
    letters() {
        if (!existsSync(this.mails)) return [];
        return readdirSync(this.mails).filter((name) => name.endsWith('.eml')).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)).map((name) => readFileSync(join(this.mails, name), 'utf8')); // biome-ignore format: a pipe
    }

    async close() {
        for (const child of this.#children.reverse()) {
            child.stdin.end();
            await ended(child);
        }
        await this.network?.close();
        rmSync(this.folder, { recursive: true, force: true });
    }
}
