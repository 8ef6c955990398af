// Stands in for the kiosk process: the built page under the policy it is served with, and answers on command. What the page sends is
// held against kiosk/lobby/openapi.yaml. Nothing is decided here; deciding is the real process's work.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import * as lobbies from './lobbies.mjs';

const kTypes = {
    '.html': 'text/html; charset=utf-8',
    '.js': 'text/javascript; charset=utf-8',
    '.css': 'text/css; charset=utf-8',
    '.woff2': 'font/woff2',
    '.svg': 'image/svg+xml',
};
const kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
const kBase = '/api/kiosk/v1';
const kSecret = 'pX0t1cVwz9H5n2mQy7ulUA';
const kRequests = {
    'POST /session': 'LaunchRequest',
    'POST /checks': 'CheckRequest',
    'POST /sign-ups': 'SignUpRequest',
    'POST /surveys': 'SurveyRequest',
    'POST /withdrawals': 'WithdrawRequest',
    'POST /staff/sign-in': 'StaffPin',
};

export class FakeLobby {
    /** All that came in, oldest first: {route, body}. */
    requests = [];
    answers = new Map();
    /** Whether it answers at all; a process that died does not. */
    alive = true;
    #root;
    #server = createServer((request, response) => void this.#serve(request, response));

    constructor(root) {
        this.#root = root;
    }

    async listen() {
        await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
        this.origin = `http://127.0.0.1:${this.#server.address().port}`;
        return this.origin;
    }

    async close() {
        this.#server.closeAllConnections();
        await new Promise((resolve) => this.#server.close(resolve));
    }

    /** Forgets what came in and every special answer; asks what `house` asks. */
    be(house, health = lobbies.health({ houseRevision: house.revision })) {
        this.requests.length = 0;
        this.answers.clear();
        this.alive = true;
        this.house = house;
        this.health = health;
    }

    /** How `METHOD /path` answers: {status, body}, or a function of the body that gives it. */
    answer(route, reply) {
        this.answers.set(route, reply);
    }

    sent(route) {
        return this.requests.filter((request) => request.route === route).map(({ body }) => body);
    }

    async #serve(request, response) {
        const { pathname, search } = new URL(request.url, this.origin);
        if (!pathname.startsWith(`${kBase}/`)) return this.#file(pathname, search, response);
        if (!this.alive) return request.socket.destroy();
        const route = `${request.method} ${pathname.slice(kBase.length)}`;
        let text = '';
        for await (const piece of request) text += piece;
        const body = text ? JSON.parse(text) : undefined;
        this.requests.push({ route, body });
        const schema = kRequests[route];
        const wrong = schema ? lobbies.lobby.complaintsAt(`schemas/${schema}`, body) : [];
        if (wrong.length) this.complaints = [...(this.complaints ?? []), ...wrong];
        const known = route === 'POST /session' || request.headers['x-souffleur-session'] === kSecret;
        const reply = known
            ? (this.answers.get(route) ?? this.#usual(route))
            : lobbies.problem(401, 'session-needed');
        const { status = 200, body: told } = typeof reply === 'function' ? await reply(body) : reply;
        response.writeHead(status, {
            'cache-control': 'no-store',
            'content-type': status < 400 ? 'application/json' : 'application/problem+json',
        });
        response.end(told === undefined ? undefined : JSON.stringify(told));
    }

    #usual(route) {
        switch (route) {
            case 'POST /session':
                return { status: 201, body: { secret: kSecret } };
            case 'GET /house':
                return { body: this.house };
            case 'GET /health':
                return { body: this.health };
            case 'POST /checks':
                return lobbies.checked;
            case 'POST /sign-ups':
                return { status: 201, body: lobbies.signedUp() };
            case 'POST /sign-ups/slip':
            case 'POST /staff/test-slip':
                return { status: 202, body: { queued: true } };
            case 'POST /surveys':
                return { status: 201, body: { taken: true } };
            case 'POST /withdrawals':
                return { status: 201, body: { accepted: true } };
            case 'POST /wipe':
            case 'POST /staff/sign-out':
                return { status: 204 };
            case 'POST /staff/close':
                return { status: 202 };
            case 'POST /staff/sign-in':
            case 'POST /staff/status':
                return { body: lobbies.staffStatus() };
            default:
                return lobbies.problem(404, 'not-found');
        }
    }

    #file(pathname, search, response) {
        // Nothing of a visitor ever stands in an address.
        if (search) this.complaints = [...(this.complaints ?? []), `a query: ${search}`];
        try {
            const page = pathname === '/' || pathname === '/again';
            const path = join(this.#root, normalize(page ? '/index.html' : pathname));
            const bytes = readFileSync(path);
            response.writeHead(200, {
                'content-type': kTypes[extname(path)] ?? 'application/octet-stream',
                'cache-control': page ? 'no-store' : 'public, max-age=31536000, immutable',
                'cross-origin-opener-policy': 'same-origin',
                'cross-origin-resource-policy': 'same-origin',
                ...(pathname === '/again' ? { 'cross-origin-embedder-policy': 'require-corp' } : {}),
                'content-security-policy': kPolicy,
                'x-content-type-options': 'nosniff',
            });
            response.end(bytes);
        } catch {
            response.writeHead(404).end();
        }
    }
}
