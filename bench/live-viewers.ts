import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Table from 'cli-table3';
import { plentyOfStock, postHolds } from './load/holds.ts';
import { latenciesOf } from './load/latencies.ts';
import { loadProgram } from './load/post.ts';
import type { FromViewers, ToViewers } from './load/viewers.ts';
import { median } from './measure/compare.ts';
import { endWithThisProcess } from './measure/end-with-this-process.ts';
import { machineText } from './measure/machine.ts';
import { startCheckout } from './measure/measured-checkout.ts';
import { memoryMb } from './measure/process-memory.ts';
import { scratchFolder } from './measure/scratch-folder.ts';

/**
 * What people who only look cost those who buy: holds a second on one hot product while so many watch the shop live, how much of the
 * processor the server takes for a hold and all that goes with it, and each second while little is bought, how late viewers see a change of
 * a price under load, and how much memory each of them takes in the server. The viewers' own process and the load take their share of the
 * same processor.
 *
 * Usage: node bench/live-viewers.ts [rounds] [seconds per load] [viewers...]
 */
const [rounds = 3, seconds = 4, ...given] = process.argv.slice(2).map(Number);
const steps = [0, ...(given.length > 0 ? given : [1_000, 3_000, 5_000])];
const connections = 64;
const probesPerLoad = 3;
if (![rounds, seconds, ...given].every((number) => Number.isSafeInteger(number) && number > 0)) {
  throw new Error(
    `expected whole numbers of rounds, seconds and viewers, got ${process.argv.slice(2).join(' ')}`,
  );
}
const folder = scratchFolder();
const checkout = await startCheckout(`sqlite:${join(folder, 'flash-sale.db')}`, folder);
const viewers = fork(join(import.meta.dirname, 'load/viewers.ts'), [checkout.client.url], {
  stdio: 'inherit',
});
endWithThisProcess(viewers);

async function ask(message: ToViewers): Promise<FromViewers> {
  viewers.send(message);
  const [answer] = await once(viewers, 'message');
  return answer;
}

/** What the server has taken of the processor since it started, in ms. */
function processorMs(): number {
  const fields = readFileSync(`/proc/${checkout.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // In ticks of 10 ms: in its own code, and in the system's for it.
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

type Step = {
  readonly quietMs: number;
  readonly holds: number;
  readonly processorUsOfHold: number;
  readonly p99Ms: number;
  readonly lateMs: readonly number[];
};
let price = 100;

/** Changes the price of another product, and tells how much later each viewer has heard of it. */
async function probe(productId: number): Promise<readonly number[]> {
  price += 1;
  const heard = ask({ price: String(price) });
  const sentMs = Date.now();
  await checkout.client.admin('PATCH', `/products/${productId}`, { price });
  const answer = await heard;
  return 'heardAtMs' in answer ? answer.heardAtMs.map((atMs) => atMs - sentMs) : [];
}

/**
 * What the server takes of the processor, in ms each second, while one hold follows the other every 20 ms: nearly
 * all of it is viewers'.
 */
async function measureQuiet(count: number, productId: number): Promise<number> {
  await ask({ open: count });
  const [startedMs, takenMs] = [performance.now(), processorMs()];
  while (performance.now() - startedMs < 1000 * seconds) {
    await Promise.all([checkout.client.hold(productId), pause(20)]);
  }
  return (1000 * (processorMs() - takenMs)) / (performance.now() - startedMs);
}

async function measure(count: number, hotId: number, otherId: number): Promise<Step> {
  const quietMs = await measureQuiet(count, otherId);
  const processorBeforeMs = processorMs();
  const loading = postHolds(checkout.client.url, hotId, connections, seconds);
  const lateMs: number[] = [];
  for (let each = 0; each < probesPerLoad && count > 0; each += 1) {
    await pause((1000 * seconds) / (probesPerLoad + 2));
    lateMs.push(...(await probe(otherId)));
  }
  const { answered, perSecond, p99Ms, failed } = await loading;
  if (failed > 0) {
    throw new Error(`${failed} holds were not answered with 201`);
  }
  const processorUsOfHold = (1000 * (processorMs() - processorBeforeMs)) / answered;
  return { quietMs, holds: perSecond, processorUsOfHold, p99Ms, lateMs };
}

try {
  const hotId = await checkout.client.createProduct({ stock: plentyOfStock });
  const otherId = await checkout.client.createProduct({ stock: 1_000_000 });
  process.stderr.write(
    `warming up, then ${rounds} rounds of ${seconds} s with ${steps.join(', ')} viewers\n`,
  );
  const most = Math.max(...steps);
  await ask({ open: 1 });
  const emptyMb = memoryMb(checkout.pid).nowMb;
  await ask({ open: most });
  const kbPerViewer = (1024 * (memoryMb(checkout.pid).nowMb - emptyMb)) / most;
  await measure(0, hotId, otherId);
  const measured = new Map<number, Step[]>(steps.map((count) => [count, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const count of steps) {
      measured.get(count)?.push(await measure(count, hotId, otherId));
    }
  }
  const table = new Table({
    head: [
      'viewers',
      'holds/s',
      'ratio to none',
      'server µs/hold',
      'quiet ms/s',
      'p99 ms',
      'change seen ms: median',
      'p99',
    ],
    style: { head: [], border: [] },
  });
  const without = measured.get(0) ?? [];
  for (const [count, results] of measured) {
    const late = latenciesOf(
      results.flatMap((result) => result.lateMs),
      1000 * seconds,
    );
    table.push([
      count,
      Math.round(median(results.map(({ holds }) => holds))),
      median(results.map(({ holds }, round) => holds / (without[round]?.holds ?? Number.NaN))).toFixed(2),
      Math.round(median(results.map(({ processorUsOfHold }) => processorUsOfHold))),
      Math.round(median(results.map((result) => result.quietMs))),
      median(results.map(({ p99Ms }) => p99Ms)).toFixed(1),
      ...(count === 0 ? ['', ''] : [late.medianMs, late.p99Ms]),
    ]);
  }
  process.stdout.write(
    `${table.toString()}\n${kbPerViewer.toFixed(1)} kB of memory for each viewer, ${machineText()}, load by ${loadProgram}\n`,
  );
} finally {
  viewers.kill();
  await checkout.stop();
}
