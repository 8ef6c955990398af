import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
    root: new URL('../..', import.meta.url).pathname,
    plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
    test: { include: ['tests/unit/plugin/screen/**/*.test.ts'], environment: 'node' },
});
