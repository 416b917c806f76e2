import type { Hold } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Payment } from '../../src/domain/payment.ts';
import type { Product } from '../../src/domain/product.ts';
import { requestKeyName } from '../../src/domain/request-key.ts';
import type { Changes } from '../../src/domain/state.ts';

/** What the real schema promises by its constraints: of a simulated database they are these functions. */

/** What may be there only once, of the rows that are new. */
export function uniqueNamesIn(changes: Changes): string[] {
  return [
    ...changes.products.inserted.map(({ id }) => `product ${id}`),
    ...changes.stockChanges.map(({ id }) => `stock change ${id}`),
    ...changes.holds.inserted.map(({ id }) => `hold ${id}`),
    ...changes.orders.inserted.flatMap(({ id, holdId }) => [`order ${id}`, `order of hold ${holdId}`]),
    ...changes.payments.inserted.map(({ name }) => `payment ${name}`),
    ...changes.refunds.inserted.flatMap(({ id, paymentName }) => [
      `refund ${id}`,
      `refund of ${paymentName}`,
    ]),
    ...changes.disputes.inserted.map(({ paymentName, id }) => `dispute ${id} of ${paymentName}`),
    ...changes.events.inserted.map(({ key }) => `event ${key}`),
    ...changes.requestKeys.map(({ scope, key }) => `key ${requestKeyName(scope, key)}`),
  ];
}

/** The rows that are written, in the order in which statements come to them. All others stand under a product that is among them. */
export function writtenRowsIn(changes: Changes): string[] {
  return [
    ...changes.products.updated.map(({ id }) => `product ${id}`),
    ...uniqueNamesIn(changes),
    ...changes.payments.updated.map(({ name }) => `payment ${name}`),
    ...changes.events.updated.map(({ key }) => `event ${key}`),
  ];
}

type Parents = {
  readonly products: ReadonlyMap<number, Product>;
  readonly holds: ReadonlyMap<number, Hold>;
  readonly orders: ReadonlyMap<number, Order>;
  readonly payments: ReadonlyMap<string, Payment>;
};

/** The constraint that the changes break, null when they break none. */
export function wrongRows(rows: Parents, changes: Changes): string | null {
  for (const { id, stock, held, priceMinor } of [...changes.products.inserted, ...changes.products.updated]) {
    if (stock < 0 || held < 0 || held > stock || priceMinor <= 0) {
      return `product ${id} has a stock of ${stock}, ${held} held`;
    }
  }
  for (const hold of [...changes.holds.inserted, ...changes.holds.updated]) {
    if (hold.quantity <= 0 || (hold.releaseReason !== null) !== (hold.status === 'released')) {
      return `hold ${hold.id} is ${hold.status} with the release reason ${hold.releaseReason}`;
    }
    if (!rows.products.has(hold.productId)) {
      return `hold ${hold.id} is of no product`;
    }
  }
  const holds = new Set(changes.holds.inserted.map(({ id }) => id));
  for (const { id, holdId } of changes.orders.inserted) {
    if (!rows.holds.has(holdId) && !holds.has(holdId)) {
      return `order ${id} is of no hold`;
    }
  }
  const payments = new Set(changes.payments.inserted.map(({ name }) => name));
  for (const { id, paymentName } of changes.refunds.inserted) {
    if (!rows.payments.has(paymentName) && !payments.has(paymentName)) {
      return `refund ${id} is of no payment`;
    }
  }
  return null;
}
