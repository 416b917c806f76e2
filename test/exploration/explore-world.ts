import { parentPort, workerData } from 'node:worker_threads';
import { counterExample } from './counter-example.ts';
import type { Explored, Progress } from './explored.ts';
import { Search } from './search.ts';
import { largeWorlds, smallWorlds } from './worlds.ts';

/** What a thread that explores one world is given. */
export type WorldTask = {
  readonly world: string;
  readonly forMs: number;
  /** What the whole process may take before the thread ends its search. */
  readonly memoryMaxBytes: number;
};

/** What it tells: now and then how far it is, and in the end what came of it. */
export type WorldNews = { readonly progress: Progress } | { readonly result: WorldResult };

export type WorldResult = Explored & {
  /** Those of one core, so that a figure is the same on a machine with other work to do. */
  readonly coreSeconds: number;
  /** How a promise was broken, in plain words. */
  readonly text: string | null;
};

const tellEveryMs = 500;

const { world: name, forMs, memoryMaxBytes } = workerData as WorldTask;
const worlds = [...largeWorlds, ...smallWorlds];
const world = worlds.find((each) => each.name === name);
if (world === undefined) {
  throw new Error(`expected one of ${worlds.map((each) => each.name).join('; ')}, got "${name}"`);
}
const beganMs = performance.now();
let toldMs = beganMs;
const search = new Search(world);
const explored = search.run({
  isEnough: (progress) => {
    const nowMs = performance.now();
    if (nowMs - toldMs > tellEveryMs) {
      toldMs = nowMs;
      tell({ progress });
    }
    return nowMs - beganMs > forMs || process.memoryUsage.rss() > memoryMaxBytes;
  },
});
const { user, system } = process.threadCpuUsage();
const text = explored.wrong && counterExample(search, explored.wrong);
tell({ result: { ...explored, coreSeconds: (user + system) / 1e6, text } });

function tell(news: WorldNews): void {
  parentPort?.postMessage(news);
}
