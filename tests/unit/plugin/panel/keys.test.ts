import { expect, test } from 'vitest';
import { type Chord, commandOf, kKeyOf } from '../../../../plugin/panel/src/keys.ts';

const chord = (key: string, change: Partial<Chord> = {}): Chord => ({
    key,
    code: /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : key,
    shiftKey: false,
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    repeat: false,
    ...change,
});

test('every printed key does what is printed beside it', () => {
    for (const [name, printed] of Object.entries(kKeyOf)) {
        const parts = printed.split('+');
        const key = parts.at(-1) ?? '';
        const pressed = chord(key === 'Z' ? 'z' : key, {
            ctrlKey: parts.includes('Ctrl'),
            shiftKey: parts.includes('Shift'),
        });
        expect(commandOf(pressed, false, true), printed).toBe(name);
    }
});

test('no letter on its own is ever a shortcut', () => {
    for (const letter of 'abcdefghijklmnopqrstuvwxyzабвгд,.-/ ') {
        for (const shiftKey of [false, true])
            expect(commandOf(chord(letter, { shiftKey }), false, true)).toBeNull();
    }
});

test('number keys answer, but not while someone types, nor when they are turned off', () => {
    expect(commandOf(chord('1'), false, true)).toEqual({ answer: 0, no: false });
    expect(commandOf(chord('9', { code: 'Numpad9' }), false, true)).toEqual({ answer: 8, no: false });
    expect(commandOf(chord('0'), false, true)).toBeNull();
    expect(commandOf(chord('1'), true, true)).toBeNull();
    expect(commandOf(chord('1'), false, false)).toBeNull();
});

test('Alt and a number says no at once, and stands in where numbers alone are off', () => {
    expect(commandOf(chord('2', { altKey: true }), true, true)).toEqual({ answer: 1, no: true });
    expect(commandOf(chord('2', { altKey: true }), false, false)).toEqual({ answer: 1, no: false });
});

test('a French number row and a Russian Z work by their place', () => {
    expect(commandOf(chord('&', { code: 'Digit1' }), false, true)).toEqual({ answer: 0, no: false });
    expect(commandOf(chord('я', { code: 'KeyZ', ctrlKey: true }), false, true)).toBe('undo');
});

test('a held key acts once, and undo in a field stays the field’s own', () => {
    expect(commandOf(chord('F9', { repeat: true }), false, true)).toBeNull();
    expect(commandOf(chord('z', { ctrlKey: true }), true, true)).toBeNull();
    expect(commandOf(chord('F9'), true, true)).toBe('save');
});
