import { totalOf } from '../../domain/money.ts';
import { type OrderStatus, orderStatusAt } from '../../domain/order.ts';
import type { StoreReader } from '../../store/store-reader.ts';

/** What a simulated payment is for: an order, or a hold that has none yet. */
export type Purchase = {
  readonly holdId: number;
  readonly order: {
    readonly id: number;
    readonly status: OrderStatus;
    readonly paymentDueAtMs: number;
  } | null;
  readonly productName: string;
  readonly quantity: number;
  readonly amountMinor: number;
  readonly currency: string;
  /** The database's time, in ms since 1970. */
  readonly nowMs: number;
};

export type PurchaseReader = Pick<StoreReader, 'hold' | 'order' | 'product'>;

/** The purchase of a hold, or null when there is no such hold. */
export async function readPurchase(reader: PurchaseReader, holdId: number): Promise<Purchase | null> {
  const read = await reader.hold(holdId);
  if (read === null) {
    return null;
  }
  const { hold, orderId } = read.value;
  const [product, order] = await Promise.all([
    reader.product(hold.productId),
    orderId === null ? null : reader.order(orderId),
  ]);
  if (product === null) {
    return null;
  }
  const common = { holdId, productName: product.name, quantity: hold.quantity };
  if (order === null) {
    const amountMinor = totalOf(hold.priceMinor, hold.quantity) ?? 0;
    return { ...common, order: null, amountMinor, currency: product.currency, nowMs: read.nowMs };
  }
  const { id, paymentDueAtMs, totalMinor, currency } = order.value.order;
  const status = orderStatusAt(order.value.order, order.nowMs);
  return {
    ...common,
    order: { id, status, paymentDueAtMs },
    amountMinor: totalMinor,
    currency,
    nowMs: order.nowMs,
  };
}
