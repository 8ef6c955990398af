import { expect, test } from 'vitest';
import { type Device, listed } from '../../../../sync/console/src/devices.ts';

const device = (id: string, more: Partial<Device> = {}): Device => ({
    id,
    kind: 'terminal',
    name: 'Till 1',
    place: 'till-1',
    status: 'active',
    fingerprint: '',
    events: 0,
    quarantined: 0,
    keptAll: true,
    enrolledAt: 100,
    lastSeen: 0,
    ...more,
});

test('a till that enrolled anew stands before the one it replaced, which is told from it', () => {
    const old = device('a', { status: 'frozen' });
    const fresh = device('b', { enrolledAt: 200 });
    const other = device('c', { name: 'Till 2', status: 'revoked' });
    expect(listed([old, other, fresh]).map((one) => [one.device.id, one.replacedAt])).toEqual([
        ['b', null],
        ['a', 200],
        ['c', null],
    ]);
});

test('none is replaced by one that waits, by another kind, or by an older one', () => {
    const old = device('a', { status: 'revoked' });
    for (const later of [
        device('b', { enrolledAt: 200, status: 'pending' }),
        device('b', { enrolledAt: 200, kind: 'kiosk' }),
        device('b', { enrolledAt: 50 }),
    ])
        expect(listed([old, later]).every((one) => one.replacedAt === null)).toBe(true);
});
