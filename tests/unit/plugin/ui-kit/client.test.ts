import { expect, test } from 'vitest';
import { Client, fillPath } from '../../../../plugin/ui-kit/src/api/client.ts';
import type { paths } from '../../../../plugin/ui-kit/src/api/schema.gen.ts';

const kProblem = { type: 'about:blank', title: 'stale', status: 409, code: 'stale-questions' };

function clientOf(answer: () => Promise<Response>, seen: RequestInit[] = []) {
    return new Client<paths>({
        base: 'http://127.0.0.1:1/api/v1',
        secret: () => 'secret',
        language: () => 'ca',
        fetch: (_url, init) => {
            seen.push(init ?? {});
            return answer();
        },
    });
}

test('sends the secret and the language, and JSON only with a body', async () => {
    const seen: RequestInit[] = [];
    const client = clientOf(() => Promise.resolve(Response.json({ operators: [] })), seen);
    await client.get('/operators');
    await client.post('/desk/rush', { on: true });
    const headers = seen.map((init) => init.headers as Record<string, string>);
    expect(headers[0]).toMatchObject({ 'X-Souffleur-Session': 'secret', 'Accept-Language': 'ca' });
    expect(headers[0]).not.toHaveProperty('Content-Type');
    expect(headers[1]).toMatchObject({ 'Content-Type': 'application/json' });
    expect(seen[1]?.body).toBe('{"on":true}');
});

test('a problem is a value', async () => {
    const client = clientOf(() => Promise.resolve(Response.json(kProblem, { status: 409 })));
    expect(await client.post('/desk/rush', { on: true })).toEqual({ ok: false, trouble: kProblem });
});

test.each([
    ['no answer', () => Promise.reject(new TypeError('refused'))],
    ['no JSON', () => Promise.resolve(new Response('<html>'))],
])('%s reads as unreachable', async (_name, answer) => {
    const reply = await clientOf(answer).get('/desk');
    expect(reply).toEqual({ ok: false, trouble: { code: 'unreachable', status: 0 } });
});

test('places in a path are escaped', () => {
    expect(fillPath('/acts/{actId}/undo', { actId: '../x?' }, {})).toBe('/acts/..%2Fx%3F/undo');
    expect(fillPath('/x', {}, { after: 'a b' })).toBe('/x?after=a+b');
});
