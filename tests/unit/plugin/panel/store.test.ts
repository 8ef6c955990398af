import { expect, test } from 'vitest';
import { readSettings, takeLaunchToken } from '../../../../plugin/panel/src/store.ts';

const holding = (text: string | null) => ({ getItem: () => text }) as unknown as Storage;

test.each(['{', 'null', '[]', '{"theme":"pink","plainDigits":"x"}', null])(
    'settings %j read as the defaults',
    (text) => {
        expect(readSettings(holding(text))).toEqual({
            theme: 'auto',
            keyboard: 'auto',
            plainDigits: true,
            language: null,
        });
    },
);

test('the launch token is taken from the fragment and the fragment erased', () => {
    const erased: string[] = [];
    const history = {
        replaceState: (_s: unknown, _t: string, url: string) => erased.push(url),
    } as unknown as History;
    const place = (hash: string) => ({ hash, pathname: '/' }) as Location;
    expect(takeLaunchToken(place('#launch=q3Zr0yVYH1mKQk2m8bT4uw'), history)).toBe('q3Zr0yVYH1mKQk2m8bT4uw');
    expect(takeLaunchToken(place('#launch=<script>'), history)).toBeNull();
    expect(takeLaunchToken(place(''), history)).toBeNull();
    expect(erased).toEqual(['/', '/']);
});
