import type { CreateHold, ExpireHolds, ReleaseHold } from './commands.ts';
import { ensure } from './defect.ts';
import type { Draft } from './draft.ts';
import { claimUnits, expireHold, releaseHold } from './expiry.ts';
import type { Hold } from './hold.ts';
import { isOverdue } from './hold.ts';
import { totalOf } from './money.ts';
import type { NextRelease } from './next-release.ts';
import type { Deferred, OutcomeOf } from './outcomes.ts';
import { isSaleOpen } from './product.ts';
import { requestKeyName } from './request-key.ts';
import { deadlineAfter } from './time.ts';

/** Holds all of the units that were asked for, or none. */
export function decideCreateHold(
  draft: Draft,
  command: CreateHold,
): OutcomeOf<CreateHold, NextRelease> | Deferred {
  const { productId, quantity, idempotencyKey } = command;
  const fingerprint = `${productId}:${quantity}`;
  if (idempotencyKey !== null) {
    const known = draft.requestKeys.get(requestKeyName('holds', idempotencyKey));
    if (known?.scope === 'holds') {
      return known.fingerprint === fingerprint
        ? // It is this very command's own hold if the outcome of its commit was unknown.
          { kind: 'hold_created', hold: known.answer, replayed: known.answer.id !== command.holdId }
        : { kind: 'refused', code: 'idempotency_key_reused' };
    }
  }
  const lostInCommit = draft.holds.get(command.holdId);
  if (lostInCommit !== undefined) {
    return { kind: 'hold_created', hold: lostInCommit, replayed: false };
  }

  const product = draft.products.get(productId);
  if (product === undefined) {
    return { kind: 'refused', code: 'product_not_found' };
  }
  if (!isSaleOpen(product, draft.nowMs)) {
    return {
      kind: 'refused',
      code: 'sale_not_open',
      opensAtMs: product.opensAtMs,
      closesAtMs: product.closesAtMs,
    };
  }
  if (totalOf(product.priceMinor, quantity) === null) {
    return {
      kind: 'refused',
      code: 'invalid_request',
      field: 'qty',
      message: `expected fewer units: the total of ${quantity} at this price is too large to be exact`,
    };
  }
  const availableStock = draft.availableStock(product);
  if (availableStock < quantity) {
    return {
      kind: 'refused',
      code: 'insufficient_stock',
      availableStock,
      requested: quantity,
      nextReleaseAtMs: draft.nextReleaseAtMs(productId),
    };
  }
  if (claimUnits(draft, productId, quantity) === 'deferred') {
    return { kind: 'deferred' };
  }

  const hold: Hold = {
    id: command.holdId,
    productId,
    quantity,
    priceMinor: product.priceMinor,
    status: 'held',
    releaseReason: null,
    parked: null,
    expiresAtMs: deadlineAfter(draft.nowMs, draft.rules.holdSeconds),
    createdAtMs: draft.nowMs,
  };
  draft.insertHold(hold);
  if (idempotencyKey !== null) {
    draft.requestKeys.insert(requestKeyName('holds', idempotencyKey), {
      scope: 'holds',
      key: idempotencyKey,
      fingerprint,
      answer: hold,
      createdAtMs: draft.nowMs,
    });
  }
  draft.tell({ kind: 'hold_created', hold, availableStockRemaining: availableStock - quantity });
  return { kind: 'hold_created', hold, replayed: false };
}

/**
 * Lets a hold go before its deadline. A hold that has gone already, by itself or with its order, needs
 * nothing.
 */
export function decideReleaseHold(draft: Draft, { holdId }: ReleaseHold): OutcomeOf<ReleaseHold> {
  const hold = draft.holds.get(holdId);
  if (hold === undefined) {
    return { kind: 'refused', code: 'hold_not_found' };
  }
  if (isOverdue(hold, draft.nowMs)) {
    // Written down, because a clock may go back, and who was told that the hold has gone may rely on it.
    expireHold(draft, hold);
    return { kind: 'hold_let_go' };
  }
  switch (hold.status) {
    case 'held':
      releaseHold(draft, hold, 'released');
      return { kind: 'hold_let_go' };
    case 'released':
      return { kind: 'hold_let_go' };
    case 'ordered': {
      const order = draft.orderOfHold(holdId);
      ensure(order !== undefined, `hold ${holdId} is ordered without an order`);
      return { kind: 'refused', code: 'hold_already_ordered', orderId: order.id };
    }
    case 'consumed':
      return { kind: 'refused', code: 'hold_consumed' };
  }
}

/**
 * Housekeeping: the units of overdue holds are available without it; it brings rows, counters and the log up
 * to date.
 */
export function decideExpireHolds(draft: Draft, { productId, limit }: ExpireHolds): OutcomeOf<ExpireHolds> {
  let released = 0;
  while (released < limit) {
    const hold = draft.takeOverdueHold(productId);
    if (hold === undefined) {
      break;
    }
    expireHold(draft, hold);
    released += 1;
  }
  return { kind: 'holds_expired', released };
}
