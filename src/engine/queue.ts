import type { Command } from '../domain/commands.ts';
import type { Outcome } from '../domain/outcomes.ts';
import type { Failure } from './answer.ts';

/** A command that waits for its batch, and how to answer it. */
export type Waiting = {
  command: Command;
  /**
   * An earlier attempt may have been committed without our learning of it: what it would have written is
   * looked up first.
   */
  maybeCommitted: boolean;
  readonly sinceMs: number;
  readonly answer: (outcome: Exclude<Outcome, { kind: 'deferred' }> | Failure) => void;
};

/** How many commands stand in each line. */
export type QueueDepth = { readonly holds: number; readonly others: number };

/**
 * Commands in order of arrival, in two lines: new holds, and all else. Each line is bounded for itself, so
 * that however many want to hold, there is room for the payments, orders and releases of those who already
 * do; and these are taken first.
 */
export class CommandQueue {
  readonly #holds = new Line();
  readonly #others = new Line();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#holds.size + this.#others.size;
  }

  get depth(): QueueDepth {
    return { holds: this.#holds.size, others: this.#others.size };
  }

  /** False when the command's line is full. */
  add(waiting: Waiting): boolean {
    const line = this.#lineOf(waiting.command);
    if (line.size >= this.#max) {
      return false;
    }
    line.push(waiting);
    return true;
  }

  /**
   * Puts commands that were taken back to where they stood. They were let in once, so the bound does not
   * concern them.
   */
  putBack(commands: readonly Waiting[]): void {
    for (const waiting of commands.toReversed()) {
      this.#lineOf(waiting.command).unshift(waiting);
    }
  }

  take(max: number): Waiting[] {
    const taken = this.#others.take(max);
    return taken.concat(this.#holds.take(max - taken.length));
  }

  /** When the one came that has waited longest. Null when nobody waits. */
  get oldestSinceMs(): number | null {
    const [hold, other] = [this.#holds.first, this.#others.first];
    return hold === undefined && other === undefined
      ? null
      : Math.min(hold?.sinceMs ?? Number.POSITIVE_INFINITY, other?.sinceMs ?? Number.POSITIVE_INFINITY);
  }

  /** Takes those that have waited since before `earliestMs`. */
  takeOlderThan(earliestMs: number): Waiting[] {
    return [...this.#others.takeOlderThan(earliestMs), ...this.#holds.takeOlderThan(earliestMs)];
  }

  #lineOf(command: Command): Line {
    return command.kind === 'create_hold' ? this.#holds : this.#others;
  }
}

/** A queue whose head moves: taking from a plain array's front would copy the rest of it each time. */
class Line {
  #items: Waiting[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): Waiting | undefined {
    return this.#items[this.#head];
  }

  push(item: Waiting): void {
    this.#items.push(item);
  }

  unshift(item: Waiting): void {
    if (this.#head > 0) {
      this.#head -= 1;
      this.#items[this.#head] = item;
    } else {
      this.#items.unshift(item);
    }
  }

  take(max: number): Waiting[] {
    const taken = this.#items.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    // What is left is copied when it is less than what was taken: so nothing is copied more often than it was taken.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** They stand in front, as everybody stands in order of arrival. */
  takeOlderThan(earliestMs: number): Waiting[] {
    let end = this.#head;
    while ((this.#items[end]?.sinceMs ?? Number.POSITIVE_INFINITY) < earliestMs) {
      end += 1;
    }
    return this.take(end - this.#head);
  }
}
