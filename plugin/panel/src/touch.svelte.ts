/** Whether the last thing that touched the screen was a finger. */
class Touch {
    last = $state(false);

    constructor() {
        addEventListener('pointerdown', (event) => {
            this.last = event.pointerType === 'touch';
        });
    }
}

export const touch = new Touch();
