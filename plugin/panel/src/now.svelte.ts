/** The time, good enough for "8 s ago": moves every ten seconds while someone can see it. */
class Now {
    ms = $state(Date.now());

    constructor() {
        const move = () => {
            if (!document.hidden) this.ms = Date.now();
        };
        setInterval(move, 10_000);
        document.addEventListener('visibilitychange', move);
    }
}

export const now = new Now();
