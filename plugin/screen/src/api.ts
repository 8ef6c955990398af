/** Short names for what the terminal says to this screen (generated from plugin/api/screen.yaml), and the client of it. */
import { Client } from '@souffleur/ui-kit/api/client.ts';
import type { components, paths } from './schema.gen.ts';

type Schemas = components['schemas'];
export type Address = Schemas['Address'];
export type Asked = Schemas['Asked'];
export type ContactKind = Schemas['ContactKind'];
export type Language = Schemas['Language'];
export type Question = Schemas['Question'];
export type Shown = Schemas['Shown'];

/** The header secret of the screen's session, which outlives every customer. Nothing else is ever kept, and nothing of a customer. */
export const kSecret = 'souffleur.screen.secret';
export const kBase = '/api/screen/v1';

/** The one-time launch token from the address's fragment, which is erased at once. */
export function takeLaunchToken(place: Location, history: History): string | null {
    const token = /^#launch=([A-Za-z0-9_-]{22,64})$/.exec(place.hash)?.[1] ?? null;
    if (place.hash) history.replaceState(null, '', place.pathname);
    return token;
}

export const openClient = (language: () => string): Client<paths> =>
    new Client<paths>({ base: kBase, secret: () => sessionStorage.getItem(kSecret), language });
