import type { Hold } from './hold.ts';
import type { State } from './state.ts';

type MutableAvailability = { overdueUnits: number; nextReleaseAtMs: number | null | undefined };

/** What the holds of each product say while a batch changes them. The loaded state itself is never changed. */
export class Availabilities {
  readonly #loaded: State['availability'];
  readonly #changed = new Map<number, MutableAvailability>();

  constructor(loaded: State['availability']) {
    this.#loaded = loaded;
  }

  overdueUnits(productId: number): number {
    return this.#of(productId).overdueUnits;
  }

  /**
   * The earliest deadline of an active hold, or undefined when it was removed in this batch and the next one
   * was not loaded.
   */
  nextReleaseAtMs(productId: number): number | null | undefined {
    return this.#of(productId).nextReleaseAtMs;
  }

  overdueRemoved(hold: Hold): void {
    this.#of(hold.productId).overdueUnits -= hold.quantity;
  }

  deadlineAdded(hold: Hold): void {
    const availability = this.#of(hold.productId);
    const next = availability.nextReleaseAtMs;
    if (next === null || (next !== undefined && hold.expiresAtMs < next)) {
      availability.nextReleaseAtMs = hold.expiresAtMs;
    }
  }

  deadlineRemoved(hold: Hold): void {
    const availability = this.#of(hold.productId);
    if (availability.nextReleaseAtMs === hold.expiresAtMs) {
      availability.nextReleaseAtMs = undefined;
    }
  }

  #of(productId: number): MutableAvailability {
    let availability = this.#changed.get(productId);
    if (availability === undefined) {
      const loaded = this.#loaded.get(productId);
      availability = {
        overdueUnits: loaded?.overdueUnits ?? 0,
        nextReleaseAtMs: loaded?.nextReleaseAtMs ?? null,
      };
      this.#changed.set(productId, availability);
    }
    return availability;
  }
}
