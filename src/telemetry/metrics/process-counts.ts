import { BatchCounts } from './batch-counts.ts';
import { HappenedCounts } from './happened-counts.ts';
import { HttpCounts } from './http-counts.ts';

/** How many commands wait for their batch, in each of the engine's lines. */
export type QueueDepth = { readonly holds: number; readonly others: number };

/** How a sale goes in this process, counted since it started: two readings subtracted are what happened between them. */
export type SaleTotals = {
  readonly holdsCreated: number;
  readonly ordersCreated: number;
  readonly ordersPaid: number;
  /** Answers to `POST /holds` other than 201. */
  readonly refusals: number;
  /** Answers to `POST /holds` by how long they took: one count for each of `latencyBoundsMs`, and one for what took longer. */
  readonly holdLatency: readonly number[];
  /** Commands in the queue at this moment. */
  readonly waiting: number;
};

/** When an audit ended, in ms since 1970, and the names of its checks that differed. */
export type LatestAudit = { readonly atMs: number; readonly failed: readonly string[] };

/** One repeated task of a process: when it last went well, and how often it did not. */
export type WorkerCounts = {
  readonly name: string;
  /** Whether it runs in this process. */
  begun: boolean;
  /** By the host's clock, in ms since 1970; null when it has not yet. */
  succeededAtMs: number | null;
  failures: number;
};

/**
 * All that a process counts of itself: what operators see in metrics and on the console. It is fed on the way of every request, so it holds
 * plain numbers, and whoever wants to show them reads them.
 */
export class ProcessCounts {
  readonly http = new HttpCounts();
  readonly batches = new BatchCounts();
  readonly happened = new HappenedCounts();
  readonly workers: WorkerCounts[] = [];
  cacheHits = 0;
  cacheMisses = 0;
  /** Refund and dispute events that were deleted because their payment stayed unknown. */
  factsDeleted = 0;
  /** Asked when somebody reads, like what follows: the latest audit of this process. */
  latestAudit: () => LatestAudit | null = () => null;
  /** The engine is made later than the counts that it feeds. */
  queueDepth: () => QueueDepth = () => ({ holds: 0, others: 0 });
  /** The bound of each of these lines. */
  queueMax = 0;

  cacheLookedUp(hit: boolean): void {
    if (hit) {
      this.cacheHits += 1;
    } else {
      this.cacheMisses += 1;
    }
  }

  /** The counts of a new worker. Several may have the same name. */
  worker(name: string): WorkerCounts {
    const worker: WorkerCounts = { name, begun: false, succeededAtMs: null, failures: 0 };
    this.workers.push(worker);
    return worker;
  }

  /** The workers that run here. Of several with one name: the success of the one that has had none for the longest, and all failures. */
  workersByName(): readonly WorkerCounts[] {
    const byName = new Map<string, WorkerCounts>();
    for (const worker of this.workers.filter(({ begun }) => begun)) {
      const others = byName.get(worker.name) ?? { ...worker, failures: 0 };
      const oldestMs = Math.min(worker.succeededAtMs ?? 0, others.succeededAtMs ?? 0);
      byName.set(worker.name, {
        ...worker,
        succeededAtMs: oldestMs === 0 ? null : oldestMs,
        failures: others.failures + worker.failures,
      });
    }
    return [...byName.values()];
  }

  saleTotals(): SaleTotals {
    const { holds, others } = this.queueDepth();
    return {
      holdsCreated: this.happened.of('hold_created'),
      ordersCreated: this.happened.of('order_created'),
      ordersPaid: this.happened.of('order_paid'),
      refusals: this.http.refusedHolds,
      holdLatency: [...this.http.holds.latencies.counts],
      waiting: holds + others,
    };
  }
}
