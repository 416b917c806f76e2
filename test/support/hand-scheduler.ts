import type { Scheduler } from '../../src/engine/scheduler.ts';

/** Time that passes only in pauses, which are over at once, and when a test says so. What is called later is called then. */
export class HandScheduler implements Scheduler {
  /** How long each pause was, in ms. */
  readonly pauses: number[] = [];
  /** What is called later, by the instant at which it is. */
  readonly calls: { readonly atMs: number; readonly callback: () => void }[] = [];
  readonly #random: number;
  #nowMs = 1_000;

  constructor(random = 0) {
    this.#random = random;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  turn(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    this.#nowMs += ms;
  }

  callLater(ms: number, callback: () => void): void {
    this.calls.push({ atMs: this.#nowMs + ms, callback });
  }

  random(): number {
    return this.#random;
  }

  /** Lets time pass, and calls what is due. */
  pass(ms: number): void {
    this.#nowMs += ms;
    const due = this.calls.filter(({ atMs }) => atMs <= this.#nowMs);
    this.calls.splice(0, this.calls.length, ...this.calls.filter((call) => !due.includes(call)));
    for (const { callback } of due) {
      callback();
    }
  }
}
