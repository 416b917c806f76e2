import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import { checkoutProgram, minutesOf, onlyOption } from '../../bench/measure/checkout-program.ts';
import { machineText } from '../../bench/measure/machine.ts';
import { commandText } from '../../bench/report/command-text.ts';
import { wholeNumber } from '../../src/cli/flag-values.ts';
import type { Exchange } from '../history/history.ts';
import { keepFigures } from '../proof/kept-figures.ts';
import { clearLine, count } from '../support/terminal.ts';
import { arrangements } from './arrangement.ts';
import { runChaos } from './chaos.ts';
import { byArrangement, type Figures, figuresOf, requestCounts, saleFigures } from './figures.ts';
import { isBroken, keepBroken, reportJson, reportTable } from './report.ts';

/**
 * Sales on real nodes, workers, databases and Redis, which are killed, stopped, cut off from each other, given wrong clocks and full disks,
 * while buyers go on buying. Ends with 1 when a promise is broken: what led to it is told, and kept in a file.
 */
const names = arrangements.map(({ name }) => name);
const { minutes, seed, only, out, write } = checkoutProgram(
  'chaos',
  'kill, stop and cut off what serves a sale',
)
  .option('--minutes <number>', 'how long', minutesOf, 10)
  .addOption(
    new Option('--seed <number>', 'what happens when')
      .argParser(wholeNumber(0))
      .default(randomInt(2 ** 31), 'by chance'),
  )
  .addOption(onlyOption(names))
  .option('--out <file>', 'write a report as JSON')
  .option('--write', 'keep the figures for the table of the README')
  .parse()
  .opts<{
    readonly minutes: number;
    readonly seed: number;
    readonly only: readonly string[];
    readonly out?: string;
    readonly write?: true;
  }>();
const chosen = arrangements.filter(({ name }) => only.includes(name));

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    say('all that was started is being ended');
    stopping.abort(new Error('it was interrupted'));
  });
}

const figures: Figures[] = [];
const leftOut = chosen.flatMap(({ name, missing }) => (missing === null ? [] : [`${name}: ${missing}`]));
const startedMs = performance.now();
let told: string[] = [];
let exchanges: readonly Exchange[] = [];
let isKept = true;
let hasEnded = false;
process.stdout.write(`Seed ${seed}\n`);
const ticking = setInterval(showCounters, 1_000);
try {
  await runChaos({
    seed,
    minutes,
    arrangements: chosen.filter(({ missing }) => missing === null),
    say,
    watch: (growing) => {
      exchanges = growing;
    },
    done: (round) => {
      figures.push(figuresOf(round));
      leftOut.push(...round.leftOut.filter((text) => !leftOut.includes(text)));
      if (isBroken(round)) {
        isKept = false;
        clearLine();
        process.stdout.write(`${keepBroken(round, seed, told)}\n`);
      }
      told = [];
    },
    stop: stopping.signal,
  });
  hasEnded = true;
} catch (error) {
  isKept = false;
  clearLine();
  process.stdout.write(
    `It came to no end: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
  );
} finally {
  clearInterval(ticking);
  clearLine();
}
process.stdout.write(
  `${reportTable(figures)}\n${leftOut.map((text) => `Left out: ${text}\n`).join('')}` +
    `Seed ${seed}, ${Math.round((performance.now() - startedMs) / 1000)} s; ${machineText()}\n` +
    `${stopping.signal.aborted ? 'It was interrupted.' : isKept ? 'Every promise was kept.' : 'See above for what is wrong.'}\n`,
);
if (out !== undefined) {
  writeFileSync(out, reportJson({ seed, minutes, isKept }, figures, leftOut));
}
// Half a run says nothing.
if (write && hasEnded) {
  const chosenNames = only === names ? [] : ['--only', only.join()];
  // With the seed, also where it came by chance: without it the next run is another one.
  const given = ['--minutes', String(minutes), '--seed', String(seed), ...chosenNames];
  keepFigures('chaos', commandText('chaos', given), {
    ...{ ...saleFigures(figures), seed, minutes },
    arrangements: byArrangement(figures)
      .map(({ arrangement }) => arrangement)
      .join(', '),
    leftOut: leftOut.join('; '),
  });
}
process.exit(stopping.signal.aborted ? 130 : isKept ? 0 : 1);

/** One line for each thing that happens. */
function say(text: string): void {
  const line = `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(7)} s  ${text}`;
  told.push(line);
  clearLine();
  process.stderr.write(`${line}\n`);
}

/** On a terminal a line at the bottom, which changes. */
function showCounters(): void {
  if (process.stderr.isTTY) {
    const { requests, acknowledged, unknown } = requestCounts(exchanges);
    clearLine();
    process.stderr.write(
      `${count(requests)} requests, ${count(acknowledged)} acknowledged, ${count(unknown)} without an answer`,
    );
  }
}
