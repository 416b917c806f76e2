/**
 * A hold's states:
 *
 *     held ──▶ ordered ──▶ consumed
 *       │         │            ▲
 *       ▼         ▼            │ a late payment, units available
 *     released ◀──┘────────────┘
 *
 * `held` and `ordered` holds are open: their units are in the product's `held`. An open hold is active until
 * its deadline and overdue from then on. After a crash an open hold simply runs on to its deadline.
 */
export type HoldStatus = 'held' | 'ordered' | 'consumed' | 'released';

/**
 * Why a hold's units went back: its deadline came, its buyer let go, or its order failed or was cancelled.
 */
export type ReleaseReason = 'expired' | 'released' | 'order_ended';

/**
 * What payment events wait for the hold's order: the strongest of them, since only `paid` re-arms the
 * deadline, and once.
 */
export type ParkedOnHold = 'failed' | 'paid';

/** A buyer's claim on `quantity` units until `expiresAtMs`. */
export type Hold = {
  readonly id: number;
  readonly productId: number;
  readonly quantity: number;
  /** The product's price when the units were held: the order costs this, whatever the price is by then. */
  readonly priceMinor: number;
  readonly status: HoldStatus;
  readonly releaseReason: ReleaseReason | null;
  readonly parked: ParkedOnHold | null;
  readonly expiresAtMs: number;
  readonly createdAtMs: number;
};

/** Whether the hold's units are still in the product's `held`. */
export function isOpen(hold: Pick<Hold, 'status'>): boolean {
  return hold.status === 'held' || hold.status === 'ordered';
}

/**
 * Whether the hold is open although its deadline has come: its units are available, only its row is not
 * released yet.
 */
export function isOverdue(hold: Pick<Hold, 'status' | 'expiresAtMs'>, nowMs: number): boolean {
  return isOpen(hold) && nowMs >= hold.expiresAtMs;
}

/** The status that readers see at `nowMs`: exact at the deadline, whether or not the row was released yet. */
export function holdStatusAt(hold: Pick<Hold, 'status' | 'expiresAtMs'>, nowMs: number): HoldStatus {
  return isOverdue(hold, nowMs) ? 'released' : hold.status;
}
