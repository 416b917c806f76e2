/** One round of housekeeping. Resolves to the ms until there may be more to do. */
export type RunOnce = () => Promise<number>;

/**
 * Repeats a round of housekeeping until it is stopped. A round that fails is reported and tried again later;
 * what it did not finish the next one finds, because what is to be done is always read from the database.
 */
export class Worker {
  readonly #runOnce: RunOnce;
  readonly #restMsMax: number;
  readonly #failed: (error: unknown) => void;
  #stopped = false;
  #wake: () => void = () => {};
  #running: Promise<void> | null = null;

  /** @param restMsMax the longest rest between two rounds, also after one that failed */
  constructor(runOnce: RunOnce, restMsMax: number, failed: (error: unknown) => void) {
    this.#runOnce = runOnce;
    this.#restMsMax = restMsMax;
    this.#failed = failed;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the rest at once, lets a round that is under way finish, and resolves after it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      let restMs = this.#restMsMax;
      try {
        restMs = Math.min(restMs, Math.max(0, await this.#runOnce()));
      } catch (error) {
        this.#failed(error);
      }
      if (!this.#stopped) {
        await this.#rest(restMs);
      }
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
