import Table from 'cli-table3';
import { type Measurement, reachesTarget, targetText } from '../measure/measurement.ts';
import { figureText, sidesText } from './figure-text.ts';

/** What was measured, for a terminal: a row for each figure, with its target and what it is made of. */
export function resultsTable(measurements: readonly Measurement[]): string {
  const table = new Table({
    head: ['measured', 'figure', 'target', '', 'lowest', 'highest', 'medians of each side'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'right', 'left'],
    // No colours: the table is also read from files.
    style: { head: [], border: [] },
  });
  for (const measurement of measurements) {
    const { name, value, unit, samples, target, sides } = measurement;
    table.push([
      name,
      figureText(value, unit),
      target === null ? '' : targetText(target),
      verdictOf(measurement),
      figureText(Math.min(...samples), unit),
      figureText(Math.max(...samples), unit),
      sidesText(sides),
    ]);
  }
  return `${table.toString()}\n`;
}

/** One word, or none where there is no target. */
export function verdictOf(measurement: Measurement): 'reached' | 'missed' | '' {
  const isReached = reachesTarget(measurement);
  return isReached === null ? '' : isReached ? 'reached' : 'missed';
}
