import { ensure } from './defect.ts';
import type { Hold } from './hold.ts';
import { isOpen } from './hold.ts';
import { checkMoney } from './money-invariants.ts';
import type { Order } from './order.ts';
import type { Product } from './product.ts';
import type { Changes, RowChanges, State } from './state.ts';

/**
 * What was loaded keeps every rule that one row, or a row and its neighbours, can show. Called before a batch
 * is decided: deciding from a wrong count would spread it.
 *
 * @throws Defect
 */
export function checkState(state: State): void {
  for (const product of state.products.values()) {
    checkProduct(product);
    const overdueUnits = state.availability.get(product.id)?.overdueUnits ?? 0;
    ensure(
      isCount(overdueUnits) && overdueUnits <= product.held,
      `product ${product.id}: ${overdueUnits} overdue units of ${product.held} held`,
    );
  }
  for (const hold of state.holds.values()) {
    checkHold(hold);
    ensure(state.products.has(hold.productId), `hold ${hold.id}: product ${hold.productId} was not locked`);
  }
  for (const order of state.orders.values()) {
    checkOrder(order, state.holds.get(order.holdId));
  }
}

/**
 * What is about to be written conserves units and money: stock moves only by recorded changes and by consumed
 * holds, `held` only by holds that open or close, every consumed hold has its order, every settled payment is fulfilled
 * or has its refund.
 *
 * @throws Defect
 */
export function checkChanges(state: State, changes: Changes): void {
  const stockBy = new Map<number, number>();
  const heldBy = new Map<number, number>();
  for (const change of changes.stockChanges) {
    addTo(stockBy, change.productId, change.change);
  }
  for (const hold of changes.holds.inserted) {
    checkHold(hold);
    addTo(heldBy, hold.productId, isOpen(hold) ? hold.quantity : 0);
    addTo(stockBy, hold.productId, hold.status === 'consumed' ? -hold.quantity : 0);
  }
  for (const hold of changes.holds.updated) {
    const before = state.holds.get(hold.id);
    ensure(before !== undefined, `hold ${hold.id} was not loaded`);
    ensure(
      before.quantity === hold.quantity &&
        before.productId === hold.productId &&
        before.priceMinor === hold.priceMinor,
      `hold ${hold.id}: quantity, product and price never change`,
    );
    ensure(before.status !== 'consumed' || hold.status === 'consumed', `hold ${hold.id} left consumed`);
    addTo(
      heldBy,
      hold.productId,
      (isOpen(hold) ? hold.quantity : 0) - (isOpen(before) ? before.quantity : 0),
    );
    addTo(
      stockBy,
      hold.productId,
      hold.status === 'consumed' && before.status !== 'consumed' ? -hold.quantity : 0,
    );
  }
  for (const product of changes.products.inserted) {
    checkProduct(product);
    checkCounters(product, { stock: 0, held: 0 }, stockBy, heldBy);
  }
  for (const product of changes.products.updated) {
    checkProduct(product);
    const before = state.products.get(product.id);
    ensure(before !== undefined, `product ${product.id} was not locked`);
    ensure(
      product.version === before.version + 1,
      `product ${product.id}: version ${product.version} after ${before.version}`,
    );
    checkCounters(product, before, stockBy, heldBy);
  }
  for (const [productId, units] of [...stockBy, ...heldBy]) {
    ensure(units === 0, `product ${productId}: ${units} units changed without its row`);
  }
  const holds = latest(changes.holds, state.holds);
  for (const order of [...changes.orders.inserted, ...changes.orders.updated]) {
    checkOrder(order, holds(order.holdId));
  }
  checkChangedHolds(state, changes);
  checkMoney(state, changes);
  checkOutgoing(changes);
}

/** Whatever others are told of goes somewhere, and nothing else does. */
function checkOutgoing({ outgoingEvents, deliveries }: Changes): void {
  const goes = new Set(deliveries.map(({ eventId }) => eventId));
  ensure(
    goes.size === outgoingEvents.length && outgoingEvents.every(({ id }) => goes.has(id)),
    `${outgoingEvents.length} events for others, deliveries of ${goes.size}`,
  );
}

/** Every hold that changed agrees with its order, and one that is ordered or sold has one. */
function checkChangedHolds(state: State, changes: Changes): void {
  const changed = new Map(
    [...changes.orders.inserted, ...changes.orders.updated].map((order) => [order.holdId, order]),
  );
  for (const hold of [...changes.holds.inserted, ...changes.holds.updated]) {
    const orderId = state.orderIdByHold.get(hold.id);
    const order = changed.get(hold.id) ?? (orderId === undefined ? undefined : state.orders.get(orderId));
    if (order !== undefined) {
      checkOrder(order, hold);
    } else {
      ensure(
        hold.status === 'held' || hold.status === 'released',
        `hold ${hold.id} is ${hold.status} without an order`,
      );
    }
  }
}

function checkProduct(product: Product): void {
  ensure(
    isCount(product.stock) && isCount(product.held) && product.held <= product.stock,
    `product ${product.id}: ${product.held} held of a stock of ${product.stock}`,
  );
}

function checkHold(hold: Hold): void {
  ensure(isCount(hold.quantity) && hold.quantity > 0, `hold ${hold.id}: quantity ${hold.quantity}`);
  ensure(
    (hold.status === 'released') === (hold.releaseReason !== null),
    `hold ${hold.id} is ${hold.status} with the release reason ${hold.releaseReason}`,
  );
}

/** A pending order's units are reserved, a paid one's are sold, all others' are given back. */
function checkOrder(order: Order, hold: Hold | undefined): void {
  ensure(hold !== undefined, `order ${order.id}: hold ${order.holdId} was not loaded`);
  ensure(
    order.quantity === hold.quantity && order.productId === hold.productId,
    `order ${order.id} differs from its hold ${hold.id}`,
  );
  switch (order.status) {
    case 'pending':
      ensure(hold.status === 'ordered', `order ${order.id} is pending, its hold ${hold.status}`);
      ensure(hold.expiresAtMs === order.paymentDueAtMs, `order ${order.id} and its hold have two deadlines`);
      break;
    case 'paid':
      ensure(hold.status === 'consumed', `order ${order.id} is paid, its hold ${hold.status}`);
      break;
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'refund_due':
      ensure(hold.status === 'released', `order ${order.id} is ${order.status}, its hold ${hold.status}`);
      break;
    case 'refunded':
      ensure(!isOpen(hold), `order ${order.id} is refunded, its hold ${hold.status}`);
      break;
  }
}

function checkCounters(
  after: Product,
  before: Pick<Product, 'stock' | 'held'>,
  stockBy: Map<number, number>,
  heldBy: Map<number, number>,
): void {
  const stock = before.stock + (stockBy.get(after.id) ?? 0);
  const held = before.held + (heldBy.get(after.id) ?? 0);
  ensure(after.stock === stock, `product ${after.id}: stock ${after.stock}, its changes give ${stock}`);
  ensure(after.held === held, `product ${after.id}: held ${after.held}, its holds give ${held}`);
  stockBy.delete(after.id);
  heldBy.delete(after.id);
}

function latest<Row extends { readonly id: number }>(
  changes: RowChanges<Row>,
  loaded: ReadonlyMap<number, Row>,
) {
  const changed = new Map([...changes.inserted, ...changes.updated].map((row) => [row.id, row]));
  return (id: number): Row | undefined => changed.get(id) ?? loaded.get(id);
}

function addTo(sums: Map<number, number>, key: number, units: number): void {
  sums.set(key, (sums.get(key) ?? 0) + units);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
