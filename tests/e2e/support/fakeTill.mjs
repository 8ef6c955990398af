// A terminal's loopback API as far as the panel can tell: the states to look at are set from outside, every body in and
// out is checked against plugin/api/openapi.yaml. Nothing is decided here; deciding is the real terminal's work.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fitting } from './contract.mjs';

const kTypes = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.woff2': 'font/woff2',
    '.svg': 'image/svg+xml',
};
const kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

export class FakeTill {
    requests = [];
    answers = new Map();
    /** Files that hold this text are not served. */
    missing = '';
    #feeds = new Set();
    #root;
    #server = createServer((request, response) => void this.#serve(request, response));

    constructor(root) {
        this.#root = root;
    }

    /** Listens on a free loopback port; resolves to the origin. */
    async listen() {
        await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
        this.origin = `http://127.0.0.1:${this.#server.address().port}`;
        return this.origin;
    }

    async close() {
        for (const feed of this.#feeds) feed.destroy();
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    /** What the terminal is: session and desk now; told to every page that listens. */
    set(session, desk) {
        this.session = fitting('Session', session);
        this.desk = desk && fitting('Desk', desk);
        this.tell('lock', session);
        if (this.#open && desk) this.tell(desk.customer ? 'flag' : 'cleared', desk);
    }

    /** Sends one event to every page. */
    tell(event, data) {
        for (const feed of this.#feeds) feed.write(line(event, data));
    }

    /** Breaks every feed, as a terminal that dies does. */
    drop() {
        for (const feed of this.#feeds) feed.destroy();
    }

    /** How `METHOD /path` answers: a function of the body (it may wait), or {status, body}. */
    answer(route, reply) {
        this.answers.set(route, reply);
    }

    get #open() {
        return this.session.state === 'signed-in' || this.session.state === 'unidentified';
    }

    async #serve(request, response) {
        const { pathname } = new URL(request.url, this.origin);
        if (!pathname.startsWith('/api/v1/')) return this.#file(pathname, response);
        const route = `${request.method} ${pathname.slice('/api/v1'.length)}`;
        if (route === 'GET /feed') return this.#feed(request, response);
        let text = '';
        for await (const piece of request) text += piece;
        const body = text ? JSON.parse(text) : undefined;
        this.requests.push({ route, body, headers: request.headers });
        const reply = this.answers.get(route) ?? this.#usual(route);
        const { status = 200, body: told } = typeof reply === 'function' ? await reply(body) : reply;
        response.writeHead(status, {
            'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        });
        response.end(JSON.stringify(told));
    }

    #usual(route) {
        if (route === 'POST /session') {
            return {
                status: 201,
                body: fitting('SessionStart', { secret: 'pX0t1cVwz9H5n2mQy7ulUA', session: this.session }),
            };
        }
        if (route === 'GET /desk') return { body: this.desk };
        return {
            status: 404,
            body: fitting('Problem', { type: 'about:blank', title: 'none', status: 404, code: 'not-found' }),
        };
    }

    #feed(request, response) {
        if (request.headers['x-souffleur-session'] !== 'pX0t1cVwz9H5n2mQy7ulUA') {
            response.writeHead(401).end();
            return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        this.language = request.headers['accept-language'];
        this.onlanguage?.(this.language);
        response.write(line('lock', this.session));
        if (this.#open && this.desk) response.write(line(this.desk.customer ? 'flag' : 'cleared', this.desk));
        this.#feeds.add(response);
        response.on('close', () => this.#feeds.delete(response));
    }

    #file(pathname, response) {
        const path = join(this.#root, normalize(pathname === '/' ? '/index.html' : pathname));
        try {
            const bytes = readFileSync(path);
            if (this.missing && bytes.includes(this.missing)) throw new Error('missing');
            response.writeHead(200, {
                'content-type': kTypes[extname(path)] ?? 'application/octet-stream',
                'content-security-policy': kPolicy,
                'x-content-type-options': 'nosniff',
            });
            response.end(bytes);
        } catch {
            response.writeHead(404).end();
        }
    }
}

const line = (event, data) =>
    `event: ${event}\n${data.revision ? `id: ${data.revision}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
