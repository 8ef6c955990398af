/** Times as people say them, by `Intl`; no words of our own. */

const kSteps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
    ['second', 60],
    ['minute', 60],
    ['hour', 24],
    ['day', 30],
    ['month', 12],
    ['year', Number.POSITIVE_INFINITY],
];

/** "8 sec. ago", "2 days ago". `ageMs` below zero (a clock ahead of ours) reads as now. */
export function ago(ageMs: number, language: string): string {
    let value = Math.max(0, Math.floor(ageMs / 1000));
    for (const [unit, size] of kSteps) {
        if (value < size)
            return new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' }).format(
                -value,
                unit,
            );
        value = Math.floor(value / size);
    }
    return '';
}

/** Our English is a European house's: the day stands before the month. */
const locale = (language: string) => (language === 'en' ? 'en-GB' : language);

/** "12 Mar 2024". */
export function day(ms: number, language: string): string {
    const text = new Intl.DateTimeFormat(locale(language), {
        day: 'numeric',
        month: 'short',
        year: 'numeric',
    }).format(ms);
    // Russian ends in "г.", which neither narrow rows nor the end of a sentence can carry.
    return text.replace(/\s*г\.$/, '');
}

/** "17:15". */
export function clock(ms: number, language: string): string {
    return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(
        ms,
    );
}

/** "12 Mar 2024, 17:15". */
export function dayAndClock(ms: number, language: string): string {
    return `${day(ms, language)}, ${clock(ms, language)}`;
}

/** "E-mail, post and SMS". */
export function list(items: readonly string[], language: string): string {
    return new Intl.ListFormat(language, { style: 'long', type: 'conjunction' }).format(items);
}
