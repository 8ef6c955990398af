// What the real API answers, held against plugin/api/openapi.yaml: integration-api writes its answers down, this reads them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openContract } from './support/contract.mjs';

const build = process.env.SOUFFLEUR_BUILD ?? new URL('../../build/dev', import.meta.url).pathname;

// Written once, by the tests of both doors.
const folder = mkdtempSync(join(tmpdir(), 'souffleur-contract-'));
before(() =>
    execFileSync(join(build, 'tests/integration-api'), {
        env: { ...process.env, SOUFFLEUR_ANSWERS: join(folder, 'answers') },
        stdio: 'ignore',
    }),
);
after(() => rmSync(folder, { recursive: true }));

/** What the tests wrote down: `more` is behind the file's name where it is not the cashier's API. */
const answers = (more) =>
    readFileSync(join(folder, `answers${more}`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

/** The operation of the contract that a request met; a literal segment wins over a parameter. */
function operationOf(api, { method, path }) {
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
function schemaOf(api, operation, { status, type }) {
    const promised = operation.responses[status] ?? operation.responses.default;
    const named = promised.$ref?.split('/').slice(2).join('/');
    const response = named ? api.components.responses[named.split('/')[1]] : promised;
    return response.content[type]?.schema?.$ref?.split('/').slice(2).join('/') ?? null;
}

function check(contract, more, elsewhere) {
    const { api, complaintsAt } = openContract(contract);
    const seen = new Set();
    const complaints = [];
    for (const answer of answers(more)) {
        const operation = operationOf(api, answer);
        if (!operation) {
            assert.ok([404, 405].includes(answer.status), `${answer.method} ${answer.path}`);
            complaints.push(...complaintsAt('schemas/Problem', answer.body));
            continue;
        }
        if (answer.status < 400) seen.add(operation.operationId);
        const schema = schemaOf(api, operation, answer);
        if (schema) {
            const found = complaintsAt(schema, answer.body);
            complaints.push(...found.map((c) => `${answer.method} ${answer.path} ${answer.status}: ${c}`));
        }
        if (answer.status >= 400) assert.equal(answer.type, 'application/problem+json');
    }
    assert.deepEqual([...new Set(complaints)], []);
    const all = Object.values(api.paths).flatMap((path) => Object.values(path).map((o) => o.operationId));
    assert.deepEqual(
        all.filter((id) => !seen.has(id) && !elsewhere.includes(id)),
        [],
        'operations without a good answer',
    );
}

test('every answer of the real API fits the contract', () => {
    // The feed is a stream, a job is decided only when in doubt, an act is claimed only when nobody was signed in.
    check('plugin/api/openapi.yaml', '', ['feed', 'decideJob', 'attributeAct']);
});

test('so does every answer to the customer’s own screen', () => {
    // The feed is a stream, two have an answer without a body.
    check('plugin/api/screen.yaml', '.screen', ['feed', 'touch', 'giveBack']);
});
