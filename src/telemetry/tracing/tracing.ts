import type { Command } from '../../domain/commands.ts';
import type { PhaseTimes } from '../metrics/batch-counts.ts';

/** A request as its trace sees it, from its begin until its answer is about to be written. */
export type RequestSpan = {
  /** @param status of the answer; null when the client has left before */
  end(status: number | null): void;
};

/** A batch that ended. Instants are of `performance.now()`; NaN where the batch did not come so far. */
export type TracedBatch = {
  readonly commands: readonly Command[];
  readonly times: PhaseTimes;
  /** Why it was not committed; null when it was. */
  readonly failure: string | null;
};

/**
 * Traces of requests, batches and their transactions. Where traces are not wanted there is no such object, and nobody pays more than a
 * look at that.
 */
export interface Tracing {
  /**
   * @param route the pattern of the route, undefined when none takes the request
   * @param headers those of the request: a trace that began elsewhere goes on
   */
  requestBegan(
    method: string,
    route: string | undefined,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): RequestSpan;
  /** Whatever `work` begins belongs to the request, also what goes on after it has returned. */
  within(span: RequestSpan, work: () => void): void;
  /** A command of the request that is under way goes to the engine: its batch will be linked to the request. */
  submitted(command: Command): void;
  batchEnded(batch: TracedBatch): void;
  /** A request of ours to somebody else, as a part of the request that is under way, if any. */
  outgoing<Result>(name: string, send: () => Promise<Result>): Promise<Result>;
  /** Sends what is left, as far as that is done soon. Never rejects. */
  stop(): Promise<void>;
}
