// Checks JSON against the schemas of a contract: plugin/api/openapi.yaml of the tills, and whichever else is opened.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

/** The contract at `path` from the root of the tree: itself, what does not fit, and what fits or throws. */
export function openContract(path) {
    const api = parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
    const ajv = new Ajv({
        strict: true,
        allowUnionTypes: true,
        strictRequired: false,
        keywords: ['components'],
    });
    formats(ajv);
    ajv.addFormat('int64', true);
    ajv.addSchema({ $id: 'api', components: api.components }, 'api');
    const compiled = new Map();
    const complaintsAt = (at, value) => {
        if (!compiled.has(at)) compiled.set(at, ajv.compile({ $ref: `api#/components/${at}` }));
        const check = compiled.get(at);
        return check(value) ? [] : check.errors.map((e) => `${at}${e.instancePath} ${e.message}`);
    };
    const fitting = (name, value) => {
        const complaints = complaintsAt(`schemas/${name}`, value);
        if (complaints.length) throw new Error(`does not fit the contract: ${complaints.join('; ')}`);
        return value;
    };
    return { api, complaintsAt, fitting };
}

/**
 * Of the tills: `complaintsAt(at, value)` are the complaints about `value` as schema at JSON pointer `at` below the components, empty
 * when it fits; `fitting(name, value)` is `value` itself, or an exception that says what does not fit schema `name`.
 */
export const { api, complaintsAt, fitting } = openContract('plugin/api/openapi.yaml');
