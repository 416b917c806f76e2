import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import type { Hold, ReleaseReason } from './hold.ts';
import { isOpen, isOverdue } from './hold.ts';
import type { Order } from './order.ts';
import { settleForEndedHold } from './settlement.ts';
import { startOfSecond } from './time.ts';

/**
 * Gives a hold's units back. Before its deadline the deadline moves to the current second, so that an
 * operator's `expires_at > NOW()` agrees at once. Without an order, the money that already came for the hold
 * is owed back from here on.
 */
export function releaseHold(draft: Draft, hold: Hold, reason: ReleaseReason): Hold {
  ensure(isOpen(hold), `hold ${hold.id} is ${hold.status}, not open`);
  const released: Hold = {
    ...hold,
    status: 'released',
    releaseReason: reason,
    expiresAtMs: isOverdue(hold, draft.nowMs) ? hold.expiresAtMs : startOfSecond(draft.nowMs),
  };
  draft.updateHold(hold, released);
  draft.tell({ kind: reason === 'expired' ? 'hold_expired' : 'hold_released', hold: released });
  if (hold.status === 'held' && hold.parked !== null) {
    for (const event of draft.parkedEvents(hold.id)) {
      settleForEndedHold(draft, released, event);
    }
  }
  return released;
}

/**
 * Does what the deadline of an overdue hold says: its units go back, and its order, if it has one, is
 * expired.
 */
export function expireHold(draft: Draft, hold: Hold): Hold {
  ensure(isOverdue(hold, draft.nowMs), `hold ${hold.id} is not overdue`);
  const released = releaseHold(draft, hold, 'expired');
  if (hold.status === 'ordered') {
    const order = draft.orderOfHold(hold.id);
    ensure(order?.status === 'pending', `the order of hold ${hold.id} is not pending`);
    const expired: Order = { ...order, status: 'expired' };
    draft.orders.update(order.id, expired);
    draft.tell({ kind: 'order_expired', order: expired });
  }
  return released;
}

/**
 * `may wait`: in line with the batch's other commands. `at once`: for units that the same command has just
 * given back, which nobody else has been promised.
 */
export type Patience = 'may wait' | 'at once';

/**
 * Frees at least `units` of a product, of which that many are known to be available, by releasing overdue
 * holds, oldest first. When more rows have to be released than one batch may, the command is deferred, and
 * all that want units of the product behind it wait too: nobody overtakes.
 */
export function claimUnits(
  draft: Draft,
  productId: number,
  units: number,
  patience: Patience = 'may wait',
): 'free' | 'deferred' {
  const isBehindOthers = patience === 'may wait' && draft.deferredProducts.has(productId);
  if (!isBehindOthers && reclaim(draft, productId, units)) {
    return 'free';
  }
  draft.deferredProducts.add(productId);
  return 'deferred';
}

function reclaim(draft: Draft, productId: number, units: number): boolean {
  for (;;) {
    const product = draft.products.get(productId);
    ensure(product !== undefined, `product ${productId} was not locked`);
    if (product.stock - product.held >= units) {
      return true;
    }
    const hold = draft.takeOverdueHold(productId);
    if (hold === undefined) {
      return false;
    }
    expireHold(draft, hold);
  }
}
