/** Who is asked what in a questionnaire, and what of it is sent: the same rules as plugin/policy/Questionnaire.cpp. Pure. */
import type { Language, Questionnaire, SurveyAnswer, SurveyQuestion } from '../api.ts';

/** By question: ids of options, the step of a scale, or the text. A question that was passed over is not there, or is empty. */
export type Filled = Readonly<Record<string, readonly string[]>>;

/** The values that stand for a question, cleaned; empty = passed over. */
const valuesOf = (filled: Filled, id: string): string[] =>
    (filled[id] ?? []).map((value) => value.trim().replace(/\s+/g, ' ')).filter(Boolean);

/** The questions that are asked of somebody who answered so, in their order. Conditions name earlier questions alone. */
export function askedOf(form: Questionnaire, filled: Filled): SurveyQuestion[] {
    const asked: SurveyQuestion[] = [];
    for (const question of form.questions) {
        const { showIf } = question;
        const leads =
            !showIf ||
            (asked.some((before) => before.id === showIf.question) &&
                valuesOf(filled, showIf.question).some((value) => showIf.answers.includes(value)));
        if (leads) asked.push(question);
    }
    return asked;
}

/** What is sent: what was answered of what is asked, and nothing that a changed mind left behind. */
export function answersOf(form: Questionnaire, filled: Filled): SurveyAnswer[] {
    return askedOf(form, filled).flatMap(({ id }) => {
        const values = valuesOf(filled, id);
        return values.length ? [{ question: id, values }] : [];
    });
}

/** `filled` after a touch on `value`: chosen, or let go again. More than may be chosen are not. */
export function touched(question: SurveyQuestion, filled: Filled, value: string): Filled {
    const before = filled[question.id] ?? [];
    const chosen = before.includes(value);
    const rest = before.filter((other) => other !== value);
    if (question.kind !== 'multi') return { ...filled, [question.id]: chosen ? [] : [value] };
    if (chosen) return { ...filled, [question.id]: rest };
    return before.length < question.atMost ? { ...filled, [question.id]: [...before, value] } : filled;
}

/** The answers in words, in one line. */
export function saidOf(form: Questionnaire, filled: Filled, language: Language): string {
    return answersOf(form, filled)
        .flatMap(({ question, values }) => {
            const options = form.questions.find(({ id }) => id === question)?.options ?? [];
            return values.map((value) => options.find(({ id }) => id === value)?.labels[language] ?? value);
        })
        .join(', ');
}
