import { Deadlines } from './deadlines.ts';
import type { Hold } from './hold.ts';
import { isOpen, isOverdue } from './hold.ts';
import type { NextRelease } from './next-release.ts';
import type { State } from './state.ts';

type ProductAvailability = {
  overdueUnits: number;
  /** The earliest deadline of an active hold when the batch began. */
  readonly firstMs: number | null;
  /** Whether a hold that the batch loaded had that deadline. Else it stays: a batch changes no other holds. */
  readonly isFirstOfLoaded: boolean;
  /** Of the active holds that the batch loaded or made. */
  readonly deadlines: Deadlines;
};

/** What the holds of each product say while a batch changes them. The loaded state itself is never changed. */
export class Availabilities {
  /** Products whose next release was asked for when the batch knew only a part of it. */
  readonly releasesToRead = new Set<number>();
  readonly #loaded: State['availability'];
  readonly #deadlinesOfLoaded = new Map<number, Deadlines>();
  readonly #byProduct = new Map<number, ProductAvailability>();

  constructor({ availability, holds, nowMs }: Pick<State, 'availability' | 'holds' | 'nowMs'>) {
    this.#loaded = availability;
    for (const hold of holds.values()) {
      if (isOpen(hold) && !isOverdue(hold, nowMs)) {
        const deadlines = this.#deadlinesOfLoaded.get(hold.productId) ?? new Deadlines();
        this.#deadlinesOfLoaded.set(hold.productId, deadlines);
        deadlines.add(hold.expiresAtMs);
      }
    }
  }

  overdueUnits(productId: number): number {
    return this.#of(productId).overdueUnits;
  }

  /** The earliest deadline of an active hold at this moment of the batch, as far as the batch knows it. */
  nextReleaseAtMs(productId: number): NextRelease {
    const { firstMs, isFirstOfLoaded, deadlines } = this.#of(productId);
    const ownMs = deadlines.earliestMs;
    if (firstMs === null || (ownMs !== null && ownMs <= firstMs)) {
      return ownMs;
    }
    if (!isFirstOfLoaded) {
      return firstMs;
    }
    this.releasesToRead.add(productId);
    return { productId, atMostMs: ownMs };
  }

  overdueRemoved(hold: Hold): void {
    this.#of(hold.productId).overdueUnits -= hold.quantity;
  }

  deadlineAdded(hold: Hold): void {
    this.#of(hold.productId).deadlines.add(hold.expiresAtMs);
  }

  deadlineRemoved(hold: Hold): void {
    this.#of(hold.productId).deadlines.remove(hold.expiresAtMs);
  }

  #of(productId: number): ProductAvailability {
    let availability = this.#byProduct.get(productId);
    if (availability === undefined) {
      const loaded = this.#loaded.get(productId);
      const deadlines = this.#deadlinesOfLoaded.get(productId) ?? new Deadlines();
      const firstMs = loaded?.nextReleaseAtMs ?? null;
      availability = {
        overdueUnits: loaded?.overdueUnits ?? 0,
        firstMs,
        isFirstOfLoaded: firstMs !== null && deadlines.has(firstMs),
        deadlines,
      };
      this.#byProduct.set(productId, availability);
    }
    return availability;
  }
}
