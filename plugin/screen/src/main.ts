import '@souffleur/ui-kit/tokens.css';
import '@souffleur/ui-kit/fonts.css';
import './screen.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { takeLaunchToken } from './api.ts';
import { Screen } from './screen.svelte.ts';

const screen = new Screen();
const target = document.getElementById('page');
if (target) mount(App, { target, props: { screen } });
void screen.start(takeLaunchToken(location, history));
