/** The way through the questions: the rows, the addresses that a yes leads to, the look back. Pure. */
import type { Asked, ContactKind, Question } from './api.ts';

export type Yes = 'yes' | 'no';
export type Answers = Readonly<Record<string, Yes>>;
export type Step = `ask-${number}` | ContactKind | 'review';

/** As many rows as the smallest screen shows at once. */
export const kRows = 3;
const kKinds: readonly ContactKind[] = ['email', 'phone', 'post'];

export const keyOf = ({ purpose, channel }: Question): string => `${purpose}/${channel}`;

export function cardsOf(questions: readonly Question[]): Question[][] {
    const cards: Question[][] = [];
    for (let at = 0; at < questions.length; at += kRows) cards.push(questions.slice(at, at + kRows));
    return cards;
}

/** The kinds of address that the answers lead to. */
export function kindsOf(asked: Asked, answers: Answers): ContactKind[] {
    const wanted = asked.questions.filter((question) => answers[keyOf(question)] === 'yes');
    return kKinds.filter((kind) => wanted.some((question) => question.kind === kind));
}

export function stepsOf(asked: Asked, answers: Answers): Step[] {
    const cards = cardsOf(asked.questions).map((_, at): Step => `ask-${at}`);
    return [...cards, ...kindsOf(asked, answers), 'review'];
}

/** The answers as they are sent, in the order of the questions; rows without one are left out and stay as they are. */
export function sayingOf(asked: Asked, answers: Answers) {
    return asked.questions.flatMap((question) => {
        const answer = answers[keyOf(question)];
        if (!answer) return [];
        const choice: 'given' | 'refused' = answer === 'yes' ? 'given' : 'refused';
        return [{ purpose: question.purpose, channel: question.channel, choice }];
    });
}
