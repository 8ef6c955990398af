import { defineConfig } from 'vite';
import { page } from '../ui-kit/build/page.ts';

export default defineConfig(page());
