import Table from 'cli-table3';
import { checkoutProgram, onlyOption, writeOption } from '../../bench/measure/checkout-program.ts';
import { machineText } from '../../bench/measure/machine.ts';
import type { EngineDefect } from '../support/engine-defects.ts';
import { handMade, handMadeNames } from './hand-made.ts';
import { keepFigures } from './kept-figures.ts';
import { type Layer, layers, looks } from './layers.ts';

/**
 * Puts each defect that was made by hand in the place of what ships, and shows it to the exploration, the simulation, and the tests of the
 * rules, the engine and the workers. Ends with 1 when a check finds something where there is no defect, or when nobody finds one.
 */
const { only: names, write } = checkoutProgram(
  'defects',
  'show each defect that was made by hand to every check',
)
  .addOption(onlyOption(handMadeNames))
  .addOption(writeOption('the figures for the table of the README'))
  .parse()
  .opts<{ readonly only: typeof handMadeNames; readonly write?: true }>();

const table = new Table({ head: ['defect', ...layers], style: { head: [], border: [] } });
const falseAlarms = await showTo('', { name: 'none: as it ships' });
const foundBy: Record<string, readonly Layer[]> = {};
for (const name of names) {
  foundBy[name] = await showTo(name, handMade[name]);
}
const twice = Object.values(foundBy).filter((found) => found.length >= 2);
const unseen = names.filter((name) => foundBy[name]?.length === 0);
process.stdout.write(`${table.toString()}\n${machineText()}\n`);
process.stdout.write(
  `${twice.length} of ${names.length} were found by two checks or more, ${unseen.length} by none.\n`,
);
if (falseAlarms.length > 0) {
  process.stdout.write(`Where there is no defect one was found by: ${falseAlarms.join(', ')}\n`);
} else if (write) {
  keepFigures('defects', 'npm run defects', {
    tried: names.length,
    caughtTwice: twice.length,
    foundBy: Object.fromEntries(Object.entries(foundBy).map(([name, found]) => [name, found.join(', ')])),
  });
}
// Vitest leaves the code of its last run.
process.exitCode = falseAlarms.length + unseen.length === 0 ? 0 : 1;

/** @returns who found it */
async function showTo(name: string, defect: EngineDefect): Promise<readonly Layer[]> {
  const seen: (readonly [Layer, string | null])[] = [];
  for (const layer of layers) {
    seen.push([layer, await looks[layer](name, defect)]);
  }
  const texts = seen.map(([, text]) => text ?? '');
  table.push([defect.name, ...texts]);
  process.stderr.write(`${[name, ...texts].join('  ')}\n`);
  return seen.flatMap(([layer, text]) => (text === null ? [] : [layer]));
}
