import { kCatalogues } from '../../../../sync/console/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the console', kCatalogues, 24);
