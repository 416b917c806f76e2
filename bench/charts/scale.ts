/** Where a value stands on an axis, and which values are written beside it. */
export type Scale = {
  /** The position of a value, in pixels. */
  at(value: number): number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
};

/**
 * - `linear`: from zero.
 * - `log`: each power of ten as long as the next. Values have to be above zero.
 * - `steps`: the values of the points themselves, each as far from the next, for few and uneven ones such as 0, 10,000, 1,000,000.
 */
export type ScaleKind = 'linear' | 'log' | 'steps';

/** Positions in pixels of the axis' two ends. On an axis that goes up the first is the greater one. */
export type Span = readonly [number, number];

/**
 * A scale on which all these values have a place, with round numbers for ticks.
 *
 * @param about how many ticks there are about, for a linear one
 * @throws Error for values that a logarithm does not have, and when there are none
 */
export function scaleOf(kind: ScaleKind, values: readonly number[], span: Span, about = 5): Scale {
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new Error(`expected finite values for a scale, got ${JSON.stringify(values)}`);
  }
  switch (kind) {
    case 'linear':
      return linearScale(values, span, about);
    case 'log':
      return logScale(values, span);
    case 'steps':
      return stepScale(values, span);
  }
}

function linearScale(values: readonly number[], span: Span, about: number): Scale {
  const highest = Math.max(...values) || 1;
  const step = niceStep(highest, about);
  // The tolerance keeps 0.3 / 0.1, which is a little less than 3, from ending one step too far.
  const steps = Math.ceil(highest / step - 1e-9);
  const end = steps * step;
  return {
    at: (value) => between(span, value / end),
    ticks: Array.from({ length: steps + 1 }, (_, index) => tick(index * step)),
  };
}

function logScale(values: readonly number[], span: Span): Scale {
  const lowest = Math.min(...values);
  if (lowest <= 0) {
    throw new Error(`expected values above zero for a scale of logarithms, got ${lowest}`);
  }
  const first = Math.floor(Math.log10(lowest));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return {
    at: (value) => between(span, (Math.log10(value) - first) / (last - first)),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => tick(10 ** (first + index))),
  };
}

function stepScale(values: readonly number[], span: Span): Scale {
  const steps = [...new Set(values)].sort((a, b) => a - b);
  return {
    // Half a step of room on each side, so that the first and the last point are inside.
    at: (value) => between(span, (steps.indexOf(value) + 0.5) / steps.length),
    ticks: steps.map(tick),
  };
}

/** 1, 2, 2.5 or 5 times a power of ten, so that about so many steps lead to `end`. */
function niceStep(end: number, about: number): number {
  const power = 10 ** Math.floor(Math.log10(end / about));
  const fitting = [1, 2, 2.5, 5].find((factor) => factor * power * about >= end * 0.999);
  return (fitting ?? 10) * power;
}

function between([from, to]: Span, share: number): number {
  return from + share * (to - from);
}

function tick(value: number): { readonly value: number; readonly text: string } {
  return { value, text: tickText(value) };
}

/** 250, 10k, 2.5M: short, because ticks stand close to each other. */
export function tickText(value: number): string {
  const [divisor, unit] = value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / divisor).toPrecision(3))}${unit}`;
}
