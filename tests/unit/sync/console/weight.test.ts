// What head office's page weighs, gzip, without fonts (DESIGN: 90 kB).
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { page } from '../../../../plugin/ui-kit/build/page.ts';
import { Load } from '../../../../plugin/ui-kit/build/weigh.ts';
import { kLanguages } from '../../../../plugin/ui-kit/src/i18n/languages.ts';

const kRoot = fileURLToPath(new URL('../../../../sync/console', import.meta.url));
const kCeiling = 45_500;

test('the page stays below its ceiling in every language', async () => {
    const load = await Load.of(kRoot, page());
    for (const language of kLanguages) {
        const bytes = load.bytes([`/messages/${language}.ts`]);
        console.log(`console, ${language}: ${bytes} bytes`);
        expect(bytes, language).toBeLessThanOrEqual(kCeiling);
    }
}, 60_000);
