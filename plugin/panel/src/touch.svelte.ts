/**
 * Whether the screen was last worked by finger. Told by the click, not by the touch before it: a keyboard that appears
 * between the two would move the page under the finger.
 */
class Touch {
    last = $state(false);

    constructor() {
        const look = (event: MouseEvent) => {
            const { pointerType } = event as PointerEvent;
            if (pointerType) this.last = pointerType === 'touch';
        };
        addEventListener('click', look, { capture: true });
    }
}

export const touch = new Touch();
