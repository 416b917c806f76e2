import type { Hold } from '../../src/domain/hold.ts';

/** What came of a wish for a hold: the hold, or that there are too few units. */
export type HoldMade =
  | { readonly hold: Hold; readonly availableStockRemaining: number }
  | { readonly hold: null; readonly availableStock: number; readonly nextReleaseAtMs: number | null };
