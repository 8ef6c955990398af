/** Tells a badge reader from fingers: a reader types a code and Enter, faster than anyone. */

/** Keys closer together than this come from a reader. */
const kGapMs = 80;
const kCodeChars = { min: 8, max: 128 };
/** What fingers can have meant by keys that came in one burst: a PIN at most. */
const kFingersMax = 6;

/**
 * Watches `window` before anything else on it. A code goes to `scanned`; other keys to `typed`, `kGapMs` later, so that the
 * digits of a code are never taken for a PIN. Returns how to stop.
 */
export function watchBadges(typed: (key: string) => void, scanned: (code: string) => void): () => void {
    let burst: string[] = [];
    let timer = 0;
    const settle = () => {
        const keys = burst;
        burst = [];
        if (keys.length <= kFingersMax) keys.forEach(typed);
    };
    const onkeydown = (event: KeyboardEvent) => {
        const { key } = event;
        if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
        const ends = key === 'Enter' && burst.length >= kCodeChars.min;
        // A lone space presses the button that has the focus.
        if (!ends && (key.length !== 1 || (key === ' ' && burst.length === 0))) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        clearTimeout(timer);
        if (!ends) {
            if (burst.length <= kCodeChars.max) burst.push(key);
            timer = window.setTimeout(settle, kGapMs);
            return;
        }
        const code = burst.join('');
        burst = [];
        if (code.length <= kCodeChars.max) scanned(code);
    };
    addEventListener('keydown', onkeydown, { capture: true });
    return () => {
        clearTimeout(timer);
        removeEventListener('keydown', onkeydown, { capture: true });
    };
}
