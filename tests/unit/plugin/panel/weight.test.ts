// What the cashier's page weighs, gzip, without fonts. The ceilings are what was reached (plugin/doc/adr/0003): lower them
// when the page loses weight; a change that goes above one says why, there.
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { page } from '../../../../plugin/ui-kit/build/page.ts';
import { Load } from '../../../../plugin/ui-kit/build/weigh.ts';
import { kLanguages } from '../../../../plugin/ui-kit/src/i18n/languages.ts';

const kRoot = fileURLToPath(new URL('../../../../plugin/panel', import.meta.url));
const kCeilings = { 'sign-in': 23_800, 'at work': 47_300 };

test('the first screen and the desk stay below their ceilings in every language', async () => {
    const load = await Load.of(kRoot, page());
    for (const language of kLanguages) {
        const door = [`/messages/door/${language}.ts`];
        const weights = {
            'sign-in': load.bytes(door),
            'at work': load.bytes([...door, '/Work.svelte', `/messages/${language}.ts`]),
        };
        console.log(
            `panel, ${language}: sign-in ${weights['sign-in']} bytes, at work ${weights['at work']} bytes`,
        );
        if (language === 'en')
            console.log(
                load
                    .files([...door, '/Work.svelte', '/messages/en.ts'])
                    .map((f) => `${f.bytes} ${f.what}`)
                    .join('\n'),
            );
        for (const [what, ceiling] of Object.entries(kCeilings))
            expect(weights[what as keyof typeof kCeilings], `${language}, ${what}`).toBeLessThanOrEqual(
                ceiling,
            );
    }
}, 60_000);
