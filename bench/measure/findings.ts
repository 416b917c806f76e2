import Table from 'cli-table3';
import type { LineChart } from '../charts/line-chart.ts';
import { type Measurement, reachesTarget, targetText } from './measurement.ts';

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

/** The figures as a table for a terminal or a file, each with its target, and how they were measured. */
export function findingsText({ measurements }: Findings): string {
  const table = new Table({
    head: ['what', 'value', 'target', 'reached'],
    // No colours: the table is also read from files.
    style: { head: [], border: [] },
  });
  for (const measurement of measurements) {
    const isReached = reachesTarget(measurement);
    table.push([
      measurement.name,
      valueText(measurement),
      measurement.target === null ? '' : targetText(measurement.target),
      isReached === null ? '' : isReached ? 'yes' : 'NO',
    ]);
  }
  const ways = new Set(measurements.map(({ how }) => how));
  return `${table.toString()}\n${[...ways].join('\n')}\n`;
}

function valueText({ value, unit }: Measurement): string {
  const digits = unit === 'count' || unit === '/s' ? 0 : 2;
  return `${value.toFixed(digits)}${unit === 'ratio' || unit === 'count' ? '' : unit === '/s' ? '/s' : ` ${unit}`}`;
}
