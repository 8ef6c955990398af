/** What a key of the on-screen keyboard does to a field; the field tells its owner by an `input` event as real keys do. */
type Field = HTMLInputElement | HTMLTextAreaElement;

/** Inserts `text` at the cursor, in place of what is selected, within the field's own `maxLength`. */
export function insertText(field: Field, text: string): void {
    const [start, end] = caret(field);
    const left = field.maxLength < 0 ? text.length : field.maxLength - field.value.length + (end - start);
    if (left < text.length) return;
    splice(field, start, end, text);
}

/** Removes what is selected, or the character before the cursor, whole even where it is a pair of units. */
export function pressBackspace(field: Field): void {
    const [start, end] = caret(field);
    const before = [...field.value.slice(0, start)].at(-1) ?? '';
    splice(field, start === end ? start - before.length : start, end, '');
}

// Fields of type email have no cursor to read: there it is at the end. Ours are type text with an inputmode.
const caret = (field: Field): [number, number] => [
    field.selectionStart ?? field.value.length,
    field.selectionEnd ?? field.value.length,
];

function splice(field: Field, start: number, end: number, text: string): void {
    field.setRangeText(text, start, end, 'end');
    field.dispatchEvent(new InputEvent('input', { bubbles: true, data: text }));
}
