import '@souffleur/ui-kit/tokens.css';
import '@souffleur/ui-kit/fonts.css';
import '@souffleur/ui-kit/fonts-italic.css';
import './console.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { House } from './house.svelte.ts';

const house = new House();
const target = document.getElementById('page');
if (target) mount(App, { target, props: { house } });
void house.start();
