import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { machineText } from '../../bench/measure/machine.ts';
import { counterExample } from './counter-example.ts';
import type { Explored, Progress } from './explored.ts';
import { Search } from './search.ts';
import { largeWorlds, smallWorlds } from './worlds.ts';

/**
 * Explores every world for some minutes: what a sale can come to at all, by the rules that ship. Ends with 1 and the fewest steps that lead
 * there when a promise is broken.
 *
 * Usage: npm run explore -- [--minutes 1] [--world 'two products']
 */
const memoryMaxBytes = 1.4 * 2 ** 30;
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, world: { type: 'string' } },
});
const minutes = Number(values.minutes);
const worlds =
  values.world === undefined
    ? largeWorlds
    : [...largeWorlds, ...smallWorlds].filter(({ name }) => name === values.world);
if (!(minutes > 0) || worlds.length === 0) {
  throw new Error(
    `expected a number of minutes and the name of a world, got ${process.argv.slice(2).join(' ')}`,
  );
}

const startedMs = performance.now();
const endMs = startedMs + minutes * 60_000;
/** Seconds are those of one core, so that a figure is the same on a machine with other work to do. */
const rows: (Explored & { readonly seconds: number })[] = [];
let broken: string | null = null;
for (const [index, world] of worlds.entries()) {
  const search = new Search(world);
  const beganMs = performance.now();
  const began = process.cpuUsage();
  // What one leaves of its share, because it was explored to the end, is for those behind it.
  const shareMs = (endMs - beganMs) / (worlds.length - index);
  const explored = search.run({
    isEnough: (progress) => {
      const spentMs = performance.now() - beganMs;
      show(progress, spentMs);
      return spentMs > shareMs || process.memoryUsage.rss() > memoryMaxBytes;
    },
  });
  const { user, system } = process.cpuUsage(began);
  rows.push({ ...explored, seconds: (user + system) / 1e6 });
  if (explored.wrong !== null) {
    broken = `${world.name}\n${counterExample(search, explored.wrong)}`;
    break;
  }
}
clearLine();
process.stdout.write(
  `${tableOf(rows)}\n${machineText()}\n${broken === null ? 'Every promise was kept.' : broken}\n`,
);
process.exitCode = broken === null ? 0 : 1;

function show({ world, scenes, frontier, depth }: Progress, spentMs: number): void {
  if (process.stderr.isTTY) {
    clearLine();
    const perSecond = Math.round(scenes / Math.max(0.001, spentMs / 1000));
    process.stderr.write(
      `${world}: ${count(scenes)} states, ${count(frontier)} to go on from, ${depth} steps deep, ${count(perSecond)}/s`,
    );
  }
}

function clearLine(): void {
  if (process.stderr.isTTY) {
    process.stderr.write('\r\u001b[2K');
  }
}

function tableOf(all: readonly (Explored & { readonly seconds: number })[]): string {
  const table = new Table({
    head: ['world', 'states', 'steps tried', 'asked the rules', 'deep', 'core s', 'states/core s', ''],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  const line = (name: string, of: Totals, depth: string, end: string) => [
    name,
    count(of.scenes),
    count(of.moves),
    count(of.asked),
    depth,
    of.seconds.toFixed(1),
    count(Math.round(of.scenes / of.seconds)),
    end,
  ];
  const total = { scenes: 0, moves: 0, asked: 0, seconds: 0 };
  for (const row of all) {
    const end = row.isComplete ? 'complete' : `complete to ${row.depth} steps`;
    table.push(line(row.world, row, String(row.depth), row.wrong === null ? end : 'BROKEN'));
    total.scenes += row.scenes;
    total.moves += row.moves;
    total.asked += row.asked;
    total.seconds += row.seconds;
  }
  table.push(line('all', total, '', ''));
  return table.toString();
}

type Totals = Pick<Progress, 'scenes' | 'moves' | 'asked'> & { readonly seconds: number };

function count(number: number): string {
  return number.toLocaleString('en');
}
