import { defineConfig } from 'vite';
import { page } from '../../plugin/ui-kit/build/page.ts';

// Relative: the house's web server may serve it below a folder of its own.
export default defineConfig({ ...page(), base: './' });
