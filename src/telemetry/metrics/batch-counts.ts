import type { Command } from '../../domain/commands.ts';
import type { Outcome } from '../../domain/outcomes.ts';
import { addOne, Latencies } from './latency.ts';
import { Tally } from './tally.ts';

/** When the phases of a batch ended, by the monotonic clock of the process. */
export type PhaseTimes = {
  readonly startedMs: number;
  readonly locatedMs: number;
  readonly begunMs: number;
  readonly loadedMs: number;
  readonly decidedMs: number;
  readonly appliedMs: number;
  readonly committedMs: number;
};

/** The phases of a batch, each with the times between which it lies. */
export const batchPhases = [
  ['locate', 'startedMs', 'locatedMs'],
  ['begin', 'locatedMs', 'begunMs'],
  ['load', 'begunMs', 'loadedMs'],
  ['decide', 'loadedMs', 'decidedMs'],
  ['apply', 'decidedMs', 'appliedMs'],
  ['commit', 'appliedMs', 'committedMs'],
] as const satisfies readonly (readonly [string, keyof PhaseTimes, keyof PhaseTimes])[];

/** Commands in one batch: the upper bound of each bucket. One more counts what is larger. */
export const batchSizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] as const;

/** What the engine of a process has decided since it started. */
export class BatchCounts {
  readonly sizes = new Float64Array(batchSizeBounds.length + 1);
  commands = 0;
  /** Commands that kept their place for the next batch. */
  deferred = 0;
  readonly latencies = new Latencies();
  readonly phases = new Map<string, Latencies>(batchPhases.map(([phase]) => [phase, new Latencies()]));
  /** Batches that were decided again, by what kept them from being committed. */
  readonly retries = new Tally<string>(['retryable', 'conflict', 'outcome_unknown']);
  /** Batches that were given up. */
  readonly givenUp = new Tally<string>(['unavailable', 'retryable', 'conflict', 'outcome_unknown']);
  /** What requests for holds came to, as far as they were decided. */
  readonly holds = new Tally<string>([
    'created',
    'replayed',
    'insufficient_stock',
    'sale_not_open',
    'product_not_found',
    'idempotency_key_reused',
  ]);
  readonly orders = new Tally<string>([
    'created',
    'replayed',
    'hold_already_ordered',
    'hold_expired',
    'hold_released',
    'hold_not_found',
    'idempotency_key_reused',
  ]);

  committed(commands: readonly Command[], outcomes: readonly Outcome[], times: PhaseTimes): void {
    this.commands += commands.length;
    const bucket = batchSizeBounds.findIndex((bound) => commands.length <= bound);
    addOne(this.sizes, bucket === -1 ? batchSizeBounds.length : bucket);
    this.latencies.add(times.committedMs - times.startedMs);
    for (const [phase, from, to] of batchPhases) {
      this.phases.get(phase)?.add(times[to] - times[from]);
    }
    for (const [index, outcome] of outcomes.entries()) {
      this.#decided(commands[index]?.kind, outcome);
    }
  }

  /** A batch was not committed, for this reason. */
  failed(cause: string, willRetry: boolean): void {
    (willRetry ? this.retries : this.givenUp).add(cause);
  }

  #decided(command: Command['kind'] | undefined, outcome: Outcome): void {
    if (outcome.kind === 'deferred') {
      this.deferred += 1;
    } else if (command === 'create_hold') {
      this.holds.add(wordOf(outcome));
    } else if (command === 'create_order') {
      this.orders.add(wordOf(outcome));
    }
  }
}

function wordOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') {
    return outcome.code;
  }
  return 'replayed' in outcome && outcome.replayed ? 'replayed' : 'created';
}
