/** The house's own colours on the page. The kiosk process refuses a theme in which text could not be read. */
import type { Theme } from './api.ts';

/** WCAG 2's relative luminance of `#rrggbb`. */
export function luminance(colour: string): number {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
    const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
}

/** The colours as the style sheet names them. The background deepens away from the text on it, so that contrast only grows. */
export function coloursOf(theme: Theme): Record<string, string> {
    const dark = luminance(theme.accent) < luminance(theme.onAccent);
    // Limelight where it is seen; else the house's own pair turned round.
    const gold = dark && contrast('#ffd27a', theme.accent) >= 3;
    return {
        '--accent': theme.accent,
        '--on-accent': theme.onAccent,
        '--deep': dark ? '#000000' : '#ffffff',
        '--paper': theme.paper,
        '--ink': theme.ink,
        '--go-on': gold ? '#ffd27a' : theme.onAccent,
        '--on-go': gold ? '#2b1020' : theme.accent,
    };
}
