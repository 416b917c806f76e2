import type { Wrong } from './decided.ts';
import type { Move } from './move.ts';

export type Limits = {
  /** Asked now and then; the search is cut off once it says so. */
  readonly isEnough?: (progress: Progress) => boolean;
};

export type Progress = {
  readonly world: string;
  readonly scenes: number;
  /** Scenes whose moves are still to be tried. */
  readonly frontier: number;
  /** Moves that were tried, those that change nothing included. */
  readonly moves: number;
  /** How many moves the deepest scenes are from the start. */
  readonly depth: number;
  /** How often the rules were asked. */
  readonly asked: number;
  readonly askedAgain: number;
  readonly stories: number;
  readonly bytes: number;
};

export type Explored = Progress & {
  /** Every reachable scene was met. Else all those within fewer moves than `depth`. */
  readonly isComplete: boolean;
  /** The first promise that was broken, with the fewest moves that lead to it. */
  readonly wrong: Broken | null;
};

/** A broken promise, and the moves that lead to it. */
export type Broken = Wrong & { readonly moves: readonly Move[] };
