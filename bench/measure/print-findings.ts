import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineChart } from '../charts/line-chart.ts';
import { loadProgram } from '../load/post.ts';
import { type Findings, findingsText } from './findings.ts';
import { machineText } from './machine.ts';
import { reachesTarget } from './measurement.ts';

/**
 * Ends a program: the table, and where it was measured. With 1 when a target was missed.
 *
 * @param folder takes all of it as JSON, and the charts
 */
export function printFindings(findings: Findings, folder: string | undefined): void {
  const machine = `${machineText()}, load by ${loadProgram}`;
  process.stdout.write(`${findingsText(findings)}${machine}\n`);
  if (folder !== undefined) {
    writeFindings(findings, folder, machine);
  }
  process.exitCode = findings.measurements.some((each) => reachesTarget(each) === false) ? 1 : 0;
}

function writeFindings(findings: Findings, folder: string, machine: string): void {
  const measuredAt = new Date().toISOString();
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'findings.json'),
    `${JSON.stringify({ machine, measuredAt, ...findings }, null, 2)}\n`,
  );
  for (const series of findings.series) {
    const name = series.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const picture = lineChart({ ...series, subtitle: '', footer: [machine, measuredAt.slice(0, 10)] });
    writeFileSync(join(folder, `${name}.svg`), picture);
  }
}
