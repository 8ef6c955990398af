// What the visitor's page weighs, gzip, without fonts: what must arrive before the first screen can be used, and all of a visit, which is
// fetched while nobody stands there. Ceilings and why: plugin/doc/adr/0003.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { page } from '../../../../plugin/ui-kit/build/page.ts';
import { Load } from '../../../../plugin/ui-kit/build/weigh.ts';
import { kLanguages } from '../../../../plugin/ui-kit/src/i18n/languages.ts';

const kRoot = fileURLToPath(new URL('../../../../kiosk/ui', import.meta.url));
const kCeilings = { 'first screen': 25_000, 'whole visit': 44_300 };

test('the first screen and a whole visit stay below their ceilings in every language', async () => {
    const load = await Load.of(kRoot, page("'self' data:"));
    for (const language of kLanguages) {
        const front = [`/messages/front/${language}.ts`];
        const weights = {
            'first screen': load.bytes(front),
            'whole visit': load.bytes([...front, '/Ways.svelte', `/messages/${language}.ts`]),
        };
        console.log(`kiosk, ${language}: first screen ${weights['first screen']} bytes, whole visit ${weights['whole visit']} bytes`); // biome-ignore format: one thought
        for (const [what, ceiling] of Object.entries(kCeilings))
            expect(weights[what as keyof typeof kCeilings], `${language}, ${what}`).toBeLessThanOrEqual(
                ceiling,
            );
    }
}, 60_000);
