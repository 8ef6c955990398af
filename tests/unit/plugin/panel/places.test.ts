import { expect, test } from 'vitest';
import { recordedAt } from '../../../../plugin/panel/src/answers.ts';
import { placeWord } from '../../../../plugin/panel/src/flags.ts';
import en from '../../../../plugin/panel/src/messages/en.ts';
import type { Say } from '../../../../plugin/panel/src/words.ts';
import { translator } from '../../../../plugin/ui-kit/src/i18n/catalogue.ts';

test('the id of an act says when it was recorded, and nothing else does', () => {
    expect(recordedAt('0192f0c1-6b1e-7c55-9a10-5a2f3e9d0b77')).toBe(0x0192f0c16b1e);
    expect(recordedAt('0192f0c1-6b1e-4c55-9a10-5a2f3e9d0b77')).toBeNull();
    expect(recordedAt('')).toBeNull();
});

test('places without a name of their own get a word; others keep theirs', () => {
    const say = translator<typeof en>(en, 'en') as Say;
    expect(placeWord(say, 'head-office')).toBe('head office');
    expect(placeWord(say, 'till-12')).toBe('till 12');
    expect(placeWord(say, 'web')).toBe('web');
    expect(placeWord(say, 'Foyer left')).toBe('Foyer left');
    expect(placeWord(say, 'till-2b')).toBe('till-2b');
});
