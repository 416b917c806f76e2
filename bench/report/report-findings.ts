import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { lineChart } from '../charts/line-chart.ts';
import { loadProgram } from '../load/post.ts';
import { machineText } from '../measure/machine.ts';
import { reachesTarget } from '../measure/measurement.ts';
import { stolenText, watchStolenTime } from '../measure/stolen-time.ts';
import { commandText } from './command-text.ts';
import type { Findings } from './findings.ts';
import { measurementsMarkdown } from './measurements-markdown.ts';
import { commitText, resultsFolder } from './results.ts';
import { resultsTable } from './results-table.ts';

/** A program that measures, and what its results say of it. */
export type Program = {
  /** Its file without the ending, which the files of its results begin with too. */
  readonly name: string;
  readonly title: string;
  /** Whether the results are kept in `bench/results`, besides being printed. */
  readonly write: boolean;
};

/**
 * Runs a program and prints what it found: the table, how it was measured and where. The process ends with 1 when a target was missed.
 */
export async function reportFindings(program: Program, run: () => Promise<Findings>): Promise<void> {
  const stolenPercent = watchStolenTime();
  const findings = await run();
  const machine = `${machineText()}; load by ${loadProgram}, on the same processors`;
  const stolen = stolenText(stolenPercent());
  const ways = new Set(findings.measurements.map(({ how }) => how));
  process.stdout.write(`${resultsTable(findings.measurements)}${[...ways, machine, stolen].join('\n')}\n`);
  if (program.write) {
    const files = writeFindings(program, findings, { machine, stolen });
    process.stdout.write(
      `Written: ${files.map((file) => relative(process.cwd(), join(resultsFolder, file))).join(', ')}\n`,
    );
  }
  process.exitCode = findings.measurements.some((each) => reachesTarget(each) === false) ? 1 : 0;
}

/** @returns the names of the files: the samples, a page with the table, and the charts */
function writeFindings(
  { name, title }: Program,
  { measurements, series }: Findings,
  { machine, stolen }: { readonly machine: string; readonly stolen: string },
): readonly string[] {
  const [date, commit] = [new Date().toISOString(), commitText()];
  const charts = series.map((each) => ({
    file: `${name}-${each.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`,
    title: each.title,
    picture: lineChart({
      ...each,
      subtitle: '',
      footer: [machine, `${date.slice(0, 10)}, commit ${commit}`],
    }),
  }));
  const page = `# ${title}

Written by \`${commandText(`bench:${name}`)}\` on ${date.slice(0, 10)}, commit ${commit}.
${machine}. ${stolen}
[How it is measured](../../docs/benchmarks.md).

${charts.map((chart) => `![${chart.title}](${chart.file})`).join('\n')}

${measurementsMarkdown(measurements)}`;
  const texts: readonly (readonly [file: string, text: string])[] = [
    [`${name}.json`, `${JSON.stringify({ date, commit, machine, measurements, series }, null, 2)}\n`],
    [`${name}.md`, page],
    ...charts.map(({ file, picture }) => [file, picture] as const),
  ];
  mkdirSync(resultsFolder, { recursive: true });
  return texts.map(([file, text]) => {
    writeFileSync(join(resultsFolder, file), text);
    return file;
  });
}
