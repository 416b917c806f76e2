import { writeFileSync } from 'node:fs';
import { loadProgram } from '../load/post.ts';
import { type Findings, findingsText } from './findings.ts';
import { machineText } from './machine.ts';
import { reachesTarget } from './measurement.ts';

/**
 * Ends a program: the table, and where it was measured. With 1 when a target was missed.
 *
 * @param file takes all of it as JSON, for charts
 */
export function printFindings(findings: Findings, file: string | undefined): void {
  const machine = `${machineText()}, load by ${loadProgram}`;
  process.stdout.write(`${findingsText(findings)}${machine}\n`);
  if (file !== undefined) {
    writeFileSync(
      file,
      `${JSON.stringify({ machine, measuredAt: new Date().toISOString(), ...findings }, null, 2)}\n`,
    );
  }
  process.exitCode = findings.measurements.some((each) => reachesTarget(each) === false) ? 1 : 0;
}
