/** How every page is built: Svelte, one content security policy, chunks that keep what can wait out of the first load. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin, UserConfig } from 'vite';

// The same policy that the server of a page sends as a header; here so that the page keeps it wherever it is served from.
const policy = (images: string) =>
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        `img-src ${images}`,
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        'trusted-types svelte-trusted-html',
    ].join('; ');

const kHead = (images: string) => [
    { tag: 'meta', attrs: { charset: 'utf-8' } },
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy(images) } },
    { tag: 'meta', attrs: { name: 'viewport', content: 'width=device-width, initial-scale=1' } },
    { tag: 'meta', attrs: { name: 'referrer', content: 'no-referrer' } },
    { tag: 'meta', attrs: { name: 'color-scheme', content: 'light dark' } },
    { tag: 'link', attrs: { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' } },
];

/** The head that all pages share. While developing, Vite's own scripts need room: no policy then. */
function head(images: string): Plugin {
    let serving = false;
    return {
        name: 'souffleur-head',
        configResolved: (config) => {
            serving = config.command === 'serve';
        },
        transformIndexHtml: () =>
            kHead(images)
                .filter((tag) => !serving || !('http-equiv' in tag.attrs))
                .map((tag) => ({ ...tag, injectTo: 'head-prepend' as const })),
    };
}

/**
 * Our pages are mounted, never hydrated. Svelte keeps that question in a variable; as a constant the minifier drops what is
 * only for hydration (1.2 kB of what is sent). Fails when Svelte no longer looks like this; see plugin/doc/adr.
 */
const neverHydrates: Plugin = {
    name: 'souffleur-never-hydrates',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
        if (!id.endsWith('/svelte/src/internal/client/dom/hydration.js')) return null;
        const frozen = code
            .replace('export let hydrating = false;', 'export const hydrating = false;')
            .replace('\thydrating = value;\n', '');
        if (frozen.length !== code.length + 2 - '\thydrating = value;\n'.length)
            this.error('svelte changed its hydration');
        return frozen;
    },
};

// Parts of Svelte that a first screen does without: fields, references to elements, snippets, attachments, spread attributes.
const kLater = /svelte\/src\/internal\/client\/.*\/(bindings\/(select|input|this)|snippet|attachments)\.js/;

/** The Vite configuration of a page. `images` is where its pictures may come from. */
export function page(images = "'self'"): UserConfig {
    return {
        plugins: [
            svelte({ compilerOptions: { runes: true, discloseVersion: false } }),
            head(images),
            neverHydrates,
        ],
        base: '/',
        publicDir: fileURLToPath(new URL('../public', import.meta.url)),
        server: { host: '127.0.0.1' },
        build: {
            target: 'chrome130',
            modulePreload: false,
            assetsInlineLimit: 0,
            reportCompressedSize: false,
            rolldownOptions: {
                treeshake: { moduleSideEffects: [{ test: kLater, sideEffects: false }] },
                optimization: { inlineConst: { mode: 'all', pass: 3 } },
                output: {
                    minify: {
                        compress: { dropConsole: true, maxIterations: 10 },
                        mangle: true,
                        codegen: true,
                    },
                    codeSplitting: {
                        includeDependenciesRecursively: false,
                        // Svelte's barrel would otherwise draw into the first load what only later screens need.
                        groups: [{ name: 'later', test: kLater }],
                    },
                },
            },
        },
    };
}
