import { expect, test } from 'vitest';
import { Idle } from '../../../../plugin/ui-kit/src/idle.ts';

const kTimes = { firstMs: 25_000, typingMs: 90_000, warnMs: 20_000 };

test('a quiet first screen warns after 25 s and is over 20 s later', () => {
    const idle = new Idle(kTimes, 1000);
    expect(idle.leftMs(25_999)).toBeNull();
    expect(idle.leftMs(26_000)).toBe(20_000);
    expect(idle.leftMs(45_000)).toBe(1000);
    expect(idle.leftMs(46_000)).toBe(0);
    expect(idle.leftMs(900_000)).toBe(0);
});

test('once something was typed 90 s are quiet, also after a touch that typed nothing', () => {
    const idle = new Idle(kTimes, 0);
    idle.touch(5000, true);
    idle.touch(6000);
    expect(idle.leftMs(95_999)).toBeNull();
    expect(idle.leftMs(96_000)).toBe(20_000);
});

test('a touch before the warning begins anew; during the warning only "I am here" does', () => {
    const idle = new Idle(kTimes, 0);
    idle.touch(24_000);
    expect(idle.leftMs(48_999)).toBeNull();
    idle.touch(50_000);
    expect(idle.leftMs(50_000)).toBe(19_000);
    idle.stay(50_000);
    expect(idle.leftMs(74_999)).toBeNull();
    expect(idle.leftMs(75_000)).toBe(20_000);
});

test('whoever is through has the short time again, until they type', () => {
    const idle = new Idle(kTimes, 0);
    idle.touch(1000, true);
    idle.rest(2000);
    expect(idle.leftMs(26_999)).toBeNull();
    expect(idle.leftMs(27_000)).toBe(20_000);
});

test('the warning can be extended as often as one likes', () => {
    const idle = new Idle(kTimes, 0);
    let now = 0;
    for (let n = 0; n < 50; n++) {
        now += 44_999;
        expect(idle.leftMs(now)).toBe(1);
        idle.stay(now);
        expect(idle.leftMs(now)).toBeNull();
    }
});
