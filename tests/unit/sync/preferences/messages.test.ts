import { kCatalogues } from '../../../../sync/preferences/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the page for customers', kCatalogues, 1);
