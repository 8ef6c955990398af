// Checks JSON against the schemas of plugin/api/openapi.yaml.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

export const api = parse(readFileSync(new URL('../../../plugin/api/openapi.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: true, allowUnionTypes: true, strictRequired: false, keywords: ['components'] });
formats(ajv);
ajv.addFormat('int64', true);
ajv.addSchema({ $id: 'api', components: api.components }, 'api');

const compiled = new Map();
/** The complaints about `value` as schema at JSON pointer `at` below the components; empty when it fits. */
export function complaintsAt(at, value) {
    if (!compiled.has(at)) compiled.set(at, ajv.compile({ $ref: `api#/components/${at}` }));
    const check = compiled.get(at);
    return check(value) ? [] : check.errors.map((e) => `${at}${e.instancePath} ${e.message}`);
}

/** `value` itself, or an exception that says what does not fit schema `name`. */
export function fitting(name, value) {
    const complaints = complaintsAt(`schemas/${name}`, value);
    if (complaints.length) throw new Error(`does not fit the contract: ${complaints.join('; ')}`);
    return value;
}
