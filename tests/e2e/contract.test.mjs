// What the real API answers, held against plugin/api/openapi.yaml: integration-api writes its answers down, this reads them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { api, complaintsAt } from './support/contract.mjs';

const build = process.env.SOUFFLEUR_BUILD ?? new URL('../../build/dev', import.meta.url).pathname;

function answers() {
    const folder = mkdtempSync(join(tmpdir(), 'souffleur-contract-'));
    try {
        const file = join(folder, 'answers');
        execFileSync(join(build, 'tests/integration-api'), {
            env: { ...process.env, SOUFFLEUR_ANSWERS: file },
            stdio: 'ignore',
        });
        return readFileSync(file, 'utf8')
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** The operation of the contract that a request met; a literal segment wins over a parameter. */
function operationOf({ method, path }) {
    const asked = path.split('?')[0].split('/');
    const fits = Object.keys(api.paths).filter((template) => {
        const segments = template.split('/');
        return (
            api.paths[template][method.toLowerCase()] &&
            segments.length === asked.length &&
            segments.every((segment, i) => segment.startsWith('{') || segment === asked[i])
        );
    });
    const template = fits.sort((a, b) => a.split('{').length - b.split('{').length)[0];
    return template && api.paths[template][method.toLowerCase()];
}

/** Where the schema of an answer stands, below the components; null for a schema without a name. */
function schemaOf(operation, { status, type }) {
    const promised = operation.responses[status] ?? operation.responses.default;
    const named = promised.$ref?.split('/').slice(2).join('/');
    const response = named ? api.components.responses[named.split('/')[1]] : promised;
    return response.content[type]?.schema?.$ref?.split('/').slice(2).join('/') ?? null;
}

test('every answer of the real API fits the contract', () => {
    const seen = new Set();
    const complaints = [];
    for (const answer of answers()) {
        const operation = operationOf(answer);
        if (!operation) {
            assert.ok([404, 405].includes(answer.status), `${answer.method} ${answer.path}`);
            complaints.push(...complaintsAt('schemas/Problem', answer.body));
            continue;
        }
        if (answer.status < 400) seen.add(operation.operationId);
        const schema = schemaOf(operation, answer);
        if (schema) {
            const found = complaintsAt(schema, answer.body);
            complaints.push(...found.map((c) => `${answer.method} ${answer.path} ${answer.status}: ${c}`));
        }
        if (answer.status >= 400) assert.equal(answer.type, 'application/problem+json');
    }
    assert.deepEqual([...new Set(complaints)], []);
    const all = Object.values(api.paths).flatMap((path) => Object.values(path).map((o) => o.operationId));
    // The feed is a stream, a job is decided only when in doubt, an act is claimed only when nobody was signed in.
    const elsewhere = ['feed', 'decideJob', 'attributeAct'];
    assert.deepEqual(
        all.filter((id) => !seen.has(id) && !elsewhere.includes(id)),
        [],
        'operations without a good answer',
    );
});
