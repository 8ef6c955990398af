import { defineConfig } from 'vitest/config';

export default defineConfig({
    root: new URL('../..', import.meta.url).pathname,
    test: { include: ['tests/unit/sync/preferences/**/*.test.ts'], environment: 'node' },
});
