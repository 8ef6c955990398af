import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

// The same policy that the hub sends as a header; here so that the page keeps it wherever it is served from.
const kPolicy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types svelte-trusted-html',
].join('; ');

const policy: Plugin = {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
        {
            tag: 'meta',
            attrs: { 'http-equiv': 'Content-Security-Policy', content: kPolicy },
            injectTo: 'head-prepend',
        },
    ],
};

export default defineConfig({
    plugins: [svelte(), policy],
    base: '/',
    server: { host: '127.0.0.1' },
    build: {
        target: 'chrome120',
        modulePreload: false,
        assetsInlineLimit: 0,
        reportCompressedSize: false,
    },
});
