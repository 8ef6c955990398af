/**
 * E-mail addresses as they are typed at a counter: a quick look before the terminal's own check (`plugin/contact` decides).
 * One address in five typed by staff bounces, most of them for a mistyped domain.
 */

const kKnownDomains = [
    'gmail.com', 'googlemail.com', 'hotmail.com', 'hotmail.nl', 'hotmail.fr', 'hotmail.es', 'hotmail.de', 'hotmail.co.uk',
    'outlook.com', 'live.com', 'live.nl', 'live.fr', 'msn.com', 'icloud.com', 'me.com', 'yahoo.com', 'yahoo.es', 'yahoo.fr',
    'yahoo.co.uk', 'ziggo.nl', 'kpnmail.nl', 'planet.nl', 'xs4all.nl', 'home.nl', 'upcmail.nl', 'casema.nl', 'telfort.nl',
    'gmx.de', 'gmx.net', 'web.de', 't-online.de', 'freenet.de', 'orange.fr', 'wanadoo.fr', 'free.fr', 'sfr.fr', 'laposte.net',
    'telefonica.net', 'btinternet.com', 'sky.com', 'proton.me', 'protonmail.com', 'mail.ru', 'yandex.ru', 'ya.ru', 'bk.ru',
    'list.ru', 'inbox.ru', 'rambler.ru',
] as const; // biome-ignore format: a list

const kEndings: Readonly<Record<string, string>> = {
    con: 'com', cmo: 'com', ocm: 'com', vom: 'com', comm: 'com', coom: 'com', cm: 'com', nll: 'nl', ln: 'nl', rru: 'ru', ess: 'es', orgg: 'org', ogr: 'org',
}; // biome-ignore format: a list

export interface EmailCheck {
    valid: boolean;
    /** What was probably meant, null when the address looks right. */
    suggestion: string | null;
}

/** Looks at an address as typed. `valid` is about form only, 254 characters at most (RFC 5321). */
export function checkEmail(typed: string): EmailCheck {
    const address = typed.trim();
    const at = address.lastIndexOf('@');
    const local = address.slice(0, at);
    const domain = address.slice(at + 1).toLowerCase();
    if (at < 1 || address.length > 254 || local.length > 64 || !validLocal(local))
        return { valid: false, suggestion: null };
    const better = suggestDomain(domain);
    const suggestion = better ? `${local}@${better}` : null;
    return { valid: validDomain(domain), suggestion };
}

const validLocal = (local: string): boolean =>
    /^[^\s@(),:;<>[\]\\"]+$/u.test(local) && !/^\.|\.\.|\.$/.test(local);

const validDomain = (domain: string): boolean =>
    /^(?=.{4,253}$)([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+(\p{L}{2,63}|xn--[a-z0-9-]{2,59})$/u.test(
        domain,
    );

function suggestDomain(domain: string): string | null {
    const tidy = domain
        .replace(/[,;]/g, '.')
        .replace(/\.{2,}/g, '.')
        .replace(/\.$/, '');
    if ((kKnownDomains as readonly string[]).includes(tidy)) return tidy === domain ? null : tidy;
    const ending = tidy.slice(tidy.lastIndexOf('.') + 1);
    const fixed = kEndings[ending] ? tidy.slice(0, -ending.length) + kEndings[ending] : tidy;
    if ((kKnownDomains as readonly string[]).includes(fixed)) return fixed;
    let best: string | null = null;
    let least = 3;
    for (const known of kKnownDomains) {
        const allowed = known.length > 6 ? 2 : 1;
        const distance = editDistance(fixed, known, allowed);
        if (distance <= allowed && distance < least) {
            least = distance;
            best = known;
        }
    }
    // A near miss only counts where it is likelier a slip than another house's domain.
    if (best && (least === 1 || sameEnding(best, fixed))) return best;
    return fixed === domain ? null : fixed;
}

const sameEnding = (a: string, b: string): boolean =>
    a.slice(a.lastIndexOf('.')) === b.slice(b.lastIndexOf('.'));

/** Edits (insert, delete, replace, swap of neighbours) from `a` to `b`; `limit + 1` when there are more. */
export function editDistance(a: string, b: string, limit: number): number {
    if (Math.abs(a.length - b.length) > limit) return limit + 1;
    let before: number[] = [];
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            const same = a[i - 1] === b[j - 1];
            let cost = Math.min(
                (row[j] ?? 0) + 1,
                (next[j - 1] ?? 0) + 1,
                (row[j - 1] ?? 0) + (same ? 0 : 1),
            );
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
                cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
            next.push(cost);
        }
        before = row;
        row = next;
    }
    return Math.min(row[b.length] ?? 0, limit + 1);
}

/** Digits enough for a telephone number, and nothing that does not belong in one. */
export function plausiblePhone(typed: string): boolean {
    const digits = typed.replace(/[\s().\-/]/g, '');
    return /^(\+|00)?\d{6,15}$/.test(digits);
}

/** A postal address has at least two lines with something on them. */
export function plausiblePost(typed: string): boolean {
    return typed.split('\n').filter((line) => line.trim().length > 1).length >= 2;
}
