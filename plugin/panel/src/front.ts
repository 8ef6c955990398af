/**
 * The cashier pressed the till's hot key: the page comes to attention. The window manager was asked for the window by the
 * terminal; a page can take the focus within it, and where the window was not given, mark its title until somebody looks.
 */
const kMark = '● ';

export function comeForward(): void {
    window.focus();
    // After what came with the key, a customer say, is on the screen.
    requestAnimationFrame(() => {
        // Who types here goes on typing; a question is focused, never a button that a stray Enter would press.
        const typing = document.activeElement?.closest('input, textarea, select, dialog');
        const question = document.querySelector<HTMLElement>('.answers .ask');
        if (!typing && question) {
            question.tabIndex = -1;
            question.focus();
            question.scrollIntoView({ block: 'nearest' });
        }
        if (document.hasFocus() || document.title.startsWith(kMark)) return;
        const title = document.title;
        document.title = kMark + title;
        addEventListener(
            'focus',
            () => {
                document.title = title;
            },
            { once: true },
        );
    });
}
