import { defineConfig } from 'vite';
import { page } from '../../plugin/ui-kit/build/page.ts';

// A house's logo comes with its theme, as a data address.
export default defineConfig(page("'self' data:"));
