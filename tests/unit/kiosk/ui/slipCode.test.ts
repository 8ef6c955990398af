import { expect, test } from 'vitest';
import {
    beginsCode,
    checks,
    grouped,
    isAddress,
    kCodeSigns,
    signsOf,
} from '../../../../kiosk/ui/src/slipCode.ts';

// 128 bits of ones, as plugin/crypto writes them (tests/unit/plugin/crypto).
const kSigns = '7ZZZZZZZZZZZZZZZZZZZZZZZZZ';
const kAlphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const whole = (signs: string) => [...kAlphabet].map((last) => signs + last).filter(checks);

test('what people mistake for each other is one sign, and everything else is left out', () => {
    expect(signsOf('oO-iI lL 7z.z_é')).toBe('001111' + '7ZZ');
    expect(signsOf('uU')).toBe('');
});

test('signs stand in groups of four, without a dash at the end', () => {
    expect(grouped('7ZZZZ')).toBe('7ZZZ-Z');
    expect(grouped('7ZZZ')).toBe('7ZZZ');
    expect(grouped('')).toBe('');
});

test('exactly one last sign fits, and no mistyped or exchanged sign passes', () => {
    expect(whole(kSigns)).toHaveLength(1);
    const code = whole('7123456789ABCDEFGHJKMNPQRS')[0] ?? '';
    expect(code).toHaveLength(kCodeSigns);
    for (let at = 0; at < code.length; at++) {
        for (const sign of kAlphabet)
            if (sign !== code[at])
                expect(checks(code.slice(0, at) + sign + code.slice(at + 1)), `${at}`).toBe(false);
        const [a = '', b = ''] = [code[at], code[at + 1]];
        if (b && a !== b) expect(checks(code.slice(0, at) + b + a + code.slice(at + 2))).toBe(false);
    }
    expect(checks(code.slice(1))).toBe(false);
    expect(checks('')).toBe(false);
});

test('what a reader types from a picture is an address', () => {
    expect(isAddress('https://example.org/w#7ZZZ')).toBe(true);
    expect(isAddress('7ZZZ-ZZZZ')).toBe(false);
});

test('an address is left alone while a reader still types it', () => {
    for (const typed of ['h', 'http', 'https:', 'https://example.org/w#7ZZZ'])
        expect(beginsCode(typed), typed).toBe(false);
    for (const typed of ['7', 'o', ' 7zzz-i', '0110-1']) expect(beginsCode(typed), typed).toBe(true);
});
