import { expect, test } from 'vitest';
import { kDesks, kDoors, kSheets } from '../../../../plugin/panel/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the desk', kDesks, 19);
testCatalogues('the sign-in', kDoors, 0);
testCatalogues('the dialogs', kSheets, 5);

test('no word stands in two catalogues', async () => {
    const keys = [kDesks, kDoors, kSheets].map(async (words) => Object.keys((await words.en()).default));
    const all = (await Promise.all(keys)).flat();
    expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
});
