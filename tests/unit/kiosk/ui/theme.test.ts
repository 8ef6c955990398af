import { expect, test } from 'vitest';
import { coloursOf, contrast } from '../../../../kiosk/ui/src/theme.ts';

test('contrast is that of WCAG 2', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
    expect(contrast('#8a1538', '#8a1538')).toBe(1);
});

const theme = { paper: '#fffaf3', ink: '#1d1a16', logo: null };
test('limelight where it can be seen, else the house’s own colours; the background deepens away from its text', () => {
    const dark = coloursOf({ ...theme, accent: '#8a1538', onAccent: '#ffffff' });
    expect(dark).toMatchObject({ '--go-on': '#ffd27a', '--deep': '#000000' });
    expect(contrast(dark['--go-on'] ?? '', dark['--on-go'] ?? '')).toBeGreaterThan(4.5);
    const light = coloursOf({ ...theme, accent: '#ffd0dc', onAccent: '#3a0715' });
    expect(light).toMatchObject({ '--go-on': '#3a0715', '--on-go': '#ffd0dc', '--deep': '#ffffff' });
});
