// A real hub in a folder of its own, with people from an import and one member of staff a role.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const kRoot = fileURLToPath(new URL('../../..', import.meta.url));
const kBuild = process.env.SOUFFLEUR_BUILD ?? join(kRoot, 'build/dev');
const kHub = join(kBuild, 'bin/souffleur-hub');
export const kSouffleur = join(kBuild, 'bin/souffleur');
const kWaitMs = 20_000;
export const kPassword = 'a long enough word';

/** What 64 visitors answered without a name, as head office counts it; too few for some answers to be shown. */
function fillIn(file) {
    const counts = {
        '/': 64, 'first-time/yes': 22, 'first-time/no': 40, 'how-often/once': 12, 'how-often/few': 17, 'how-often/many': 9,
        'how-heard/': 58, 'how-heard/friends': 31, 'how-heard/brochure': 12, 'how-heard/email': 19, 'how-heard/press': 3, 'how-heard/online': 14,
        'age/under-26': 2, 'age/26-40': 11, 'age/41-60': 24, 'age/61-75': 19, 'age/over-75': 6, 'travel/foot': 18, 'travel/bicycle': 29,
        'travel/transit': 9, 'travel/car': 7, 'welcome/3': 6, 'welcome/4': 21, 'welcome/5': 33,
    }; // biome-ignore format: a table
    const rows = Object.entries(counts).map(([key, count]) => [...key.split('/'), count]);
    const script =
        'import json, sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n' +
        'db.executemany("INSERT INTO survey_counts VALUES (\'foyer\', 1, ?, ?, 20770, ?)", json.loads(sys.argv[2]))\ndb.commit()\n';
    execFileSync('python3', ['-c', script, file, JSON.stringify(rows)]);
}

/** `people`: how many lines the import holds. */
export async function openHub(people = 400) {
    const folder = mkdtempSync(join(tmpdir(), 'souffleur-console-'));
    const data = join(folder, 'data');
    const run = (...args) =>
        execFileSync(kHub, ['--data', data, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    run('init');
    const password = join(folder, 'password');
    writeFileSync(password, `${kPassword}\n`, { mode: 0o600 });
    for (const role of ['admin', 'marketing', 'privacy', 'it'])
        run('staff', 'add', '--name', `${role} example`, '--role', role, '--password-file', password);
    // Whom a test locks out: nobody else signs in as them.
    run('staff', 'add', '--name', 'forgetful example', '--role', 'it', '--password-file', password);
    if (people > 0) {
        const file = join(folder, 'people.csv');
        writeFileSync(file, exportOf(people));
        run('import', file, '--system', 'boxoffice', '--sample-house');
    }
    fillIn(join(data, 'hub.db'));
    const ports = join(folder, 'ports.json');
    const child = spawn(
        kHub,
        [
            '--data',
            data,
            'serve',
            '--sample-house',
            '--sync-port',
            '0',
            '--console-port',
            '0',
            '--public-port',
            '0',
            '--ports-file',
            ports,
        ],
        {
            stdio: ['ignore', 'ignore', 'pipe'],
        },
    );
    let said = '';
    child.stderr.on('data', (bytes) => {
        said += bytes;
    });
    const end = Date.now() + kWaitMs;
    for (;;) {
        try {
            const { console: port, public: door } = JSON.parse(readFileSync(ports, 'utf8'));
            return {
                origin: `http://127.0.0.1:${port}`,
                customers: `http://127.0.0.1:${door}`,
                run,
                async close() {
                    const gone = new Promise((resolve) => child.once('exit', resolve));
                    child.kill('SIGTERM');
                    await gone;
                    rmSync(folder, { recursive: true, force: true });
                },
            };
        } catch {
            if (child.exitCode !== null || Date.now() > end) {
                child.kill('SIGKILL');
                throw new Error(`the hub did not start: ${said}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
}

const kGiven = ['Anna', 'Pau', 'Noor', 'Willem', 'Marta', 'Александра', 'Élodie', 'Jürgen'];
const kFamily = ['Vermeer-Puig', 'Serra', 'de Vries', 'Ferrer', 'Иванова', 'Lefèvre', 'Groß', 'van den Berg'];

function exportOf(count) {
    const lines = [
        'Customer number,First name,Last name,E-mail,Language,Newsletter,Consent date,Bounced,Restricted,Do not contact',
    ];
    for (let n = 0; n < count; n++) {
        const given = kGiven[n % kGiven.length];
        const family = kFamily[Math.floor(n / kGiven.length) % kFamily.length];
        const answer = ['yes', 'no', ''][n % 3];
        lines.push(
            `C${n},${given},${family} ${n},person${n}@example.org,nl,${answer},${answer ? '2025-03-04' : ''},${n === 3 ? 'yes,yes' : ','},${n === 5 ? 'yes' : ''}`,
        );
    }
    return `${lines.join('\n')}\n`;
}
