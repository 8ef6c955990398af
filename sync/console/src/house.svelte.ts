/** The page's state: who is signed in, where they are, in which language. Nothing about a person is kept in the browser. */
import { Client, type Reply, type Trouble } from '@souffleur/ui-kit/api/client.ts';
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import { translator } from '@souffleur/ui-kit/i18n/catalogue.ts';
import { kLanguages, pickLanguage } from '@souffleur/ui-kit/i18n/languages.ts';
import type { components, paths } from './schema.gen.ts';
import { kCatalogues, type Say } from './words.ts';

type Schemas = components['schemas'];
export type Session = Schemas['Session'];
export type Action = Schemas['ActionName'];
export type Theme = 'auto' | 'light' | 'dark';
export type View = 'overview' | 'people' | 'surveys' | 'devices' | 'audit';
export interface Route {
    view: View;
    /** Of a person; an id and nothing else ever stands in the address. */
    id: string | null;
}

const kSecret = 'souffleur.console.secret';
const kLanguage = 'souffleur.console.language';
const kTheme = 'souffleur.console.theme';
const kNeeds: Readonly<Record<View, Action>> = {
    overview: 'overview.view',
    people: 'people.search',
    surveys: 'survey.view',
    devices: 'devices.view',
    audit: 'audit.view',
};
export const kViews: readonly View[] = ['overview', 'people', 'surveys', 'devices', 'audit'];
/** How often what is on the screen is asked for anew. */
export const kRefreshMs = 3000;

export function routeFrom(hash: string): Route {
    const [, view, id] = /^#\/(\w+)(?:\/([0-9a-f-]{36}))?$/.exec(hash) ?? [];
    const known = kViews.find((v) => v === view) ?? 'overview';
    return { view: known, id: known === 'people' ? (id ?? null) : null };
}

export class House {
    session = $state.raw<Session | null>(null);
    /** Nothing is known before the first answer: neither sign-in nor page is shown. */
    ready = $state(false);
    say = $state.raw<Say | null>(null);
    language = $state<Language>('en');
    theme = $state<Theme>((localStorage.getItem(kTheme) as Theme | null) ?? 'auto');
    route = $state.raw<Route>(routeFrom(location.hash));
    /** What was searched last, so that coming back from a person finds the list as it was. */
    lastSearch = $state.raw({ text: '', state: '' });
    /** The act that a slip's code led to: marked on its person's page. */
    slip = $state.raw<string | null>(null);

    readonly client = new Client<paths>({
        base: '/api/v1',
        secret: () => sessionStorage.getItem(kSecret),
        language: () => this.language,
    });

    async start(): Promise<void> {
        addEventListener('hashchange', () => {
            this.route = routeFrom(location.hash);
        });
        await this.setLanguage(
            pickLanguage([localStorage.getItem(kLanguage), ...navigator.languages], kLanguages, 'en'),
        );
        if (sessionStorage.getItem(kSecret)) {
            const reply = await this.client.get('/session');
            if (reply.ok) this.session = reply.value;
        }
        this.ready = true;
    }

    async setLanguage(language: Language, keep = false): Promise<void> {
        const words = (await kCatalogues[language]()).default;
        this.language = language;
        this.say = translator(words, language);
        document.documentElement.lang = language;
        if (keep) localStorage.setItem(kLanguage, language);
    }

    setTheme(theme: Theme): void {
        this.theme = theme;
        localStorage.setItem(kTheme, theme);
    }

    may(action: Action): boolean {
        return this.session?.may.includes(action) ?? false;
    }

    views(): View[] {
        return kViews.filter((view) => this.may(kNeeds[view]));
    }

    async signIn(name: string, password: string): Promise<Trouble | null> {
        const reply = await this.client.post('/session', { name, password });
        if (!reply.ok) return reply.trouble;
        const { secret, ...session } = reply.value;
        sessionStorage.setItem(kSecret, secret);
        this.session = session;
        return null;
    }

    async signOut(): Promise<void> {
        await this.client.post('/session/end', {});
        this.forget();
        location.hash = '';
    }

    /** Passes an answer on; a session that is over brings the sign-in back. */
    heed<T>(reply: Reply<T>): Reply<T> {
        if (!reply.ok && (reply.trouble.status === 401 || String(reply.trouble.code) === 'session-needed'))
            this.forget();
        return reply;
    }

    /** Words for what went wrong. */
    trouble(trouble: Trouble): string {
        const say = this.say as Say;
        if (trouble.code === 'unreachable') return say('trouble.unreachable');
        if (trouble.status === 403) return say('trouble.role');
        if (trouble.status === 404) return say('trouble.gone');
        if (String(trouble.code) === 'never-confirmed') return say('trouble.neverConfirmed');
        if (trouble.status === 409) return say('trouble.conflict');
        return say('trouble.other');
    }

    forget(): void {
        sessionStorage.removeItem(kSecret);
        this.session = null;
        this.slip = null;
        this.lastSearch = { text: '', state: '' };
    }
}

/** Runs `ask` now and every few seconds while the page is in sight; gives the way to stop. */
export function refreshed(ask: () => Promise<unknown>): () => void {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout>;
    const turn = async () => {
        if (!document.hidden) await ask();
        if (!stopped) timer = setTimeout(turn, kRefreshMs);
    };
    void turn();
    return () => {
        stopped = true;
        clearTimeout(timer);
    };
}
