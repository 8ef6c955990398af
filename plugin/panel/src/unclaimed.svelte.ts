/** Answers that were taken at this till while nobody was signed in, and who says "that was me". */
import type { Till } from './till.svelte.ts';

class Unclaimed {
    /** Ids of the acts, oldest first. Nothing else is known of them here. */
    ids = $state.raw<readonly string[]>([]);
    /** How many there are: more than `ids` names where the list is long. */
    total = $state(0);
    /** Whether the cashier has seen the note about them. */
    seen = $state(false);

    /** Asks anew; the terminal tells them to whoever is signed in. */
    async look(till: Till): Promise<void> {
        this.seen = false;
        const reply = await till.client.get('/acts/unattributed');
        this.ids = reply.ok ? reply.value.actIds : [];
        this.total = reply.ok ? reply.value.total : 0;
    }

    async claim(till: Till, actId: string): Promise<void> {
        const reply = await till.client.post('/acts/{actId}/attribute', undefined, { actId });
        if (reply.ok) {
            this.ids = reply.value.actIds;
            this.total = reply.value.total;
        } else {
            till.complain(reply.trouble);
            await this.look(till);
        }
    }
}

export const unclaimed = new Unclaimed();
