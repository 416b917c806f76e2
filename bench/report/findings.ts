import type { LineChart } from '../charts/line-chart.ts';
import type { Measurement } from '../measure/measurement.ts';

/** A line chart, but for what is said of the whole run. Those of one title are drawn together. */
export type Series = Omit<LineChart, 'subtitle' | 'footer'>;

/** What a program found out. */
export type Findings = { readonly measurements: readonly Measurement[]; readonly series: readonly Series[] };

/** All figures, and one chart of each title with the lines of all. */
export function together(findings: readonly Findings[]): Findings {
  const series = new Map<string, Series>();
  for (const each of findings.flatMap((found) => found.series)) {
    const same = series.get(each.title);
    series.set(each.title, { ...each, lines: [...(same?.lines ?? []), ...each.lines] });
  }
  return {
    measurements: findings.flatMap(({ measurements }) => measurements),
    series: [...series.values()],
  };
}
