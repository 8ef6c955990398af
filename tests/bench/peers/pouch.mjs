// PouchDB behind HTTP, told the events of tests/bench/hub_push.cpp: prints {"push": documents per s, "pull": …}.
// Run by the bench: node pouch.mjs DOCUMENTS.ndjson BATCH
// The server is a process of its own: node's http, pouchdb-core and its LevelDB adapter, nothing else on the way, so that it is no
// slower than it must be. It answers _bulk_docs when PouchDB says that it has the documents, which it does without a sync of the disk.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

function serve(folder) {
    return Promise.all([import('pouchdb-core'), import('pouchdb-adapter-leveldb')]).then(([core, level]) => {
        const PouchDB = core.default.plugin(level.default);
        const db = new PouchDB(path.join(folder, 'events'), { adapter: 'leveldb' });
        const answer = async (request, body) => {
            const url = new URL(request.url, 'http://localhost');
            if (request.method === 'POST' && url.pathname === '/events/_bulk_docs')
                return db.bulkDocs(JSON.parse(body));
            const since = Number(url.searchParams.get('since') ?? 0);
            const limit = Number(url.searchParams.get('limit') ?? 1000);
            return db.changes({ since, limit, include_docs: true });
        };
        const server = http.createServer((request, response) => {
            const pieces = [];
            request.on('data', (piece) => pieces.push(piece));
            request.on('end', async () => {
                const text = JSON.stringify(await answer(request, Buffer.concat(pieces).toString()));
                response.writeHead(200, { 'content-type': 'application/json' }).end(text);
            });
        });
        server.listen(0, '127.0.0.1', () => process.send(server.address().port));
        process.on('disconnect', () => process.exit(0));
    });
}

/** One request on the one kept connection. */
function ask(agent, port, method, target, body) {
    return new Promise((resolve, reject) => {
        const headers = body
            ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
            : {};
        const request = http.request(
            { agent, host: '127.0.0.1', port, method, path: target, headers },
            (response) => {
                const pieces = [];
                response.on('data', (piece) => pieces.push(piece));
                response.on('end', () => resolve(JSON.parse(Buffer.concat(pieces).toString())));
            },
        );
        request.on('error', reject);
        request.end(body);
    });
}

const secondsSince = (start) => Number(process.hrtime.bigint() - start) / 1e9;

async function measure(file, size) {
    const documents = readFileSync(file, 'utf8').trimEnd().split('\n');
    const bodies = [];
    for (let at = 0; at < documents.length; at += size)
        bodies.push(`{"docs":[${documents.slice(at, at + size).join(',')}]}`);
    const folder = mkdtempSync(path.join(tmpdir(), 'souffleur-bench-'));
    const server = fork(process.argv[1], ['serve', folder]);
    try {
        const port = await new Promise((resolve, reject) => {
            server.once('message', resolve);
            server.once('exit', () => reject(new Error('no server')));
        });
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        let start = process.hrtime.bigint();
        for (const body of bodies) {
            const taken = await ask(agent, port, 'POST', '/events/_bulk_docs', body);
            if (taken.some((one) => !one.ok)) throw new Error('a document was not taken');
        }
        const push = documents.length / secondsSince(start);
        start = process.hrtime.bigint();
        let pulled = 0;
        for (let since = 0; ; ) {
            const page = await ask(agent, port, 'GET', `/events/_changes?since=${since}&limit=1000`);
            if (page.results.length === 0) break;
            pulled += page.results.length;
            since = page.last_seq;
        }
        if (pulled !== documents.length) throw new Error(`${pulled} documents came back`);
        console.log(JSON.stringify({ push, pull: pulled / secondsSince(start) }));
        agent.destroy();
    } finally {
        if (server.connected) server.disconnect();
        rmSync(folder, { recursive: true, force: true });
    }
}

if (process.argv[2] === 'serve') await serve(process.argv[3]);
else await measure(process.argv[2], Number(process.argv[3] ?? 1000));
