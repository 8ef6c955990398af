/** The figures of a questionnaire as a table for whoever funds the house (RFC 4180). What is not shown on the page is not in it. Pure. */
import type { Language } from '@souffleur/ui-kit/api/types.ts';
import type { components } from './schema.gen.ts';

export type Survey = components['schemas']['Survey'];
type Count = components['schemas']['SurveyCount'];

export interface Heads {
    questionnaire: string;
    version: string;
    from: string;
    to: string;
    tookPart: string;
    question: string;
    answer: string;
    count: string;
}

export const textIn = (texts: Readonly<Record<string, string>>, language: Language): string =>
    texts[language] ?? texts.en ?? Object.values(texts)[0] ?? '';

/** A sheet reads what begins so as a formula; nothing of ours does, but a pack is written by people. */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
const cell = (text: string): string => `"${harmless(text).replaceAll('"', '""')}"`;

export function csvOf(survey: Survey, heads: Heads, language: Language): string {
    const shown = (count: Count) => (count === null ? `<${survey.smallestShown}` : String(count));
    const { questionnaire, version, from, to, tookPart, question, answer, count } = heads;
    const rows = [[questionnaire, version, from, to, tookPart, question, answer, count]];
    const about = [textIn(survey.title, language), String(survey.version), survey.firstDay ?? '', survey.lastDay ?? '', shown(survey.tookPart)]; // biome-ignore format: one thought
    for (const one of survey.questions)
        for (const { labels, count } of one.answers)
            rows.push([...about, textIn(one.text, language), textIn(labels, language), shown(count)]);
    // With the mark that tells a sheet which letters these are.
    return `\uFEFF${rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')}`;
}

/** How long a bar is, in percent of the longest of its question. */
export const barOf = (counts: readonly Count[], count: Count): number =>
    (100 * (count ?? 0)) / Math.max(1, ...counts.map((each) => each ?? 0));
