import { defineConfig } from 'vite';
import { page } from '../../plugin/ui-kit/build/page.ts';

export default defineConfig(page());
