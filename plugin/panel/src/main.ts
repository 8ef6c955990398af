import '@souffleur/ui-kit/tokens.css';
import '@souffleur/ui-kit/fonts.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { takeLaunchToken } from './store.ts';
import { Till } from './till.svelte.ts';

const till = new Till();
const target = document.getElementById('page');
if (target) mount(App, { target, props: { till } });
void till.start(takeLaunchToken(location, history));
