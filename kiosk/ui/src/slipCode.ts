/** The code on a slip as people type it: either case, O for 0, I and L for 1, hyphens and spaces anywhere (plugin/crypto/Handle.h). */
const kSigns = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const kCodeSigns = 27;

/** Its signs alone, the way they stand on the slip; what is no sign is left out. */
export function signsOf(typed: string): string {
    return [...typed.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1')]
        .filter((sign) => kSigns.includes(sign))
        .join('');
}

/** In groups of four, as on the slip. */
export const grouped = (signs: string): string => signs.replace(/(.{4})(?=.)/g, '$1-');

/** Whether the last sign fits the others: one mistyped sign, or two exchanged ones, never do. */
export function checks(signs: string): boolean {
    if (signs.length !== kCodeSigns) return false;
    let sum = 0;
    for (const sign of signs.slice(0, -1)) {
        // GF(32) = GF(2)[x] / (x^5 + x^2 + 1), times its generator.
        const twice = (sum ^ kSigns.indexOf(sign)) << 1;
        sum = twice > 31 ? twice ^ 0x25 : twice;
    }
    return kSigns[sum] === signs.at(-1);
}

/** A scanner types the whole address in the QR code: then it goes as it is. */
export const isAddress = (typed: string): boolean => typed.includes('://');

/** Whether it can be a code so far, and no address that a reader is still typing: 128 bits begin with a sign from 0 to 7. */
export const beginsCode = (typed: string): boolean => /^[\s-]*[0-7oil][\w\s-]*$/i.test(typed);
