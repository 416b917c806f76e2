import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import { Option } from 'commander';
import { checkoutProgram, minutesOf } from '../../bench/measure/checkout-program.ts';
import { machineText } from '../../bench/measure/machine.ts';
import { keepFigures } from '../proof/kept-figures.ts';
import { clearLine, count } from '../support/terminal.ts';
import type { WorldNews, WorldResult, WorldTask } from './explore-world.ts';
import type { Progress } from './explored.ts';
import { largeWorlds, smallWorlds } from './worlds.ts';

/**
 * Explores every world for some minutes, a world on each core at a time: what a sale can come to at all, by the rules that ship. Ends with
 * 1 and the fewest steps that lead there when a promise is broken.
 */
const memoryMaxBytes = 1.4 * 2 ** 30;
const allWorlds = [...largeWorlds, ...smallWorlds];
const { minutes, world, write } = checkoutProgram(
  'explore',
  'explore every state that small sales can come to',
)
  .option('--minutes <number>', 'how long', minutesOf, 1)
  .addOption(new Option('--world <name>', 'one alone').choices(allWorlds.map(({ name }) => name)))
  .option('--write', 'keep the figures for the table of the README')
  .parse()
  .opts<{ readonly minutes: number; readonly world?: string; readonly write?: true }>();
const worlds = world === undefined ? largeWorlds : allWorlds.filter(({ name }) => name === world);

const startedMs = performance.now();
const endMs = startedMs + minutes * 60_000;
const lanes = Math.min(availableParallelism(), worlds.length);
const waiting = [...worlds];
const running = new Map<Worker, Progress | null>();
const results: WorldResult[] = [];
await Promise.all(Array.from({ length: lanes }, exploreInTurn));
const names = worlds.map(({ name }) => name);
results.sort((one, other) => names.indexOf(one.world) - names.indexOf(other.world));
const seconds = (performance.now() - startedMs) / 1000;
const states = results.reduce((sum, { scenes }) => sum + scenes, 0);
const broken = results.filter(({ wrong }) => wrong !== null);
clearLine();
process.stdout.write(`${resultsTable()}\n${machineText()}\n`);
process.stdout.write(
  `${count(states)} different states in ${seconds.toFixed(0)} s, ${count(Math.round(states / seconds))}/s.\n` +
    `${broken.length === 0 ? 'Every promise was kept.' : broken.map(({ world, text }) => `${world}\n${text}`).join('\n')}\n`,
);
if (write) {
  const only = world === undefined ? '' : ` --world '${world}'`;
  const command = `npm run explore -- --minutes ${minutes}${only}`;
  keepFigures('exploration', command, {
    states,
    stepsTried: results.reduce((sum, { moves }) => sum + moves, 0),
    worlds: results.length,
    seconds: Math.round(seconds),
    broken: broken.length,
  });
}
process.exitCode = broken.length === 0 ? 0 : 1;

/** One world after the other, as long as some are left that nobody explores. */
async function exploreInTurn(): Promise<void> {
  for (let world = waiting[0]; world !== undefined; world = waiting[0]) {
    // What one leaves of its share, because it was explored to the end, is for those behind it.
    const turns = Math.ceil(waiting.length / lanes);
    waiting.shift();
    const forMs = (endMs - performance.now()) / turns;
    await explore({ world: world.name, forMs, memoryMaxBytes: memoryMaxBytes * lanes });
  }
}

/** In a thread of its own, whose memory goes with it. */
async function explore(task: WorldTask): Promise<void> {
  const worker = new Worker(new URL('./explore-world.ts', import.meta.url), { workerData: task });
  running.set(worker, null);
  worker.on('message', (news: WorldNews) => {
    if ('progress' in news) {
      running.set(worker, news.progress);
      show();
      return;
    }
    results.push(news.result);
    if (news.result.wrong !== null) {
      waiting.splice(0);
      for (const each of running.keys()) {
        void each.terminate();
      }
    }
  });
  await once(worker, 'exit');
  running.delete(worker);
}

function show(): void {
  if (process.stderr.isTTY) {
    clearLine();
    const known = [...running.values()].flatMap((progress) => progress ?? []);
    const now = known.map(
      ({ world, scenes, frontier, depth }) =>
        `${world}: ${count(scenes)} states, ${count(frontier)} to go on from, ${depth} steps deep`,
    );
    process.stderr.write(now.join('; '));
  }
}

function resultsTable(): string {
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
    of.coreSeconds.toFixed(1),
    count(Math.round(of.scenes / of.coreSeconds)),
    end,
  ];
  const total = { scenes: 0, moves: 0, asked: 0, coreSeconds: 0 };
  for (const row of results) {
    const end = row.isComplete ? 'complete' : `complete to ${row.depth} steps`;
    table.push(line(row.world, row, String(row.depth), row.wrong === null ? end : 'BROKEN'));
    total.scenes += row.scenes;
    total.moves += row.moves;
    total.asked += row.asked;
    total.coreSeconds += row.coreSeconds;
  }
  table.push(line('all', total, '', ''));
  return table.toString();
}

type Totals = Pick<Progress, 'scenes' | 'moves' | 'asked'> & { readonly coreSeconds: number };
