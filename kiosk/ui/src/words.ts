/** The catalogues, a chunk each: the first screen needs one of `kFronts`; the way and the staff's menu come behind it. */
import type { Translate, Translation } from '@souffleur/ui-kit/i18n/catalogue.ts';
import type { Language } from './api.ts';
import type way from './messages/en.ts';
import type front from './messages/front/en.ts';
import type staff from './messages/staff/en.ts';
import type survey from './messages/survey/en.ts';

export type FrontWords = typeof front;
export type Words = typeof way;
export type StaffWords = typeof staff;
export type SurveyWords = typeof survey;
export type Front = Translate<FrontWords>;
export type Say = Translate<Words>;
export type StaffSay = Translate<StaffWords>;
export type SurveySay = Translate<SurveyWords>;

type Catalogues<W extends FrontWords | Words | StaffWords | SurveyWords> = Readonly<
    Record<Language, () => Promise<{ default: Translation<W> }>>
>;

export const kFronts: Catalogues<FrontWords> = {
    nl: () => import('./messages/front/nl.ts'),
    ca: () => import('./messages/front/ca.ts'),
    es: () => import('./messages/front/es.ts'),
    ru: () => import('./messages/front/ru.ts'),
    en: () => import('./messages/front/en.ts'),
    de: () => import('./messages/front/de.ts'),
    fr: () => import('./messages/front/fr.ts'),
};

export const kWays: Catalogues<Words> = {
    nl: () => import('./messages/nl.ts'),
    ca: () => import('./messages/ca.ts'),
    es: () => import('./messages/es.ts'),
    ru: () => import('./messages/ru.ts'),
    en: () => import('./messages/en.ts'),
    de: () => import('./messages/de.ts'),
    fr: () => import('./messages/fr.ts'),
};

export const kStaffs: Catalogues<StaffWords> = {
    nl: () => import('./messages/staff/nl.ts'),
    ca: () => import('./messages/staff/ca.ts'),
    es: () => import('./messages/staff/es.ts'),
    ru: () => import('./messages/staff/ru.ts'),
    en: () => import('./messages/staff/en.ts'),
    de: () => import('./messages/staff/de.ts'),
    fr: () => import('./messages/staff/fr.ts'),
};

export const kSurveys: Catalogues<SurveyWords> = {
    nl: () => import('./messages/survey/nl.ts'),
    ca: () => import('./messages/survey/ca.ts'),
    es: () => import('./messages/survey/es.ts'),
    ru: () => import('./messages/survey/ru.ts'),
    en: () => import('./messages/survey/en.ts'),
    de: () => import('./messages/survey/de.ts'),
    fr: () => import('./messages/survey/fr.ts'),
};
