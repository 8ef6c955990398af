/**
 * What the way lends to the chunks that are fetched behind it. Imported there, these would be cut out of the way's own chunk into one
 * of their own, which costs every visit a kilobyte.
 */
import { once } from '@souffleur/ui-kit/tap.ts';
import Board from './Board.svelte';
import Field from './Field.svelte';
import Frame from './Frame.svelte';
import Glyph from './Glyph.svelte';
import Trouble from './Trouble.svelte';

export const kHanded = { Board, Field, Frame, Glyph, Trouble, once } as const;
export type Handed = typeof kHanded;
