import Table from 'cli-table3';
import { checkoutProgram } from '../../bench/measure/checkout-program.ts';
import { machineText } from '../../bench/measure/machine.ts';
import { wholeNumber } from '../../src/cli/flag-values.ts';
import { keepFigures } from '../proof/kept-figures.ts';
import { clearLine, count } from '../support/terminal.ts';
import { writeRegression } from './regressions.ts';
import { simulate, type Totals } from './simulation.ts';

/**
 * Runs the engine and the rules that ship on a simulated database, clock and network, seed after seed, while everything goes wrong that
 * can. Ends with 1 at the first seed that breaks a promise: the fewest steps and faults that show it are printed, and kept for the tests.
 */
const { seeds, from, write } = checkoutProgram(
  'simulate',
  'run engine and rules where everything goes wrong that can',
)
  .option('--seeds <number>', 'how many', wholeNumber(), 10_000)
  .option('--from <number>', 'the first one', wholeNumber(0), 0)
  .option('--write', 'keep the figures for the table of the README')
  .parse()
  .opts<{ readonly seeds: number; readonly from: number; readonly write?: true }>();

const startedMs = performance.now();
const began = process.cpuUsage();
let shownMs = 0;
const { totals, broken } = await simulate({ from, seeds }, undefined, (soFar) => {
  const nowMs = performance.now();
  if (process.stderr.isTTY && nowMs - shownMs > 200) {
    shownMs = nowMs;
    const perSecond = Math.round((soFar.seeds * 1000) / (nowMs - startedMs));
    clearLine();
    process.stderr.write(
      `${count(soFar.seeds)} of ${count(seeds)} seeds, ${count(soFar.requests)} requests, ${count(faultsIn(soFar))} faults, ${count(perSecond)} seeds/s`,
    );
  }
});
const { user, system } = process.cpuUsage(began);
clearLine();
process.stdout.write(`${tableOf(totals, (user + system) / 1e6)}\n${machineText()}\n`);
if (broken === null) {
  process.stdout.write('Every promise was kept.\n');
} else {
  const name = writeRegression(broken);
  process.stdout.write(
    `Seed ${broken.seed} breaks a promise, kept as test/simulation/regressions/${name}:\n${broken.text}\n`,
  );
  process.exitCode = 1;
}
if (write) {
  const { requests, acknowledged, lost, oversold, otherwise } = totals;
  const faults = faultsIn(totals);
  const command = `npm run simulate -- --seeds ${seeds}${from === 0 ? '' : ` --from ${from}`}`;
  keepFigures('simulation', command, {
    ...{ seeds: totals.seeds, requests, acknowledged, faults },
    ...{ lost, oversold, otherwise },
  });
}

function tableOf(all: Totals, coreSeconds: number): string {
  const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
  table.push(
    ['seeds', count(all.seeds)],
    ['requests', count(all.requests)],
    ['acknowledged', count(all.acknowledged)],
    ['statements, messages, waits', count(all.happened)],
    ['faults', count(faultsIn(all))],
    ...[...all.faults]
      .sort(([, a], [, b]) => b - a)
      .map(([kind, times]): [string, string] => [`  ${kind}`, count(times)]),
    ['lost', count(all.lost)],
    ['oversold', count(all.oversold)],
    ['wrong otherwise', count(all.otherwise)],
    ['core s', coreSeconds.toFixed(1)],
    ['seeds/core s', count(Math.round(all.seeds / coreSeconds))],
  );
  return table.toString();
}

function faultsIn(all: Totals): number {
  return [...all.faults.values()].reduce((sum, times) => sum + times, 0);
}
