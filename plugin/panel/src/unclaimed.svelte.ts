/** Answers that were taken at this till while nobody was signed in, and who says "that was me". */
import type { ActIdList } from '@souffleur/ui-kit/api/types.ts';
import type { Till } from './till.svelte.ts';

class Unclaimed {
    /** Acts with whose they are, oldest first; `total` tells of more than are named where the list is long. */
    list = $state.raw<ActIdList | null>(null);
    /** Whether the cashier has seen the note about them. */
    seen = $state(false);

    /** Asks anew; the terminal tells them to whoever is signed in. */
    async look(till: Till): Promise<void> {
        this.seen = false;
        const reply = await till.client.get('/acts/unattributed');
        this.list = reply.ok ? reply.value : null;
    }

    async claim(till: Till, actId: string): Promise<void> {
        const reply = await till.client.post('/acts/{actId}/attribute', undefined, { actId });
        if (reply.ok) this.list = reply.value;
        else {
            till.complain(reply.trouble);
            await this.look(till);
        }
    }
}

export const unclaimed = new Unclaimed();
