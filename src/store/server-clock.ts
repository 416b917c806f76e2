/** More than any answer of a working server takes. */
const setBackMs = 1_000;

/**
 * A database server's clock between two readings, in ms since 1970: the last reading and what a monotonic
 * clock counted since. A reading is a little old when it comes in, so the estimate keeps to the furthest of
 * them; one that lies far behind means that the server's clock was set back, or that another server answers
 * now.
 */
export class ServerClock {
  #offsetMs: number;
  #wasReadBefore = false;

  constructor(wallMs: () => number) {
    this.#offsetMs = wallMs() - performance.now();
  }

  nowMs(): number {
    return Math.floor(performance.now() + this.#offsetMs);
  }

  wasRead(ms: number): void {
    const offsetMs = ms - performance.now();
    if (!this.#wasReadBefore || offsetMs > this.#offsetMs || offsetMs < this.#offsetMs - setBackMs) {
      this.#offsetMs = offsetMs;
      this.#wasReadBefore = true;
    }
  }
}
