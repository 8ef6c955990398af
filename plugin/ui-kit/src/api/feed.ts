/**
 * Server-sent events read with `fetch`, because the feed needs the header secret and `EventSource` can send none.
 * Reconnects with full jitter, also after 30 s of silence (the server says something every 15 s).
 */
export interface FeedMessage {
    event: string;
    data: string;
    id: string;
}

/** Takes the stream apart (WHATWG HTML, 9.2.6); lines may arrive in any pieces. A message is 1 MiB at most. */
export class FeedParser {
    #rest = '';
    #event = '';
    #data: string[] = [];
    #bytes = 0;
    #id = '';
    static readonly maxChars = 1 << 20;

    /** The messages that `text` completes. Throws RangeError when the other side goes beyond all bounds. */
    push(text: string): FeedMessage[] {
        const done: FeedMessage[] = [];
        this.#rest += text;
        if (this.#rest.length + this.#bytes > FeedParser.maxChars)
            throw new RangeError('feed message too large');
        let end = this.#rest.indexOf('\n');
        while (end >= 0) {
            this.#line(this.#rest.slice(0, end).replace(/\r$/, ''), done);
            this.#rest = this.#rest.slice(end + 1);
            end = this.#rest.indexOf('\n');
        }
        return done;
    }

    #line(line: string, done: FeedMessage[]): void {
        if (line === '') {
            if (this.#data.length)
                done.push({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id });
            this.#event = '';
            this.#data = [];
            this.#bytes = 0;
            return;
        }
        const colon = line.indexOf(':');
        const field = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        if (field === 'event') this.#event = value;
        else if (field === 'id') this.#id = value;
        else if (field === 'data') {
            this.#data.push(value);
            this.#bytes += value.length;
        }
    }
}

export interface FeedOptions {
    url: string;
    headers: () => Record<string, string>;
    onMessage: (message: FeedMessage) => void;
    /** True while events can arrive. */
    onLink: (connected: boolean) => void;
    /** The server refused for good (401, 403): no further attempts. */
    onRefused: (status: number) => void;
    fetch?: typeof fetch;
    silenceMs?: number;
    random?: () => number;
}

const kFirstWaitMs = 200;
const kLongestWaitMs = 5000;

/** How long to wait before attempt `attempt` (0, 1, 2…): full jitter under a doubling ceiling. */
export function waitMs(attempt: number, random: number): number {
    return (
        kFirstWaitMs +
        random * Math.min(kLongestWaitMs - kFirstWaitMs, kFirstWaitMs * 2 ** Math.min(attempt, 10))
    );
}

export class Feed {
    readonly #options: FeedOptions;
    #stop = new AbortController();
    #lastId = '';

    constructor(options: FeedOptions) {
        this.#options = options;
    }

    /** Reads until `close()`; also the way to start again with other headers. */
    open(): void {
        this.close();
        this.#stop = new AbortController();
        void this.#run(this.#stop.signal);
    }

    close(): void {
        this.#stop.abort();
    }

    async #run(stop: AbortSignal): Promise<void> {
        let attempt = 0;
        while (!stop.aborted) {
            const heard = await this.#once(stop);
            if (stop.aborted) return;
            this.#options.onLink(false);
            if (heard === 'refused') return;
            attempt = heard === 'heard' ? 0 : attempt + 1;
            await pause(waitMs(attempt, (this.#options.random ?? Math.random)()), stop);
        }
    }

    async #once(stop: AbortSignal): Promise<'heard' | 'nothing' | 'refused'> {
        const silence = new AbortController();
        const silenceMs = this.#options.silenceMs ?? 30_000;
        let timer = setTimeout(() => silence.abort(), silenceMs);
        let heard: 'heard' | 'nothing' = 'nothing';
        try {
            const answer = await (this.#options.fetch ?? fetch)(this.#options.url, {
                headers: {
                    ...this.#options.headers(),
                    Accept: 'text/event-stream',
                    ...(this.#lastId ? { 'Last-Event-ID': this.#lastId } : {}),
                },
                credentials: 'same-origin',
                cache: 'no-store',
                redirect: 'error',
                signal: AbortSignal.any([stop, silence.signal]),
            });
            if (answer.status === 401 || answer.status === 403) {
                this.#options.onRefused(answer.status);
                return 'refused';
            }
            if (!answer.ok || !answer.body) return 'nothing';
            this.#options.onLink(true);
            const parser = new FeedParser();
            const decoder = new TextDecoder();
            const reader = answer.body.getReader();
            for (;;) {
                const { done, value } = await reader.read();
                if (done) return heard;
                heard = 'heard';
                clearTimeout(timer);
                timer = setTimeout(() => silence.abort(), silenceMs);
                for (const message of parser.push(decoder.decode(value, { stream: true }))) {
                    if (message.id) this.#lastId = message.id;
                    this.#options.onMessage(message);
                }
            }
        } catch {
            return heard;
        } finally {
            clearTimeout(timer);
            silence.abort();
        }
    }
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        stop.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve();
        });
    });
}
