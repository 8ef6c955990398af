/** A small typed client of an OpenAPI description. Outcomes are values; nothing throws. */
import type { Problem } from './types.ts';

/** A problem as the server told it, or `unreachable` when it told nothing. */
export type Trouble = Partial<Omit<Problem, 'code' | 'status'>> & {
    code: Problem['code'] | 'unreachable';
    status: number;
};
export type Reply<T> = { ok: true; value: T; status: number } | { ok: false; trouble: Trouble };

type Json<R> = R extends { content: { 'application/json': infer T } } ? T : never;
type BodyOf<Op> = Op extends { requestBody: { content: { 'application/json': infer B } } } ? B : undefined;
type AnswerOf<Op> = Op extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202)]> : never;
type PathsWith<P, M extends string> = {
    [K in keyof P]: P[K] extends { [m in M]: object } ? K : never;
}[keyof P];
type Operation<P, K extends keyof P, M extends string> = P[K] extends { [m in M]: infer Op } ? Op : never;

export interface ClientOptions {
    /** Where the API lives, `/api/v1`. */
    base: string;
    /** The header secret of this session, null before it began. */
    secret: () => string | null;
    /** The reader's language, sent as Accept-Language. */
    language: () => string;
    fetch?: typeof fetch;
    /** After this long without an answer a request counts as `unreachable`. */
    timeoutMs?: number;
}

export class Client<P extends object> {
    readonly #options: ClientOptions;

    constructor(options: ClientOptions) {
        this.#options = options;
    }

    /** Headers of every request: the secret and the language. */
    headers(): Record<string, string> {
        const secret = this.#options.secret();
        return {
            'Accept-Language': this.#options.language(),
            // Any value will do before the session began: a form of another site can send no such header.
            'X-Souffleur-Session': secret ?? 'none',
        };
    }

    get<K extends PathsWith<P, 'get'>>(
        path: K,
        places: Record<string, string> = {},
        query: Record<string, string> = {},
    ): Promise<Reply<AnswerOf<Operation<P, K, 'get'>>>> {
        return this.#send('GET', fillPath(String(path), places, query), undefined);
    }

    post<K extends PathsWith<P, 'post'>>(
        path: K,
        body: BodyOf<Operation<P, K, 'post'>>,
        places: Record<string, string> = {},
    ): Promise<Reply<AnswerOf<Operation<P, K, 'post'>>>> {
        return this.#send('POST', fillPath(String(path), places, {}), body ?? {});
    }

    async #send<T>(method: string, path: string, body: unknown): Promise<Reply<T>> {
        const { base, timeoutMs = 10_000 } = this.#options;
        const send = this.#options.fetch ?? fetch;
        try {
            const answer = await send(base + path, {
                method,
                headers: {
                    ...this.headers(),
                    Accept: 'application/json',
                    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
                },
                credentials: 'same-origin',
                redirect: 'error',
                cache: 'no-store',
                signal: AbortSignal.timeout(timeoutMs),
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            const told: unknown = answer.status === 204 ? null : await answer.json();
            if (answer.ok) return { ok: true, value: told as T, status: answer.status };
            const trouble = told as Trouble | null;
            return {
                ok: false,
                trouble: { ...trouble, code: trouble?.code ?? 'internal', status: answer.status },
            };
        } catch {
            return { ok: false, trouble: { code: 'unreachable', status: 0 } };
        }
    }
}

/** `/acts/{actId}/undo` with its places filled; ids only, personal data never travels here. */
export function fillPath(
    path: string,
    places: Record<string, string>,
    query: Record<string, string>,
): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(places[name] ?? ''));
    const search = new URLSearchParams(query).toString();
    return search ? `${filled}?${search}` : filled;
}
