/** The questionnaires, as one chunk: fetched by whoever begins one. */
export { default as Beside } from './Beside.svelte';
export { default as Survey } from './Survey.svelte';
