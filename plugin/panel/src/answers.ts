/** What the cashier has marked so far, and how it becomes an act. Pure. */
import type {
    ActRequest,
    Answer,
    ContactKind,
    Desk,
    NewContact,
    Outcome,
    Question,
} from '@souffleur/ui-kit/api/types.ts';

export type Mark = 'yes' | 'no' | null;
export type Draft = Readonly<Record<string, Mark>>;
export type Method = ActRequest['method'];

/** Yes, then no, then none: one key goes round. */
export function nextMark(mark: Mark | undefined): Mark {
    if (mark === 'yes') return 'no';
    return mark === 'no' ? null : 'yes';
}

export function marked(draft: Draft, question: Question): Mark {
    return draft[question.questionId] ?? null;
}

/** The marks as answers, in the order of the questions; unmarked ones are left out and stay unanswered. */
export function answersOf(draft: Draft, questions: readonly Question[]): Answer[] {
    return questions.flatMap((question) => {
        const mark = marked(draft, question);
        if (!mark) return [];
        const { purpose, channel } = question;
        return [{ purpose, channel, choice: mark === 'yes' ? 'given' : 'refused' }];
    });
}

/** The row that the line to say speaks of. */
export const lineRow = (desk: Desk | null): Question | undefined =>
    desk?.questions.find((q) => q.asked && desk.script?.noticeRef === `${q.noticeId}@${q.noticeVersion}`);

/** Is the row a no already? */
export const isNo = ({ answered }: Question) => /^(?:refused|withdrawn|objected)$/.test(answered.state);
/**
 * The rows that a refusal fills, wherever they stand and whichever layout shows them: while something is asked, that and all without an
 * answer (a yes on file was not asked about); else all that are no "no" yet, a yes on file too.
 */
function openIn(questions: readonly Question[]): readonly Question[] {
    const asking = questions.some((q) => q.asked);
    const stands = ({ answered }: Question) => /^(?:given|unconfirmed|soft|legacy)$/.test(answered.state);
    return questions.filter((q) => q.asked || !(isNo(q) || (asking && stands(q))));
}

/** What "No, thanks" means beside these marks: `all` = none is marked, what is open becomes a no; `rest` = so does what is left; `no` = all does, and each marked yes. */
export function refusal(draft: Draft, questions: readonly Question[]): 'all' | 'rest' | 'no' {
    if (!openIn(questions).some((q) => !marked(draft, q))) return 'no';
    if (answersOf(draft, questions).length) return 'rest';
    return questions.some((q) => q.asked) ? 'all' : 'no';
}

/** The marks after "No, thanks": a marked answer stays, every other open row becomes a no; where none is left, so does each yes, marked or on file. */
export function refused(draft: Draft, questions: readonly Question[]): Draft {
    const everything = refusal(draft, questions) === 'no';
    const open = openIn(questions);
    const after = questions.map((q): [string, Mark] => {
        const mark = marked(draft, q);
        if (everything) return [q.questionId, mark === 'no' || !isNo(q) ? 'no' : null];
        return [q.questionId, mark ?? (open.includes(q) ? 'no' : null)];
    });
    return Object.fromEntries(after);
}

/**
 * The marks of `before` on the rows of `after`, another set of questions to the same customer. A no stays where its row does; no yes does: a
 * set changes with what was said since, and a row need not show it. `lost` = some mark could not stay.
 */
export function carried(draft: Draft, before: readonly Question[], after: readonly Question[]) {
    const kept: Record<string, Mark> = {};
    let lost = false;
    for (const was of before) {
        const mark = marked(draft, was);
        const row = after.find((q) => q.purpose === was.purpose && q.channel === was.channel);
        if (mark === 'no' && row) kept[row.questionId] = mark;
        else lost ||= !!mark;
    }
    return { draft: kept as Draft, lost };
}

/** The kind of address that a marked yes still lacks, null when there is nothing to ask for. */
export function missingContact(draft: Draft, questions: readonly Question[]): ContactKind | null {
    return questions.find((q) => marked(draft, q) === 'yes' && q.needsContact)?.needsContact ?? null;
}

/** Whether `outcome` may be recorded now: an answer for `save`, an asked question for the others, a customer for stop, in a rush too. */
export function mayRecord(outcome: Outcome, desk: Desk | null, draft: Draft): boolean {
    if (!desk?.customer) return false;
    // A school and a rush show no questions, yet whoever wants nothing more is heard there too.
    if (desk.rush.on && desk.lastAct?.outcome === outcome) return false;
    if (outcome === 'stop-everything' && (desk.rush.on || desk.situation === 'school')) return true;
    if (desk.rush.on || !desk.questionSetId) return false;
    if (outcome === 'stop-everything') return true;
    if (outcome === 'save') return answersOf(draft, desk.questions).length > 0;
    return desk.questions.some((question) => question.asked);
}

/** The request for an act on what the screen shows, null when it may not be recorded. */
export function actRequest(
    outcome: Outcome,
    desk: Desk,
    draft: Draft,
    method: Method,
    contacts: NewContact[],
    idempotencyKey: string,
): ActRequest | null {
    if (!mayRecord(outcome, desk, draft) || !desk.customer) return null;
    return {
        idempotencyKey,
        questionSetId: desk.questionSetId,
        subjectId: desk.customer.subjectId,
        outcome,
        answers: outcome === 'save' ? answersOf(draft, desk.questions) : [],
        method: desk.situation === 'phone' ? 'phone' : method,
        language: desk.script?.language ?? desk.customer.language,
        contacts,
    };
}

/** When an act was recorded: its id says so (UUID version 7, RFC 9562); null for any other id. */
export function recordedAt(actId: string): number | null {
    const hex = actId.replaceAll('-', '');
    return /^[0-9a-f]{12}7[0-9a-f]{19}$/i.test(hex) ? Number.parseInt(hex.slice(0, 12), 16) : null;
}
