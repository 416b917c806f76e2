import type { Command } from '../domain/commands.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Outcome, OutcomeOf } from '../domain/outcomes.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { StoreError } from '../store/store-error.ts';
import type { Answer, CommandSink, Failure } from './answer.ts';
import type { BatchContext, Committed } from './batch.ts';
import { BatchTimes, runBatch } from './batch.ts';
import { LostAttempts } from './lost-attempts.ts';
import { CommandQueue, type QueueDepth, type Waiting } from './queue.ts';
import { reissue, withReceipt } from './reissue.ts';
import { processScheduler, type Scheduler } from './scheduler.ts';

export type EngineOptions = {
  /** How many commands may wait in each of the two lines. */
  readonly queueMax: number;
  readonly batchMax: number;
  /** How long a command may wait to be begun, and how long it is retried, in ms. */
  readonly requestTimeoutMs: number;
};

/** Who is told what the engine did. Called after the commit, never before it. */
export type EngineListener = {
  committed(report: {
    /** Begins with the events of an earlier attempt whose commit had an unknown outcome and took place. */
    readonly happened: readonly DomainEvent[];
    readonly snapshots: ReadonlyMap<number, ProductSnapshot>;
    /** As they were decided, each with its outcome at the same place. */
    readonly commands: readonly Command[];
    readonly outcomes: readonly Outcome[];
    readonly times: Readonly<BatchTimes>;
  }): void;
  /** A batch failed and is decided again, or given up. */
  failed(report: {
    readonly error: unknown;
    readonly commands: number;
    readonly willRetry: boolean;
    /** The attempt that failed; null when its commands are given up later, because their time is up. */
    readonly attempt: { readonly commands: readonly Command[]; readonly times: Readonly<BatchTimes> } | null;
  }): void;
  /** Telling of a committed batch went wrong. Its commands were answered all the same. */
  defect(report: { readonly error: unknown }): void;
};

/**
 * Group commit: while one transaction is under way, the commands that arrive wait; the next transaction takes
 * them all. There is no timer: whatever waits when the lane gets free is the next batch. The busier it gets,
 * the cheaper one command becomes.
 *
 * One lane. Other processes need no coordination: the product's row lock, or the cluster's certification,
 * decides between them. After a crash nobody was told anything about commands in memory, and what was
 * committed is in the database.
 */
export class Engine implements CommandSink {
  readonly #context: BatchContext;
  /** Empty after a failure: another host may answer next, and it may not know what this one committed. */
  readonly #lastSeen = new Map<number, ProductSnapshot>();
  /** Kept apart from the commands: these may be given up before the database responds again. */
  readonly #lost = new LostAttempts();
  readonly #options: EngineOptions;
  readonly #listener: EngineListener;
  readonly #scheduler: Scheduler;
  readonly #queue: CommandQueue;
  readonly #jobs: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #isWatching = false;
  #closing = false;

  constructor(
    context: BatchContext,
    options: EngineOptions,
    listener: EngineListener,
    scheduler: Scheduler = processScheduler,
  ) {
    this.#context = { ...context, lastSeen: this.#lastSeen, lost: this.#lost };
    this.#options = options;
    this.#listener = listener;
    this.#scheduler = scheduler;
    this.#queue = new CommandQueue(options.queueMax);
  }

  submit<C extends Command>(command: C): Promise<Answer<C>> {
    return new Promise((resolve) => {
      const answer: Waiting['answer'] = (outcome) =>
        // The rules answer each kind of command with its own kind of outcome.
        resolve({ outcome: outcome as OutcomeOf<C> | Failure });
      if (this.#closing) {
        answer({ kind: 'failed', code: 'shutting_down' });
      } else if (
        this.#queue.add({
          command: withReceipt(command, this.#context.newId),
          maybeCommitted: false,
          sinceMs: this.#scheduler.nowMs(),
          answer,
        })
      ) {
        this.#wake();
        this.#watch();
      } else {
        answer({ kind: 'failed', code: 'overloaded' });
      }
    });
  }

  /** Runs housekeeping between two batches, so that it never competes with one of this process. */
  runBetweenBatches<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(() => job().then(resolve, reject));
      this.#wake();
    });
  }

  /** How many commands wait for their batch at this moment. */
  get queueDepth(): QueueDepth {
    return this.#queue.depth;
  }

  /** Takes nothing new, answers all that was accepted, and resolves when the lane is empty. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#running !== null) {
      await this.#running;
    }
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#queue.size > 0 || this.#jobs.length > 0) {
        this.#wake();
      }
    });
  }

  /** Answers those who wait when their time is up, also while the lane itself waits for a database that says nothing. */
  #watch(): void {
    const oldestMs = this.#queue.oldestSinceMs;
    if (this.#isWatching || oldestMs === null) {
      return;
    }
    const { requestTimeoutMs } = this.#options;
    const restMs = Math.max(1, oldestMs + requestTimeoutMs - this.#scheduler.nowMs());
    this.#isWatching = true;
    // Whoever waits is kept alive by the lane, so this needs to keep nobody.
    this.#scheduler.callLater(restMs, () => {
      this.#isWatching = false;
      fail(this.#queue.takeOlderThan(this.#scheduler.nowMs() - requestTimeoutMs), 'overloaded');
      this.#watch();
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0 || this.#jobs.length > 0) {
      // Lets everything that the sockets have for us be read first: these commands belong to this batch.
      await this.#scheduler.turn();
      const batch = this.#inTime(this.#queue.take(this.#options.batchMax), 'overloaded');
      this.#queue.putBack(await this.#settle(batch));
      await this.#jobs.shift()?.();
    }
  }

  /**
   * Decides a batch until it is committed or given up. This is the only place that retries.
   *
   * @returns the commands that were deferred: they keep their place for the next batch
   */
  async #settle(batch: readonly Waiting[]): Promise<readonly Waiting[]> {
    let waiting = batch;
    for (let attempt = 1; waiting.length > 0; attempt += 1) {
      const result = await this.#attempt(waiting);
      if ('committed' in result) {
        return this.#answer(waiting, result);
      }
      const { error, ...attempted } = result;
      const kind = error instanceof StoreError ? error.kind : 'defect';
      if (kind === 'defect') {
        this.#lost.drop();
        return this.#isolate(waiting, error);
      }
      const willRetry = kind !== 'unavailable';
      this.#listener.failed({ error, commands: waiting.length, willRetry, attempt: attempted });
      if (!willRetry) {
        fail(waiting, 'database_unavailable');
        return [];
      }
      const isLost = kind === 'outcome_unknown';
      if (isLost) {
        this.#lost.add();
      }
      for (const entry of waiting) {
        entry.maybeCommitted ||= isLost;
        // After a lost commit the ids must stay: they tell whether it took place.
        if (kind === 'conflict' && !entry.maybeCommitted) {
          entry.command = reissue(entry.command, this.#context.newId);
        }
      }
      await this.#scheduler.pause(backoffMs(attempt, this.#scheduler.random()));
      const inTime = this.#inTime(waiting, 'database_unavailable');
      if (inTime.length < waiting.length) {
        const commands = waiting.length - inTime.length;
        this.#listener.failed({ error, commands, willRetry: false, attempt: null });
      }
      waiting = inTime;
    }
    return [];
  }

  #attempt(
    waiting: readonly Waiting[],
  ): Promise<Attempted | (Omit<Attempted, 'committed'> & { readonly error: unknown })> {
    const commands = waiting.map(({ command }) => command);
    const afterLostCommit = waiting.some(({ maybeCommitted }) => maybeCommitted);
    const times = new BatchTimes(this.#scheduler);
    return runBatch(this.#context, commands, afterLostCommit, times).then(
      (committed) => {
        for (const [id, snapshot] of committed.snapshots) {
          this.#lastSeen.set(id, snapshot);
        }
        const happened = [...this.#lost.takeFound(), ...committed.happened];
        return { committed: { ...committed, happened }, commands, times };
      },
      (error: unknown) => {
        this.#lastSeen.clear();
        return { error, commands, times };
      },
    );
  }

  /**
   * One command of the batch trips a defect. Each is decided alone: the culprit fails, the others get their
   * answers. What stands behind a deferred command waits with it, so that nobody overtakes.
   */
  async #isolate(waiting: readonly Waiting[], error: unknown): Promise<readonly Waiting[]> {
    const [first] = waiting;
    if (waiting.length === 1) {
      first?.answer({ kind: 'failed', code: 'internal_error', cause: error });
      return [];
    }
    for (const [index, entry] of waiting.entries()) {
      const deferred = await this.#settle([entry]);
      if (deferred.length > 0) {
        return waiting.slice(index);
      }
    }
    return [];
  }

  /** Tells everybody. @returns the commands that were deferred */
  #answer(waiting: readonly Waiting[], { committed, commands, times }: Attempted): readonly Waiting[] {
    try {
      this.#listener.committed({ ...committed, commands, times });
    } catch (error) {
      this.#listener.defect({ error });
    }
    const deferred: Waiting[] = [];
    for (const [index, entry] of waiting.entries()) {
      const outcome: Outcome | undefined = committed.outcomes[index];
      if (outcome === undefined || outcome.kind === 'deferred') {
        deferred.push(entry);
      } else {
        entry.answer(outcome);
      }
    }
    return deferred;
  }

  /** Those whose time is not up; the others are answered. */
  #inTime(waiting: readonly Waiting[], code: Late): readonly Waiting[] {
    const earliestMs = this.#scheduler.nowMs() - this.#options.requestTimeoutMs;
    const isLate = (entry: Waiting) => entry.sinceMs < earliestMs;
    fail(waiting.filter(isLate), code);
    return waiting.filter((entry) => !isLate(entry));
  }
}

type Attempted = {
  readonly committed: Committed;
  readonly commands: readonly Command[];
  readonly times: BatchTimes;
};

/** What a command is answered that was not decided in time. */
type Late = 'overloaded' | 'database_unavailable';

function fail(waiting: readonly Waiting[], code: Late): void {
  for (const entry of waiting) {
    entry.answer({ kind: 'failed', code });
  }
}

/**
 * Doubling from 2 ms up to 200 ms, with jitter, so that nodes which collided do not collide again.
 *
 * @param random at least 0 and below 1
 */
function backoffMs(attempt: number, random: number): number {
  return Math.min(200, 2 ** attempt) * (0.5 + random / 2);
}
