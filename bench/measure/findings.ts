import Table from 'cli-table3';
import { type Measurement, reachesTarget, type Target } from './measurement.ts';

/** What a line chart is drawn from. */
export type Series = {
  readonly title: string;
  /** What the axes show, each with its unit. */
  readonly x: string;
  readonly y: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
};

/** What a program found out. */
export type Findings = { readonly measurements: readonly Measurement[]; readonly series: readonly Series[] };

export function together(findings: readonly Findings[]): Findings {
  return {
    measurements: findings.flatMap(({ measurements }) => measurements),
    series: findings.flatMap(({ series }) => series),
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
      targetText(measurement.target),
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

function targetText(target: Target | null): string {
  if (target === null) {
    return '';
  }
  return 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}
