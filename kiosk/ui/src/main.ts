import '@souffleur/ui-kit/tokens.css';
import '@souffleur/ui-kit/fonts.css';
import './kiosk.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { takeLaunchToken } from './api.ts';
import { Kiosk } from './kiosk.svelte.ts';

const kiosk = new Kiosk();
const target = document.getElementById('page');
if (target) mount(App, { target, props: { kiosk } });
void kiosk.start(takeLaunchToken(location, history));
