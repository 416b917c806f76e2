import { disputeKey } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { isOpen, isOverdue } from '../../src/domain/hold.ts';
import type { Needs, OverdueNeed } from '../../src/domain/needs.ts';
import type { Order } from '../../src/domain/order.ts';
import { isFact, paymentName, referenceName } from '../../src/domain/payment.ts';
import type { Availability } from '../../src/domain/state.ts';
import type { MutableState } from '../support/empty-state.ts';
import { byId, merged, pick } from '../support/row-maps.ts';
import type { SimulatedDatabase } from './simulated-database.ts';

/** What the statements of a batch read, each from what is committed at its instant. */

export function readProducts(state: MutableState, db: SimulatedDatabase, ids: readonly number[]): void {
  state.products = merged(state.products, [...pick(db.products, ids).values()], byId);
}

/** In one statement with the clock, so that what is overdue is exact for its reading. */
export function readAvailability(state: MutableState, db: SimulatedDatabase, host: number): void {
  state.nowMs = db.nowMs(host);
  state.availability = new Map(
    [...state.products.keys()].map((id) => [id, availabilityOf([...db.holds.values()], id, state.nowMs)]),
  );
}

export function availabilityOf(holds: readonly Hold[], productId: number, nowMs: number): Availability {
  let overdueUnits = 0;
  let nextReleaseAtMs: number | null = null;
  for (const hold of holds) {
    if (hold.productId === productId && isOverdue(hold, nowMs)) {
      overdueUnits += hold.quantity;
    } else if (hold.productId === productId && isOpen(hold)) {
      nextReleaseAtMs = Math.min(nextReleaseAtMs ?? Number.POSITIVE_INFINITY, hold.expiresAtMs);
    }
  }
  return { overdueUnits, nextReleaseAtMs };
}

export function readKeys(state: MutableState, db: SimulatedDatabase, needs: Needs): void {
  state.requestKeys = pick(db.requestKeys, needs.requestKeys);
  state.events = pick(db.events, needs.eventKeys);
  const parkedUnknown = [...db.events.values()].filter(
    ({ result, productId }) => result === 'parked' && productId === null,
  );
  state.parkedUnknown = needs.withParkedUnknown ? parkedUnknown.filter((event) => !isFact(event)).length : 0;
  state.parkedUnknownFacts = needs.withParkedUnknownFacts ? parkedUnknown.filter(isFact).length : 0;
}

/** Holds with all that hangs on them, as they are asked for by their ids. */
export function readHolds(
  state: MutableState,
  db: SimulatedDatabase,
  ids: readonly number[],
  withPayments: boolean,
): void {
  const holds = [...pick(db.holds, ids).values()].filter(({ id }) => !state.holds.has(id));
  state.holds = merged(state.holds, holds, byId);
  readOrders(state, db, new Set(holds.filter(({ status }) => status !== 'held').map(byId)));
  const waiting = new Set(
    holds.filter(({ status, parked }) => status === 'held' && parked !== null).map(byId),
  );
  const parked = [...db.events.values()].filter((event) => {
    const { result, productId, holdId } = event;
    const isWaiting = result === 'parked' && productId !== null && holdId !== null && waiting.has(holdId);
    return isWaiting && !isFact(event);
  });
  state.events = merged(state.events, parked, ({ key }) => key);
  const keys = Map.groupBy(parked, ({ holdId }) => holdId ?? 0);
  state.parkedKeysByHold = new Map([
    ...state.parkedKeysByHold,
    ...[...keys].map(([id, events]) => [id, events.map(({ key }) => key)] as const),
  ]);
  const holdIds = withPayments ? new Set(holds.map(byId)) : waiting;
  readPayments(state, db, [
    ...parked.map(paymentName),
    ...[...db.payments.values()].filter(({ holdId }) => holdIds.has(holdId)).map(({ name }) => name),
  ]);
  readFacts(state, db, parked.map(paymentName));
}

/** Facts about the named payments and about all that are loaded, with their refunds and disputes. */
export function readFacts(state: MutableState, db: SimulatedDatabase, named: readonly string[]): void {
  const names = new Set([...named, ...state.payments.keys()]);
  const facts = [...db.events.values()].filter(
    (event) =>
      isFact(event) &&
      (event.reference === null
        ? event.holdId !== null && state.holds.has(event.holdId)
        : names.has(referenceName(event.reference))),
  );
  const ofLoaded = (row: { readonly paymentName: string }) => state.payments.has(row.paymentName);
  state.events = merged(state.events, facts, ({ key }) => key);
  state.refunds = merged(state.refunds, [...db.refunds.values()].filter(ofLoaded), byId);
  state.disputes = merged(state.disputes, [...db.disputes.values()].filter(ofLoaded), disputeKey);
}

function readOrders(state: MutableState, db: SimulatedDatabase, holdIds: ReadonlySet<number>): void {
  const orders: Order[] = [...db.orders.values()].filter(({ holdId }) => holdIds.has(holdId));
  const orderIds = new Set<number | null>(orders.map(byId));
  state.orders = merged(state.orders, orders, byId);
  state.orderIdByHold = new Map([
    ...state.orderIdByHold,
    ...orders.map(({ holdId, id }) => [holdId, id] as const),
  ]);
  const refunds = [...db.refunds.values()].filter(({ orderId }) => orderIds.has(orderId));
  state.refunds = merged(state.refunds, refunds, byId);
}

export function readPayments(state: MutableState, db: SimulatedDatabase, names: readonly string[]): void {
  state.payments = merged(state.payments, [...pick(db.payments, names).values()], ({ name }) => name);
}

/** Holds of each product that are overdue, oldest first, at most `rowsMax` or what is asked for. */
export function readOverdue(
  state: MutableState,
  db: SimulatedDatabase,
  needs: readonly OverdueNeed[],
  rowsMax: number,
): void {
  const overdueHoldIds = new Map<number, readonly number[]>();
  for (const { productId, rows } of needs) {
    const ids = [...db.holds.values()]
      .filter((hold) => hold.productId === productId && isOverdue(hold, state.nowMs))
      .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
      .slice(0, Math.min(rows, rowsMax))
      .map(byId);
    overdueHoldIds.set(productId, ids);
    readHolds(state, db, ids, false);
  }
  state.overdueHoldIds = overdueHoldIds;
}
