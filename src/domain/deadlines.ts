/** The deadlines of some holds, each as often as holds have it. */
export class Deadlines {
  readonly #counts = new Map<number, number>();
  /** Undefined after the earliest one was removed: the next read finds it. */
  #earliestMs: number | null | undefined = null;

  get earliestMs(): number | null {
    if (this.#earliestMs === undefined) {
      // Deadlines are whole seconds, so the holds of a batch have few different ones.
      let earliestMs = Number.POSITIVE_INFINITY;
      for (const deadlineMs of this.#counts.keys()) {
        earliestMs = Math.min(earliestMs, deadlineMs);
      }
      this.#earliestMs = this.#counts.size === 0 ? null : earliestMs;
    }
    return this.#earliestMs;
  }

  has(deadlineMs: number): boolean {
    return this.#counts.has(deadlineMs);
  }

  add(deadlineMs: number): void {
    this.#counts.set(deadlineMs, (this.#counts.get(deadlineMs) ?? 0) + 1);
    const earliestMs = this.#earliestMs;
    if (earliestMs === null || (earliestMs !== undefined && deadlineMs < earliestMs)) {
      this.#earliestMs = deadlineMs;
    }
  }

  remove(deadlineMs: number): void {
    const count = this.#counts.get(deadlineMs) ?? 0;
    if (count > 1) {
      this.#counts.set(deadlineMs, count - 1);
      return;
    }
    this.#counts.delete(deadlineMs);
    if (this.#earliestMs === deadlineMs) {
      this.#earliestMs = undefined;
    }
  }
}
