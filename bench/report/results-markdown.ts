import { stolenText } from '../measure/stolen-time.ts';
import { measurementsMarkdown } from './measurements-markdown.ts';
import type { Results } from './results.ts';

/** The results as a page: the table, and below it how each figure was measured. */
export function resultsMarkdown(results: Results): string {
  const { date, command, commit, machine, load, databases, stolenPercent, measurements } = results;
  return `# Comparisons

Written by \`${command}\` on ${date.slice(0, 10)}, commit ${commit}.
${machine}; load by ${load}, on the same processors.
${databases.join('; ')}. ${stolenText(stolenPercent)}
[How it is measured](../../docs/benchmarks.md).

![The figures as bars, with their targets](comparisons.svg)

A figure is the median of its rounds; beside it the lowest and the highest of them.

${measurementsMarkdown(measurements)}`;
}
