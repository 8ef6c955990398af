// Stands in for the terminal behind the customer's own screen: the built page under the policy it is served with. What the page sends is
// held against plugin/api/screen.yaml. Nothing is decided here; deciding is the real terminal's work.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { openContract } from './contract.mjs';

export const contract = openContract('plugin/api/screen.yaml');
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
const kBase = '/api/screen/v1';
const kSecret = 'pX0t1cVwz9H5n2mQy7ulUA';
const kRequests = {
    'POST /session': 'LaunchRequest',
    'POST /language': 'LanguageRequest',
    'POST /touch': 'HandOverRef',
    'POST /answers': 'AnswerRequest',
    'POST /give-back': 'HandOverRef',
};

export class FakeScreen {
    requests = [];
    answers = new Map();
    complaints = [];
    #feeds = new Set();
    #beat;
    #root;
    #server = createServer((request, response) => void this.#serve(request, response));

    constructor(root) {
        this.#root = root;
    }

    async listen() {
        await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
        this.#beat = setInterval(() => {
            for (const feed of this.#feeds) feed.write(':\n\n');
        }, 2000);
        this.origin = `http://127.0.0.1:${this.#server.address().port}`;
        return this.origin;
    }

    async close() {
        clearInterval(this.#beat);
        for (const feed of this.#feeds) feed.destroy();
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    /** What is shown from now on: null, or what is asked under an id of its own. */
    show(house, asked) {
        this.requests.length = 0;
        this.answers.clear();
        this.tell({ ...house, asked: asked && { handOverId: randomUUID(), ...asked } });
    }

    tell(shown) {
        this.shown = contract.fitting('Shown', shown);
        for (const feed of this.#feeds) feed.write(line(this.shown));
    }

    get pages() {
        return this.#feeds.size;
    }

    drop() {
        for (const feed of this.#feeds) feed.destroy();
    }

    answer(route, reply) {
        this.answers.set(route, reply);
    }

    sent(route) {
        return this.requests.filter((request) => request.route === route).map(({ body }) => body);
    }

    problem(status, code, more = {}) {
        return {
            status,
            body: contract.fitting('Problem', { type: 'about:blank', title: 'no', status, code, ...more }),
        };
    }

    async #serve(request, response) {
        const { pathname, search } = new URL(request.url, this.origin);
        if (search) this.complaints.push(`a query: ${search}`);
        if (!pathname.startsWith(`${kBase}/`)) return this.#file(pathname, response);
        const route = `${request.method} ${pathname.slice(kBase.length)}`;
        const known = route === 'POST /session' || request.headers['x-souffleur-session'] === kSecret;
        if (route === 'GET /feed') {
            if (!known) return response.writeHead(401).end();
            response.writeHead(200, { 'content-type': 'text/event-stream' });
            response.write(line(this.shown));
            this.#feeds.add(response);
            return response.on('close', () => this.#feeds.delete(response));
        }
        let text = '';
        for await (const piece of request) text += piece;
        const body = text ? JSON.parse(text) : undefined;
        this.requests.push({ route, body });
        const schema = kRequests[route];
        this.complaints.push(
            ...(schema ? contract.complaintsAt(`schemas/${schema}`, body) : [`strange: ${route}`]),
        );
        const reply = this.answers.get(route) ?? this.#usual(route, body);
        const { status = 200, body: told } = typeof reply === 'function' ? await reply(body) : reply;
        response.writeHead(status, {
            'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        });
        response.end(told === undefined ? undefined : JSON.stringify(told));
    }

    #usual(route, body) {
        if (route === 'POST /session') return { status: 201, body: { secret: kSecret } };
        if (body?.handOverId !== this.shown.asked?.handOverId) return this.problem(409, 'not-with-you');
        if (route === 'POST /touch') return { status: 204 };
        const none = { ...this.shown, asked: null };
        if (route === 'POST /give-back') this.tell(none);
        if (route === 'POST /answers') this.tell(none);
        return route === 'POST /answers'
            ? { status: 201, body: contract.fitting('Answered', { confirmByMail: false }) }
            : { status: 204 };
    }

    #file(pathname, response) {
        try {
            const path = join(this.#root, normalize(pathname === '/' ? '/index.html' : pathname));
            const bytes = readFileSync(path);
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

const line = (shown) => `event: shown\ndata: ${JSON.stringify(shown)}\n\n`;
