/** Devices in the order of a list, and which of them another one has replaced. */
import type { components } from './schema.gen.ts';

export type Device = components['schemas']['Device'];
export interface Listed {
    device: Device;
    /** When a later device of the same name came in its place (`terminal enrol --again`); null: none did. */
    replacedAt: number | null;
}

const kOut = ['revoked', 'frozen'];

/** By name; of one name first who is there now, then the newest. */
export function listed(devices: readonly Device[]): Listed[] {
    const replacedAt = (old: Device) => {
        const later = devices.filter(
            (d) =>
                d.id !== old.id &&
                d.name === old.name &&
                d.kind === old.kind &&
                d.status === 'active' &&
                d.enrolledAt > old.enrolledAt,
        );
        return kOut.includes(old.status) && later.length ? Math.min(...later.map((d) => d.enrolledAt)) : null;
    };
    return devices
        .map((device) => ({ device, replacedAt: replacedAt(device) }))
        .sort(
            (a, b) =>
                a.device.name.localeCompare(b.device.name) ||
                Number(a.replacedAt !== null) - Number(b.replacedAt !== null) ||
                b.device.enrolledAt - a.device.enrolledAt,
        );
}
