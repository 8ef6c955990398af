/** The way of one visitor: which screens there are, in which order, from the house's questions and what was answered so far. */
import type { Channel, Choice, ContactKind, House, NoticeRef, Question, Questionnaire } from './api.ts';

export type Yes = 'yes' | 'no';
/** By `keyOf` a question; one that was passed over is not there. The notice is the one that was on the screen. */
export type Answers = Readonly<Record<string, { value: Yes; notice: NoticeRef }>>;
export type Step =
    | `wishes-${number}`
    | 'age'
    | 'name'
    | ContactKind
    | 'tastes'
    | 'survey'
    | 'review'
    | 'none';

/** Rows that fit on a card without scrolling on the smallest kiosk. */
const kRowsMax = 4;

export const keyOf = (question: { purpose: string; channel: Channel }): string =>
    `${question.purpose}/${question.channel}`;

/** Whether others need a yes to this purpose: a document of its own, on a page of its own. */
const isFirst = (house: House, question: Question): boolean =>
    house.questions.some((other) => other.needs === question.purpose);

function saidYes(house: House, answers: Answers, purpose: string): boolean {
    return house.questions.some((q) => q.purpose === purpose && answers[keyOf(q)]?.value === 'yes');
}

/** Whether a yes to it can count, with what was answered before. */
const isOpen = (house: House, answers: Answers, question: Question): boolean =>
    !question.needs || saidYes(house, answers, question.needs);

/** The questions, a card each: at most `kRowsMax` rows, a purpose never torn apart where it fits, what others need by itself. */
export function cardsOf(house: House, answers: Answers): Question[][] {
    const cards: Question[][] = [];
    let alone = true;
    for (const group of groups(house.questions.filter((q) => isOpen(house, answers, q)))) {
        const first = group.some((q) => isFirst(house, q));
        const last = cards.at(-1);
        if (!last || alone || first || last.length + group.length > kRowsMax) cards.push(...chunks(group));
        else last.push(...group);
        alone = first;
    }
    return cards;
}

function groups(questions: readonly Question[]): Question[][] {
    const found: Question[][] = [];
    for (const question of questions) {
        const last = found.at(-1);
        if (last?.[0]?.purpose === question.purpose) last.push(question);
        else found.push([question]);
    }
    return found;
}

const chunks = (group: Question[]): Question[][] =>
    group.length <= kRowsMax ? [group] : [group.slice(0, kRowsMax), ...chunks(group.slice(kRowsMax))];

/** Whether a card asks what others need. */
export const isFirstCard = (house: House, card: readonly Question[]): boolean =>
    card.some((q) => isFirst(house, q));

/** The questions that were answered yes and can count. */
export const yeses = (house: House, answers: Answers): Question[] =>
    house.questions.filter((q) => answers[keyOf(q)]?.value === 'yes' && isOpen(house, answers, q));

/** The addresses that these answers need, in the order in which they are asked. */
export function contactsOf(house: House, answers: Answers): ContactKind[] {
    const needed = new Set(yeses(house, answers).map((q) => q.contact));
    return (['email', 'phone', 'post'] as const).filter((kind) => needed.has(kind));
}

/** Whether the phone number is to take text messages. */
export const wantsSms = (house: House, answers: Answers): boolean =>
    yeses(house, answers).some((q) => q.channel === 'sms');

/** All steps, now. Without a yes that leads to an address there is nothing to keep: the way ends with `none`. */
export function stepsOf(house: House, answers: Answers): Step[] {
    const wishes = cardsOf(house, answers).map((_, n): Step => `wishes-${n}`);
    const contacts = contactsOf(house, answers);
    if (!contacts.length) return [...wishes, 'none'];
    const likes = house.likes.genres.length + house.likes.frequencies.length > 0;
    return [
        ...wishes,
        ...(house.age ? (['age'] as const) : []),
        'name',
        ...contacts,
        ...(likes ? (['tastes'] as const) : []),
        ...(besideOf(house, answers) ? (['survey'] as const) : []),
        'review',
    ];
}

/** What is asked beside the sign-up: of the house's questions those whose purpose was answered yes; null = nothing. */
export function besideOf(house: House, answers: Answers): Questionnaire | null {
    const form = house.surveys.beside;
    const agreed = yeses(house, answers);
    const questions = form?.questions.filter((q) => agreed.some((yes) => yes.purpose === q.purpose));
    return form && questions?.length ? { ...form, questions } : null;
}

/** What is sent: every answer that counts, with the notice it was given under. */
export function choicesOf(house: House, answers: Answers): Choice[] {
    return house.questions.flatMap((q) => {
        const answer = answers[keyOf(q)];
        if (!answer || !isOpen(house, answers, q)) return [];
        const choice = answer.value === 'yes' ? ('given' as const) : ('refused' as const);
        return [{ purpose: q.purpose, channel: q.channel, choice, notice: answer.notice }];
    });
}

/** The answers that still stand under `house`: those whose notice is in force in the language it was read in. */
export function stillStanding(house: House, answers: Answers): Answers {
    const kept = house.questions.flatMap((q) => {
        const answer = answers[keyOf(q)];
        const now = answer && q.wordings[answer.notice.language]?.notice;
        return now && now.sha256 === answer.notice.sha256 && now.version === answer.notice.version
            ? [[keyOf(q), answer] as const]
            : [];
    });
    return Object.fromEntries(kept);
}
