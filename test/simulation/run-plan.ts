import { decide } from '../../src/domain/decide.ts';
import { type BrokenPromises, brokenPromises } from '../history/auditor.ts';
import type { Books, History } from '../history/history.ts';
import { Buyers } from '../stories/buyers.ts';
import { Random } from '../stories/random.ts';
import type { Step } from '../stories/step.ts';
import type { FaultCounts } from './node-life.ts';
import { clockErrorMsOf, type Plan, saleBeginsAtMs } from './plan.ts';
import { type Excuses, ReportedFacts } from './reported-facts.ts';
import { SimulatedCounter } from './simulated-counter.ts';
import { SimulatedDatabase } from './simulated-database.ts';
import { SimulatedNode, type Surroundings } from './simulated-node.ts';
import { VirtualTime } from './virtual-time.ts';

/** What became of a plan. */
export type Run = {
  /** A sentence for each promise that was broken. */
  readonly wrong: readonly string[];
  /** Those of them that the auditor found, by promise; null when the plan came to no end. */
  readonly broken: BrokenPromises | null;
  readonly history: History;
  readonly faults: FaultCounts;
  readonly traceHash: number;
  /** How much happened, of all that takes time. */
  readonly happened: number;
};

/** How often the workers look while somebody still waits for an answer. */
const roundMs = 1_000;

/** The smallest queue takes two commands at a time, and a story has fewer events than twice as many. */
const roundsAtTheEnd = 8;

/** For what nobody waits for any more and is done all the same: a request that was given up, a commit that was lost. */
const stragglerMs = 15_000;

export const asItShips: Surroundings = { decide, storeOf: (store) => store };

/**
 * Runs a plan to its end: its steps and faults; then nothing goes wrong any more, everybody gets an answer, all deadlines pass, the workers
 * do what is left, and the auditor gets what was asked and answered.
 */
export async function runPlan(plan: Plan, surroundings: Surroundings = asItShips): Promise<Run> {
  const { shop, seed } = plan;
  const time = new VirtualTime();
  const database = new SimulatedDatabase(time, shop);
  const counts: FaultCounts = new Map();
  const reported = new ReportedFacts();
  const world = { shop, time, database, counts, reported, surroundings };
  const nodes = Array.from(
    { length: shop.nodes },
    (_, index) => new SimulatedNode(world, index, new Random(seed, 1, index)),
  );
  const random = new Random(seed, 2);
  const counter = new SimulatedCounter({ time, nodes, random, database }, shop.clientTimeoutMs);
  const buyers = new Buyers(plan, counter, random);
  for (const fault of plan.faults) {
    time.after(fault.atMs, fault.kind, () => nodes[fault.node % shop.nodes]?.suffer(fault));
  }

  let isOver = false;
  const story = async (): Promise<void> => {
    const acted = buyers.act();
    const endsMs = plan.faults.map((fault) => fault.atMs + ('forMs' in fault ? fault.forMs : 0));
    await time.pause(Math.max(0, ...endsMs, ...plan.steps.map(({ atMs }) => atMs)) + roundMs);
    await settleDown(plan, { time, nodes, buyers, acted });
    isOver = true;
  };
  const wrong: string[] = [];
  try {
    await Promise.race([story(), time.goOn(() => isOver)]);
  } catch (error) {
    wrong.push(error instanceof Error ? error.message : String(error));
  }
  const history: History = {
    rules: shop,
    onSale: Array.from({ length: shop.products }, (_, index) => ({ id: index + 1, units: shop.stock })),
    beginsAtMs: saleBeginsAtMs,
    clockErrorMs: clockErrorMsOf(plan),
    exchanges: buyers.exchanges,
    books: booksOf(database),
  };
  // Without an end the books say nothing.
  const broken = isOver ? brokenPromises(history) : null;
  wrong.push(...database.violations, ...Object.values(broken ?? {}).flat());
  if (isOver) {
    wrong.push(...reported.differences(database, excusesOf(plan, counts)));
  }
  return { wrong, broken, history, faults: counts, traceHash: time.traceHash, happened: time.happened };
}

type Parts = {
  readonly time: VirtualTime;
  readonly nodes: readonly SimulatedNode[];
  readonly buyers: Buyers;
  readonly acted: Promise<void>;
};

async function settleDown(plan: Plan, { time, nodes, buyers, acted }: Parts): Promise<void> {
  const [node] = nodes;
  let isAnswered = false;
  void acted.then(() => {
    isAnswered = true;
  });
  for (const each of nodes) {
    each.recover();
  }
  do {
    await time.pause(roundMs);
    await node?.work('recheck');
    // Facts may wait for room until a hold ends and its payment takes its own facts in.
    await node?.work('expire');
  } while (!isAnswered);
  const { holdSeconds, paymentSeconds, parkedSeconds } = plan.shop;
  const longestMs = Math.max(holdSeconds + paymentSeconds, parkedSeconds) * 1000;
  await time.pause(longestMs + 2 * clockErrorMsOf(plan) + stragglerMs);
  // One round may give the other one something to do, and a full queue refuses a part of a round.
  for (let round = 0; round < roundsAtTheEnd; round += 1) {
    await node?.work('recheck');
    await node?.work('expire');
  }
  await Promise.all(nodes.map((each) => each.decideNothing()));
  const last: Step = { id: -1, buyer: 0, atMs: 0, node: 0, kind: 'settle' };
  await buyers.settle(last);
}

function excusesOf({ shop, faults }: Plan, counts: FaultCounts): Excuses {
  const kinds = [...counts.keys()];
  return {
    processDied: kinds.some((kind) => kind.startsWith('crash')),
    nodesMeet: shop.nodes > 1 && (counts.has('commit lost') || counts.has('freeze')),
    commitsLate: faults.some((fault) => fault.kind === 'commit lost' && fault.tookPlace === 'later'),
  };
}

function booksOf(database: SimulatedDatabase): Books {
  return {
    products: [...database.products.values()],
    holds: [...database.holds.values()],
    orders: [...database.orders.values()],
    events: [...database.events.values()],
    refunds: [...database.refunds.values()],
    forgotten: database.forgotten,
  };
}
