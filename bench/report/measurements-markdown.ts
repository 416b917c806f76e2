import { type Measurement, targetText } from '../measure/measurement.ts';
import { figureText, sidesText } from './figure-text.ts';
import { verdictOf } from './results-table.ts';

/** A table of what was measured, and below it how each figure was. Figures that were measured alike are told of once. */
export function measurementsMarkdown(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => {
    const { name, value, unit, samples, target, sides } = measurement;
    const spread = `${figureText(Math.min(...samples), unit)} to ${figureText(Math.max(...samples), unit)}`;
    const wanted = target === null ? '' : `${targetText(target)}, ${verdictOf(measurement)}`;
    const among = samples.length > 1 ? spread : '';
    return `| ${name} | ${figureText(value, unit)} | ${wanted} | ${among} | ${sidesText(sides)} |`;
  });
  const ways = Map.groupBy(measurements, ({ how }) => how);
  const told = [...ways].map(([how, alike]) => `- **${alike.map(({ name }) => name).join('; ')}**: ${how}.`);
  return `| measured | figure | target | lowest to highest | medians of each side |
| --- | ---: | --- | --- | --- |
${rows.join('\n')}

${told.join('\n')}
`;
}
