import { translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { expect, test } from 'vitest';
import { deviceName, kCatalogues } from '../../../../sync/console/src/words.ts';

test('head office is called by its word in every language, other devices as the house named them', async () => {
    for (const [language, load] of Object.entries(kCatalogues)) {
        const say = translator((await load()).default, language as keyof typeof kCatalogues);
        const name = deviceName(say, { kind: 'hub', name: 'Head office' });
        expect(name).toBe(say('device.kind.hub'));
        if (language !== 'en') expect(name).not.toBe('Head office');
        expect(deviceName(say, { kind: 'terminal', name: 'Foyer' })).toBe('Foyer');
        expect(deviceName(say, { kind: 'terminal', name: '' })).toBe(say('device.kind.terminal'));
    }
});
