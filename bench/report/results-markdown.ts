import { targetText } from '../measure/measurement.ts';
import { figureText, sidesText } from './figure-text.ts';
import type { Results } from './results.ts';
import { verdictOf } from './results-table.ts';

/** The results as a page: the table, and below it how each figure was measured. */
export function resultsMarkdown({ date, commit, machine, load, databases, measurements }: Results): string {
  const rows = measurements.map((measurement) => {
    const { name, value, unit, samples, target, sides } = measurement;
    const spread = `${figureText(Math.min(...samples), unit)} to ${figureText(Math.max(...samples), unit)}`;
    const wanted = target === null ? '' : `${targetText(target)}, ${verdictOf(measurement)}`;
    return `| ${name} | ${figureText(value, unit)} | ${wanted} | ${spread} | ${sidesText(sides)} |`;
  });
  const ways = measurements.map(({ name, how }) => `- **${name}**: ${how}.`);
  return `# Comparisons

Written by \`npm run bench\` on ${date.slice(0, 10)}, commit ${commit}.
${machine}; load by ${load}, on the same processors.
${databases.join('; ')}.
[How it is measured](../../docs/benchmarks.md).

![The figures as bars, with their targets](comparisons.svg)

A figure is the median of its rounds; beside it the lowest and the highest of them.

| measured | figure | target | rounds | medians of each side |
| --- | ---: | --- | --- | --- |
${rows.join('\n')}

${ways.join('\n')}
`;
}
