import type { BenchPart } from '../../src/cli/bench-program.ts';
import { type BarPanel, barChart } from '../charts/bar-chart.ts';
import type { Result } from '../comparisons/case.ts';
import { stolenText } from '../measure/stolen-time.ts';
import { figureText, sidesText } from './figure-text.ts';
import type { Results } from './results.ts';

type Group = Pick<BarPanel, 'heading' | 'scale'> & { readonly parts: readonly BenchPart[] };

const groups: readonly Group[] = [
  {
    heading: 'Beside the same server that does nothing: 1 is as fast as that',
    scale: 'linear',
    parts: ['holds', 'refusals', 'reads', 'purchases'],
  },
  {
    heading: 'Times as many holds as the usual ways make, one transaction each',
    scale: 'log',
    parts: ['peers'],
  },
  {
    heading: 'How long a hold takes ÷ (that server + one commit): shorter is better',
    scale: 'linear',
    parts: ['latency'],
  },
];

/** The figures as bars with their targets, in a group for each kind of comparison. */
export function resultsPicture(results: Results): string {
  const { date, commit, machine, load, rounds, stolenPercent, measurements } = results;
  const panels = groups
    .map(({ heading, scale, parts }) => ({
      heading,
      scale,
      bars: measurements.filter(({ part }) => parts.includes(part)).map(barOf),
    }))
    .filter(({ bars }) => bars.length > 0);
  return barChart({
    title: 'Flash-sale checkout: how close to the limit, and how far from the usual ways',
    subtitle: `Medians of ${rounds} rounds, both sides loaded in turn. A stroke marks the target.`,
    panels,
    footer: [
      `${machine}, shared with load and database; load by ${load}; ${date.slice(0, 10)}, commit ${commit}`,
      stolenText(stolenPercent),
    ],
  });
}

function barOf({ name, value, unit, target, sides }: Result): BarPanel['bars'][number] {
  return { label: name, note: sidesText(sides), value, text: figureText(value, unit), target };
}
