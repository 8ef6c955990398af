/** What this page remembers. Nothing about a customer, ever. */

/** The header secret lives as long as the window; the store knows ports, where cookies do not. */
export const kSecret = 'souffleur.secret';

export type Theme = 'auto' | 'light' | 'dark';
export type KeyboardMode = 'auto' | 'always' | 'never';
export interface Settings {
    theme: Theme;
    keyboard: KeyboardMode;
    plainDigits: boolean;
    language: string | null;
}

const kSettings = 'souffleur.settings';
const kDefaults: Settings = { theme: 'auto', keyboard: 'auto', plainDigits: true, language: null };

/** Settings of this till's page; a damaged store reads as the defaults. */
export function readSettings(store: Storage): Settings {
    try {
        const read: Partial<Settings> = JSON.parse(store.getItem(kSettings) ?? '{}');
        return {
            theme: oneOf(read.theme, ['auto', 'light', 'dark'], kDefaults.theme),
            keyboard: oneOf(read.keyboard, ['auto', 'always', 'never'], kDefaults.keyboard),
            plainDigits: read.plainDigits !== false,
            language: typeof read.language === 'string' ? read.language : null,
        };
    } catch {
        return { ...kDefaults };
    }
}

export function writeSettings(store: Storage, settings: Settings): void {
    store.setItem(kSettings, JSON.stringify(settings));
}

const oneOf = <T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
    allowed.find((a) => a === value) ?? otherwise;

/** The one-time launch token from the address's fragment, which is erased at once. */
export function takeLaunchToken(place: Location, history: History): string | null {
    const token = /^#launch=([A-Za-z0-9_-]{22,64})$/.exec(place.hash)?.[1] ?? null;
    // What a strip asks for (beside.ts) is taken later.
    if (place.hash && !place.hash.startsWith('#do=')) history.replaceState(null, '', place.pathname);
    return token;
}
