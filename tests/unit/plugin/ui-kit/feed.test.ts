import { expect, test } from 'vitest';
import { Feed, FeedParser, waitMs } from '../../../../plugin/ui-kit/src/api/feed.ts';

const kStream = ': hello\n\nid: 7\nevent: flag\ndata: {"a":\ndata: 1}\n\nevent: cleared\r\ndata:x\r\n\r\n';

test('the same messages come out wherever the stream is cut', () => {
    const whole = new FeedParser().push(kStream);
    expect(whole).toEqual([
        { event: 'flag', data: '{"a":\n1}', id: '7' },
        { event: 'cleared', data: 'x', id: '7' },
    ]);
    for (let cut = 0; cut <= kStream.length; cut++) {
        const parser = new FeedParser();
        expect([...parser.push(kStream.slice(0, cut)), ...parser.push(kStream.slice(cut))]).toEqual(whole);
    }
});

test('a message beyond all bounds is refused', () => {
    const parser = new FeedParser();
    expect(() => parser.push('x'.repeat(FeedParser.maxChars + 1))).toThrow(RangeError);
});

test('waiting grows to a ceiling and never reaches zero', () => {
    for (let attempt = 0; attempt < 40; attempt++) {
        expect(waitMs(attempt, 0)).toBe(200);
        expect(waitMs(attempt, 1)).toBeLessThanOrEqual(5000);
    }
    expect(waitMs(9, 1)).toBe(5000);
});

test('reconnects with the last id, and stops when it is refused', async () => {
    const asked: (string | undefined)[] = [];
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
        const feed = new Feed({
            url: '/feed',
            headers: () => ({ 'X-Souffleur-Session': 's' }),
            onMessage: (message) => heard.push(message.event),
            onLink: () => {},
            onRefused: () => resolve(),
            random: () => 0,
            fetch: (_url, init) => {
                const headers = init?.headers as Record<string, string>;
                asked.push(headers['Last-Event-ID']);
                return Promise.resolve(
                    asked.length < 3 ? new Response(kStream) : new Response(null, { status: 401 }),
                );
            },
        });
        feed.open();
    });
    expect(heard).toEqual(['flag', 'cleared', 'flag', 'cleared']);
    expect(asked).toEqual([undefined, '7', '7']);
});
