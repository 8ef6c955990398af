import { expect, test } from 'vitest';
import { kTones, reasonText, titleKey } from '../../../../plugin/panel/src/flags.ts';
import en from '../../../../plugin/panel/src/messages/en.ts';
import type { FlagKind, Reason } from '../../../../plugin/ui-kit/src/api/types.ts';
import { kIcons } from '../../../../plugin/ui-kit/src/components/icons.ts';
import { translator } from '../../../../plugin/ui-kit/src/i18n/catalogue.ts';
import { api } from '../../../e2e/support/contract.mjs';

const say = translator<typeof en>(en, 'en');
const at = { ms: Date.UTC(2024, 2, 12, 12), text: '2024-03-12T12:00:00.000Z' };

test('every flag of the contract has a word, a tone and an icon of its own', () => {
    const kinds: FlagKind[] = api.components.schemas.FlagKind.enum;
    for (const kind of kinds) {
        expect(say(titleKey(kind, [])), kind).not.toBe('');
        expect(kTones[kind], kind).toBeTruthy();
        expect(kIcons[kind], kind).toBeTruthy();
    }
    expect(new Set(kinds.map((kind) => kIcons[kind])).size).toBe(kinds.length);
});

test('every reason of the contract is a sentence with nothing left open', () => {
    for (const code of api.components.schemas.Reason.properties.code.enum as Reason['code'][]) {
        const text = reasonText(say, { code, at, count: 2, channel: 'email' }, 'en');
        expect(text, code).toMatch(/^[A-Z0-9].*\.$/);
        expect(text, code).not.toMatch(/[{}–]/);
    }
});

test('who was asked before was not "never asked"', () => {
    expect(titleKey('ask', [{ code: 'never-asked' }])).toBe('flag.ask');
    expect(titleKey('ask', [{ code: 'asked-not-answered', at }])).toBe('flag.askAgain');
});

test('who rests reads what they said, not always a no', () => {
    expect(titleKey('resting', [{ code: 'said-no', at }])).toBe('flag.resting');
    expect(titleKey('resting', [{ code: 'withdrew', at }])).toBe('flag.withdrew');
    expect(titleKey('resting', [{ code: 'asked-not-answered', at }])).toBe('flag.asked');
    expect(titleKey('resting', [{ code: 'never-asked' }, { code: 'school-no-pupils' }])).toBe('flag.quiet');
    expect(titleKey('consented', [{ code: 'given', at }])).toBe('flag.consented');
    expect(titleKey('consented', [{ code: 'said-no', at }])).toBe('flag.consentedSome');
});
