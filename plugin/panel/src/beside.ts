/**
 * The full panel in a window of its own beside a strip; both share the session. What is to be done there stands in the address
 * for a moment: the dialog, and for an address that a yes waits for the marks by their place. Nothing about a customer.
 */
import { askAddress, mark } from './acts.ts';
import { marked } from './answers.ts';
import type { DialogName, Till } from './till.svelte.ts';

const kWindow = 'popup,width=440,height=768';
const kMarks = { y: 'yes', n: 'no', o: null } as const;

/** Opens the panel beside the strip, with `dialog` on it. */
export function openBeside(till: Till, dialog: DialogName | null): void {
    const marks = till.addressForAct
        ? (till.desk?.questions ?? []).map((q) => marked(till.draft, q)?.charAt(0) ?? 'o').join('')
        : '';
    window.open(dialog ? `/#do=${dialog}.${marks}` : '/', 'souffleur-panel', kWindow)?.focus();
}

/** Does what the address asks for, once there is a desk to do it on; `mayOpen` has the last word. */
export function doAsked(till: Till, mayOpen: (dialog: DialogName) => boolean): void {
    const asked = /^#do=([a-z]+)\.([yno]*)$/.exec(location.hash);
    if (!asked || !till.desk) return;
    history.replaceState(null, '', location.pathname);
    const dialog = asked[1] as DialogName;
    const marks = [...(asked[2] ?? '')] as (keyof typeof kMarks)[];
    if (!mayOpen(dialog)) return;
    for (const [index, letter] of marks.entries()) mark(till, index, kMarks[letter]);
    if (dialog === 'address') askAddress(till, marks.length > 0);
    else till.dialog = dialog;
}
