import { kWords } from '../../../../plugin/screen/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the customer’s screen', kWords, 5);
