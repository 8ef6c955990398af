import { expect, test } from 'vitest';
import { kDesks, kDoors } from '../../../../plugin/panel/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the desk', kDesks, 19);
testCatalogues('the sign-in', kDoors, 0);

test('no word stands in both catalogues', async () => {
    const desk = Object.keys((await kDesks.en()).default);
    expect(Object.keys((await kDoors.en()).default).filter((key) => desk.includes(key))).toEqual([]);
});
