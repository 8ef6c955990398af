/** What head office says and takes (sync/hub/public.yaml). Addresses hold nothing personal. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';

export type House = {
    name: string;
    names: Partial<Record<Language, string>>;
    email: string;
    phone: string;
    privacyUrl: string;
    languages: string[];
};
export type Look = {
    kind: 'confirm' | 'notice';
    language: Language;
    address: string;
    at: number;
    offsetMin: number;
    place: string;
    expires: number;
    agreed: { label: string; detail: string; text: string }[];
};
/** `nowhere`: used, run out, or never ours; which of them is not told. */
export type Outcome = 'done' | 'nowhere' | 'mistyped' | 'trouble';

const at = (path: string) => new URL(`api/v1/${path}`, location.href).href;

export async function house(): Promise<House | null> {
    const answer = await fetch(at('house')).catch(() => null);
    return answer?.ok ? ((await answer.json()) as House) : null;
}

async function post(path: string, body: object): Promise<{ outcome: Outcome; json?: unknown }> {
    const answer = await fetch(at(path), {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
    }).catch(() => null);
    if (answer?.status === 204) return { outcome: 'done' };
    if (answer?.ok) return { outcome: 'done', json: await answer.json() };
    if (answer?.status !== 404 && answer?.status !== 400) return { outcome: 'trouble' };
    const { code } = (await answer.json().catch(() => ({}))) as { code?: string };
    return { outcome: code === 'mistyped' ? 'mistyped' : 'nowhere' };
}

export async function look(token: string): Promise<Look | Outcome> {
    const { outcome, json } = await post('mail/look', { token });
    return outcome === 'done' && json ? (json as Look) : outcome;
}

export const answerMail = async (token: string, yes: boolean): Promise<Outcome> =>
    (await post(yes ? 'mail/confirm' : 'mail/not-me', { token })).outcome;

export const takeBack = async (code: string, everything: boolean): Promise<Outcome> =>
    (await post('slip', { code, what: everything ? 'everything' : 'slip' })).outcome;
