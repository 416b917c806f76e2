import { boundsPerDoubling, type Latencies, latencyBoundsMs } from './latency.ts';

export type Labels = Readonly<Record<string, string | number>>;

/** One metric with all its lines, in the form in which prom-client passes metrics from process to process. */
export type MetricFamily = {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What becomes of the same line of several processes. */
  readonly aggregator: 'sum' | 'max' | 'min' | 'first' | 'omit' | 'average';
  readonly values: readonly MetricLine[];
};

type MetricLine = {
  readonly value: number;
  readonly labels: Labels;
  /** Where it is not the name of the family: a histogram's. */
  readonly metricName?: string;
};

/** A value and its labels. */
export type Line = readonly [value: number, labels?: Labels];

export function counter(name: string, help: string, lines: Iterable<Line>): MetricFamily {
  return { name, help, type: 'counter', aggregator: 'sum', values: valuesOf(lines) };
}

/** @param aggregator `max` for what every process says of the same thing */
export function gauge(
  name: string,
  help: string,
  lines: Iterable<Line>,
  aggregator: 'sum' | 'max' | 'min' = 'sum',
): MetricFamily {
  return { name, help, type: 'gauge', aggregator, values: valuesOf(lines) };
}

/** A gauge without labels that is left out while it has no value. */
export function single(
  name: string,
  help: string,
  value: number | null,
  aggregator?: 'sum' | 'max' | 'min',
): MetricFamily {
  return gauge(name, help, value === null ? [] : [[value]], aggregator);
}

/** The counts of a tally as lines with one label. */
export function* tallied(
  label: string,
  tally: { entries(): Iterable<readonly [string, number]> },
): Iterable<Line> {
  for (const [word, count] of tally.entries()) {
    yield [count, { [label]: word }];
  }
}

/**
 * Latencies in seconds, with a bucket for each doubling: each bucket is a line for each route, and what is read off them is a trend.
 *
 * @param fromMs the first bound
 */
export function latencyHistogram(
  name: string,
  help: string,
  series: Iterable<readonly [Latencies, Labels?]>,
  fromMs = 0,
): MetricFamily {
  const values = [...series].flatMap(([{ counts, sumMs }, labels = {}]) => {
    const bounds = latencyBoundsMs
      .map((boundMs, index) => ({ le: boundMs / 1000, until: index + 1 }))
      .filter(({ le }, index) => index % boundsPerDoubling === 0 && le * 1000 >= fromMs);
    return histogramLines(name, labels, counts, bounds, sumMs / 1000);
  });
  return { name, help, type: 'histogram', aggregator: 'sum', values };
}

/** @param counts one for each of `bounds`, and one for what is beyond the last */
export function histogram(
  name: string,
  help: string,
  bounds: readonly number[],
  counts: Float64Array,
  sum: number,
): MetricFamily {
  const untils = bounds.map((le, index) => ({ le, until: index + 1 }));
  return {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: histogramLines(name, {}, counts, untils, sum),
  };
}

/** @param bounds each with the number of counts that lie within it */
function histogramLines(
  name: string,
  labels: Labels,
  counts: Float64Array,
  bounds: readonly { readonly le: number; readonly until: number }[],
  sum: number,
): MetricLine[] {
  const upTo: number[] = [0];
  for (const count of counts) {
    upTo.push((upTo.at(-1) ?? 0) + count);
  }
  const total = upTo.at(-1) ?? 0;
  return [
    ...bounds.map(({ le, until }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value: upTo[until] ?? 0,
    })),
    { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: total },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: total },
  ];
}

function valuesOf(lines: Iterable<Line>): MetricLine[] {
  return [...lines].map(([value, labels = {}]) => ({ value, labels }));
}
