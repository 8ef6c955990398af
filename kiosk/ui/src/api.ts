/** Short names for what the kiosk process says (generated from kiosk/lobby/openapi.yaml), and the client of it. */
import { Client } from '@souffleur/ui-kit/api/client.ts';
import type { components, paths } from './schema.gen.ts';

type Schemas = components['schemas'];
export type Channel = Schemas['Channel'];
export type Choice = Schemas['Choice'];
export type House = Schemas['House'];
export type Health = Schemas['Health'];
export type Language = Schemas['Language'];
export type NoticeRef = Schemas['NoticeRef'];
export type PostalAddress = Schemas['PostalAddress'];
export type Question = Schemas['Question'];
export type SignedUp = Schemas['SignedUp'];
export type Questionnaire = Schemas['Questionnaire'];
export type SurveyQuestion = Schemas['SurveyQuestion'];
export type SurveyAnswer = Schemas['SurveyAnswer'];
export type SignUp = Schemas['SignUpRequest'];
export type StaffStatus = Schemas['StaffStatus'];
export type Texts = Schemas['Texts'];
export type Theme = Schemas['Theme'];
export type Verdict = Schemas['Verdict'];
export type Code = Schemas['Problem']['code'] | 'unreachable';
export type ContactKind = 'email' | 'phone' | 'post';

/** The header secret of the kiosk's session, which outlives every visitor. Nothing else is ever kept, and nothing of a visitor. */
export const kSecret = 'souffleur.kiosk.secret';

/** There where the page's end is the browser's, and a start script begins both anew; `used` once a visitor was there. */
export const kAlone = 'souffleur.kiosk.alone';

/** The one-time launch token from the address's fragment, which is erased at once. */
export function takeLaunchToken(place: Location, history: History): string | null {
    const [, token = null, alone] = /^#launch=([A-Za-z0-9_-]{22,64})(&alone)?$/.exec(place.hash) ?? [];
    if (alone) sessionStorage.setItem(kAlone, 'unused');
    if (place.hash) history.replaceState(null, '', place.pathname);
    return token;
}

export const openClient = (language: () => string): Client<paths> =>
    new Client<paths>({ base: '/api/kiosk/v1', secret: () => sessionStorage.getItem(kSecret), language });
