/** What a figure has to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A figure, and all that is needed to believe it. */
export type Measurement = {
  /** What was measured, as a reader of the table calls it. */
  readonly name: string;
  /** The median of the samples, where there are several. */
  readonly value: number;
  readonly unit: 'ratio' | '/s' | 'ms' | 's' | 'MB' | '%' | 'count';
  readonly samples: readonly number[];
  /** Null for a figure that only informs. */
  readonly target: Target | null;
  /** How it was measured: load, connections, rounds, seconds, settings. One sentence. */
  readonly how: string;
  /** What a ratio was made of. */
  readonly sides?: readonly SideFigures[];
};

/** What a figure has that was measured once: no target, unless it gets one. */
export function single(
  value: number,
  how: string,
): Pick<Measurement, 'value' | 'samples' | 'target' | 'how'> {
  return { value, samples: [value], target: null, how };
}

/** What was measured of one side of a comparison: a sample for each round. */
export type SideFigures = {
  readonly name: string;
  readonly unit: Exclude<Measurement['unit'], 'ratio'>;
  readonly samples: readonly number[];
};

/** Whether the value reaches its target; null where there is none. */
export function reachesTarget({ value, target }: Pick<Measurement, 'value' | 'target'>): boolean | null {
  if (target === null) {
    return null;
  }
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** `≥ 0.80`, `≤ 2` */
export function targetText(target: Target): string {
  const limit = 'atLeast' in target ? target.atLeast : target.atMost;
  return `${'atLeast' in target ? '≥' : '≤'} ${limit < 1 ? limit.toFixed(2) : limit}`;
}
