/** What the cashier does at the desk. Each asks the terminal and shows the desk that it answers. */
import type { Reply, Trouble } from '@souffleur/ui-kit/api/client.ts';
import type {
    Desk,
    Language,
    NewContact,
    NewSubject,
    Outcome,
    Preferences,
    Situation,
} from '@souffleur/ui-kit/api/types.ts';
import {
    actRequest,
    answersOf,
    carried,
    type Mark,
    marked,
    mayRecord,
    missingContact,
    nextMark,
    refusal,
    refused,
} from './answers.ts';
import type { Till } from './till.svelte.ts';
import type { Key } from './words.ts';

/** Within this time a key was pressed twice, not again. */
const kBounceMs = 1500;
const kSituations: readonly Situation[] = ['counter', 'phone', 'group', 'school'];

export function may(till: Till, outcome: Outcome): boolean {
    if (till.busy) return false;
    if (outcome !== 'refuse' || !till.desk) return mayRecord(outcome, till.desk, till.draft);
    // A refusal speaks through marks, and is saved with them. After an answer its key is Undo's neighbour: not without a mark.
    const { questions, lastAct } = till.desk;
    if (lastAct && !answersOf(till.draft, questions).length) return false;
    return mayRecord('save', till.desk, { ...refused(till.draft, questions), ...till.draft });
}

/** The word on the key that refuses: it says what becomes of the marks. */
export function refuseWord(till: Till): 'refuse' | 'refuse.rest' | 'refuse.no' {
    const what = refusal(till.draft, till.desk?.questions ?? []);
    return what === 'all' ? 'refuse' : `refuse.${what}`;
}

/** Marks question `index` (0 = key 1): the next mark, or `to`. */
export function mark(till: Till, index: number, to?: Mark): void {
    const question = till.desk?.questions[index];
    if (!question || !till.desk?.questionSetId || till.busy) return;
    const next = to === undefined ? nextMark(marked(till.draft, question)) : to;
    till.draft = { ...till.draft, [question.questionId]: next };
}

/**
 * Takes the marks along to the desk that is shown, and says so when one cannot stay. Not under an act: that has taken them; nor past one that
 * was recorded here, which they were part of.
 */
export function carrier(till: Till): () => void {
    let on: Desk | null = null;
    return () => {
        const { desk } = till;
        if (till.acting || !desk) return;
        const was = on;
        on = desk;
        if (desk.questionSetId === was?.questionSetId) return;
        const same = desk.customer?.subjectId === was?.customer?.subjectId;
        if (!same) till.filled = 0;
        const goes = same && (!desk.lastAct || desk.lastAct.actId === was?.lastAct?.actId);
        const { draft, lost } = carried(till.draft, was?.questions ?? [], goes ? desk.questions : []);
        till.draft = draft;
        if (!Object.keys(draft).length) till.method = 'spoken';
        if (lost && goes) till.tell('trouble.stale-questions', true, true);
    };
}

/** `act` by a click or a key, but not by the second tap of one hand (UIEvent.detail): what it falls on came in the place of what was tapped. */
export const once = (act: () => unknown) => (event: MouseEvent) => {
    if (event.detail < 2) act();
};

/** Records `outcome`. A yes that lacks an address asks for it first. */
export async function record(
    till: Till,
    outcome: Outcome,
    contacts: NewContact[] = [],
): Promise<Trouble | null> {
    if (!till.desk || !may(till, outcome)) return null;
    if (outcome === 'save' && contacts.length === 0 && missingContact(till.draft, till.desk.questions)) {
        askAddress(till, true);
        return null;
    }
    const bare = actRequest(outcome, till.desk, till.draft, till.method, contacts, '');
    if (!bare) return null;
    const body = JSON.stringify(bare);
    if (till.attempt.body !== body) till.attempt = { body, key: crypto.randomUUID() };
    till.busy = till.acting = true;
    const reply = await till.client.post('/acts', { ...bare, idempotencyKey: till.attempt.key });
    till.busy = till.acting = false;
    if (!reply.ok) {
        if (reply.trouble.desk) till.show(reply.trouble.desk);
        // What an address lacks is for the form that sent it; everything else is said here.
        const ofForm = reply.trouble.errors?.every((error) => error.pointer.startsWith('/contacts'));
        if (reply.trouble.code !== 'invalid' || contacts.length === 0 || !ofForm)
            till.complain(reply.trouble);
        // A picture may have come by the feed meanwhile; what it says of the marks stays.
        till.carry?.();
        return reply.trouble;
    }
    till.attempt = { body: '', key: '' };
    till.draft = {};
    till.note = null;
    till.show(reply.value.desk);
    till.carry?.();
    return null;
}

/**
 * "No, thanks": a no to every open row, those further down too; where nothing is asked, to every yes on file. Beside marks it destroys
 * none: a yes among them waits for Save, and the same press again does not turn it. Without one it is recorded: as a refusal where it
 * speaks just for what was asked.
 */
export async function refuse(till: Till): Promise<void> {
    const { desk } = till;
    if (!desk || !may(till, 'refuse')) return;
    const { questions } = desk;
    const what = refusal(till.draft, questions);
    // The same press again.
    if (what === 'no' && till.filled && performance.now() < till.filled + kBounceMs) return;
    const after = refused(till.draft, questions);
    if (what === 'all' && questions.every((q) => q.asked === !!after[q.questionId])) {
        await record(till, 'refuse');
        return;
    }
    till.draft = after;
    const waits = questions.some((question) => marked(after, question) === 'yes');
    if (waits || (await record(till, 'save'))) till.filled = performance.now();
}

/** Opens the form for an address; `forAct` = a yes waits for it. */
export function askAddress(till: Till, forAct = false): void {
    till.addressForAct = forAct;
    till.dialog = 'address';
}

export async function undo(till: Till): Promise<void> {
    const { available, actId } = till.desk?.undo ?? {};
    if (!available || !actId || till.busy) return;
    const slip = till.desk?.lastAct?.slip;
    if (!(await till.deskFrom(till.client.post('/acts/{actId}/undo', undefined, { actId })))) return;
    till.job = null;
    till.takenBack = actId;
    const out = slip === 'printed' || slip === 'indeterminate';
    // What only waits for the printer does not come out any more.
    till.tell(out ? 'undone.slip' : slip === 'queued' ? 'undone.waiting' : 'undone');
}

/** Why the drawer stays shut, where the general words would mislead. */
const kShut: Partial<Record<string, Key>> = {
    'printer-unavailable': 'drawer.shut',
    'storage-unavailable': 'drawer.unnoted',
    'too-many': 'drawer.wait',
};

/** Opens the cash drawer, where the house lets its cashiers. */
export async function openDrawer(till: Till): Promise<void> {
    if (!till.desk?.drawerOffered || till.busy) return;
    till.busy = true;
    const reply = await till.client.post('/printer/drawer', undefined);
    till.busy = false;
    const shut = reply.ok ? undefined : kShut[reply.trouble.code];
    if (reply.ok) till.tell('drawer.opened');
    else if (shut) till.tell(shut, true);
    else till.complain(reply.trouble);
}

export async function printSlip(till: Till): Promise<void> {
    const actId = till.desk?.lastAct?.actId;
    if (!actId || !till.desk?.slipOffered || till.busy) return;
    till.busy = true;
    const reply = await till.client.post('/acts/{actId}/slip', undefined, { actId });
    till.busy = false;
    // The feed may have told already how it went on: then the reply is old.
    if (reply.ok && till.job?.jobId !== reply.value.jobId) till.jobIs(reply.value);
    else if (!reply.ok) till.complain(reply.trouble);
}

export async function decideJob(till: Till, decision: 'reprint' | 'done'): Promise<void> {
    if (!till.job) return;
    const { jobId } = till.job;
    const reply = await till.client.post('/printer/jobs/{jobId}/decide', { decision }, { jobId });
    if (reply.ok) till.jobIs(reply.value);
    else till.complain(reply.trouble);
}

/** The next situation, or `to`. */
export async function setSituation(till: Till, to?: Situation): Promise<void> {
    const now = kSituations.indexOf(situationOf(till));
    const situation = to ?? kSituations[(now + 1) % kSituations.length] ?? 'counter';
    await till.deskFrom(till.client.post('/desk/situation', { situation }));
}

export function situationOf(till: Till): Situation {
    return till.desk?.situation ?? 'counter';
}

export async function setRush(till: Till, on = !till.desk?.rush.on): Promise<void> {
    await till.deskFrom(till.client.post('/desk/rush', { on }));
}

export async function setCustomerLanguage(till: Till, language: Language): Promise<void> {
    await till.deskFrom(till.client.post('/desk/language', { language }));
}

/** Shows the new preferences at once and stores them. */
export async function setPreferences(till: Till, subjectId: string, likes: Preferences): Promise<void> {
    if (till.desk) till.desk = { ...till.desk, preferences: likes };
    const { genres, frequency, language } = likes;
    const wanted = { genres, frequency, language };
    await till.deskFrom(till.client.post('/subjects/{subjectId}/preferences', wanted, { subjectId }));
}

export async function select(till: Till, subjectId: string | null): Promise<boolean> {
    return till.deskFrom(till.client.post('/desk/select', { subjectId }));
}

/** Adds an address to the customer on the desk; null when stored. */
export async function addContact(till: Till, contact: NewContact): Promise<Trouble | null> {
    const subjectId = till.desk?.customer?.subjectId;
    if (!subjectId) return null;
    return stored(
        till,
        till.client.post('/subjects/{subjectId}/contacts', contact, { subjectId }),
        'address.waits',
    );
}

/** A new person, on the desk at once; null when stored. */
export async function addPerson(till: Till, person: NewSubject): Promise<Trouble | null> {
    return stored(till, till.client.post('/subjects', person), null);
}

export async function lock(till: Till): Promise<void> {
    await till.sessionFrom(till.client.post('/session/lock', undefined));
}

export async function signOut(till: Till): Promise<void> {
    await till.sessionFrom(till.client.post('/session/sign-out', undefined));
}

async function stored(till: Till, asked: Promise<Reply<Desk>>, said: Key | null): Promise<Trouble | null> {
    till.busy = true;
    const reply = await asked;
    till.busy = false;
    if (!reply.ok) return reply.trouble;
    till.show(reply.value);
    if (said) till.tell(said);
    return null;
}
