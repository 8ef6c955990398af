/**
 * Which key does what. Function keys and chords always work; number keys alone only where nothing is being typed, and they
 * can be turned off (WCAG 2.1.4). Bare letters are never shortcuts.
 */
export type Command =
    | 'keys'
    | 'not-now'
    | 'search'
    | 'new'
    | 'unclear'
    | 'situation'
    | 'language'
    | 'slip'
    | 'drawer'
    | 'history'
    | 'address'
    | 'rush'
    | 'lock'
    | 'save'
    | 'refuse'
    | 'stop'
    | 'undo'
    | 'menu'
    | 'wording'
    | 'screen'
    | { answer: number; no: boolean };

export interface Chord {
    key: string;
    code: string;
    shiftKey: boolean;
    ctrlKey: boolean;
    altKey: boolean;
    metaKey: boolean;
    repeat: boolean;
}

/** The commands with a key of their own, as they are printed. */
export const kKeyOf = {
    keys: 'F1',
    'not-now': 'F2',
    wording: 'Shift+F2',
    search: 'F3',
    new: 'Shift+F3',
    unclear: 'F4',
    address: 'Shift+F4',
    situation: 'F6',
    language: 'Shift+F6',
    slip: 'F7',
    history: 'Shift+F7',
    drawer: 'Ctrl+F7',
    rush: 'F8',
    lock: 'Shift+F8',
    save: 'F9',
    menu: 'Shift+F9',
    refuse: 'F10',
    stop: 'Ctrl+F10',
    undo: 'Ctrl+Z',
    screen: 'Ctrl+F9',
} as const;

export type Named = keyof typeof kKeyOf;
const kCommands = new Map(Object.entries(kKeyOf).map(([name, key]) => [key as string, name as Named]));

/** What `chord` asks for, null if nothing. `typing` = the focus is in a field; `plain` = number keys work on their own. */
export function commandOf(chord: Chord, typing: boolean, plain: boolean): Command | null {
    if (chord.repeat || chord.metaKey) return null;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(chord.code)?.[1];
    if (digit && !chord.ctrlKey) {
        if (chord.altKey) return { answer: Number(digit) - 1, no: plain };
        return typing || !plain ? null : { answer: Number(digit) - 1, no: false };
    }
    if (chord.altKey) return null;
    const letter = chord.key.length === 1;
    if (letter && typing) return null;
    const name = [
        chord.ctrlKey && 'Ctrl',
        chord.shiftKey && 'Shift',
        letter ? chord.key.toUpperCase() : chord.key,
    ];
    const found = kCommands.get(name.filter(Boolean).join('+'));
    return found ?? (chord.ctrlKey && !chord.shiftKey && chord.code === 'KeyZ' && !typing ? 'undo' : null);
}

/** Chord names for `aria-keyshortcuts`. */
export const ariaKey = (name: Named): string => kKeyOf[name].replace('Ctrl', 'Control');
