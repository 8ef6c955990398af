import { kFronts, kStaffs, kSurveys, kWays } from '../../../../kiosk/ui/src/words.ts';
import { testCatalogues } from '../../../support/pages/catalogues.ts';

testCatalogues('the first screen', kFronts, 1);
testCatalogues('the way', kWays, 4);
testCatalogues('the staff’s menu', kStaffs, 4);
testCatalogues('questionnaires', kSurveys, 4);
