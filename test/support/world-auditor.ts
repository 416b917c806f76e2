import { isOpen } from '../../src/domain/hold.ts';
import type { PaymentEvent } from '../../src/domain/payment.ts';
import { paymentName } from '../../src/domain/payment.ts';
import type { MemoryWorld } from './memory-world.ts';

/**
 * What is wrong with a world at `nowMs`: a sentence for each promise that its rows break. It counts from the
 * rows alone and shares no rule with the code that wrote them.
 */
export function audit(world: MemoryWorld, nowMs: number): string[] {
  return [...wrongUnits(world, nowMs), ...wrongOrders(world), ...wrongMoney(world), ...wrongEvents(world)];
}

function wrongUnits(world: MemoryWorld, nowMs: number): string[] {
  const wrong: string[] = [];
  for (const product of world.products.values()) {
    const changes = sum(
      [...world.stockChanges.values()].map((row) => (row.productId === product.id ? row.change : 0)),
    );
    const open = world.openUnits(product.id);
    const active = world.activeUnits(product.id, nowMs);
    const consumed = world.consumedUnits(product.id);
    if (product.stock + consumed !== changes) {
      wrong.push(`product ${product.id}: stock ${product.stock} and ${consumed} sold of ${changes}`);
    }
    if (product.held !== open) {
      wrong.push(`product ${product.id}: ${product.held} held, its holds have ${open}`);
    }
    if (product.stock < 0 || active > product.stock || open > product.stock) {
      wrong.push(
        `product ${product.id} is oversold: ${active} active, ${open} open of a stock of ${product.stock}`,
      );
    }
  }
  return wrong;
}

function wrongOrders(world: MemoryWorld): string[] {
  const wrong: string[] = [];
  for (const hold of world.holds.values()) {
    const orders = [...world.orders.values()].filter((order) => order.holdId === hold.id);
    const [order] = orders;
    const fits = {
      held: order === undefined,
      ordered: order?.status === 'pending',
      consumed: order?.status === 'paid' || (order !== undefined && wasReturned(world, order.id)),
      released: order?.status !== 'pending' && order?.status !== 'paid',
    };
    if (orders.length > 1 || !fits[hold.status]) {
      wrong.push(
        `hold ${hold.id} is ${hold.status}, its orders ${orders.map((row) => row.status).join(', ')}`,
      );
    }
    if (order !== undefined && order.totalMinor !== hold.priceMinor * hold.quantity) {
      wrong.push(`order ${order.id} costs ${order.totalMinor}, not what its hold says`);
    }
    if (hold.expiresAtMs % 1000 !== 0) {
      wrong.push(`hold ${hold.id} has a deadline within a second`);
    }
  }
  return wrong;
}

function wrongMoney(world: MemoryWorld): string[] {
  const wrong: string[] = [];
  const payments = [...world.payments.values()];
  const refunds = [...world.refunds.values()];
  for (const payment of payments) {
    const ofPayment = refunds.filter((refund) => refund.paymentName === payment.name);
    const parts = ofPayment.filter((refund) => refund.reason === 'returned_in_part');
    const own = ofPayment.filter((refund) => refund.reason !== 'returned_in_part');
    if (ofPayment.length > 1 || (parts.length > 0 && payment.settlement !== 'fulfilled')) {
      wrong.push(`payment ${payment.name} is ${payment.settlement}, with ${parts.length} parts returned`);
    }
    if (parts.some((part) => part.status !== 'succeeded' || part.amountMinor >= payment.amountMinor)) {
      wrong.push(`a part of payment ${payment.name} is not a part, or has not gone back`);
    }
    if (own.length !== (payment.settlement === 'refunded' ? 1 : 0)) {
      wrong.push(`payment ${payment.name} is ${payment.settlement} and has ${own.length} refunds`);
    }
    if (
      own.some((refund) => refund.amountMinor !== payment.amountMinor || refund.currency !== payment.currency)
    ) {
      wrong.push(`payment ${payment.name} is refunded by another amount`);
    }
  }
  for (const refund of refunds) {
    if (!world.payments.has(refund.paymentName)) {
      wrong.push(`refund ${refund.id} is of no payment`);
    }
  }
  for (const order of world.orders.values()) {
    const fulfilled = payments.filter((row) => row.orderId === order.id && row.settlement === 'fulfilled');
    if (fulfilled.length !== (order.status === 'paid' ? 1 : 0)) {
      wrong.push(`order ${order.id} is ${order.status} by ${fulfilled.length} payments`);
    }
    const late = refunds.filter((row) => row.orderId === order.id && row.reason === 'late_payment');
    const expected = { refund_due: 'due', refunded: 'succeeded' }[order.status as string] ?? '';
    const found = wasReturned(world, order.id) ? 'succeeded' : late.map((row) => row.status).join();
    if (found !== expected) {
      wrong.push(
        `order ${order.id} is ${order.status}, its late payments' refunds: ${late.map((row) => row.status)}`,
      );
    }
  }
  return wrong;
}

/** Whether the money that bought an order was sent back at the provider, by somebody who left the units sold. */
function wasReturned(world: MemoryWorld, orderId: number): boolean {
  const order = world.orders.get(orderId);
  const hold = world.holds.get(order?.holdId ?? 0);
  const back = [...world.refunds.values()].filter(
    (refund) => refund.orderId === orderId && refund.reason === 'returned' && refund.status === 'succeeded',
  );
  return order?.status === 'refunded' && hold?.status === 'consumed' && back.length > 0;
}

/** Every captured payment has ended as exactly what its event's row says. */
function wrongEvents(world: MemoryWorld): string[] {
  return [...world.events.values()]
    .filter((event) => !isAsItSays(world, event))
    .map((event) => {
      const settlement = world.payments.get(paymentName(event))?.settlement ?? 'no payment';
      return `event ${event.key} (${event.status}) is ${event.result}, its payment ${settlement}`;
    });
}

function isAsItSays(world: MemoryWorld, event: PaymentEvent): boolean {
  const settlement = world.payments.get(paymentName(event))?.settlement;
  const hold = event.holdId === null ? undefined : world.holds.get(event.holdId);
  if (event.result === 'parked') {
    return event.productId === null || (hold !== undefined && isOpen(hold) && hold.status === 'held');
  }
  if (event.status === 'declined') {
    return event.result === 'ignored';
  }
  if (event.status === 'failed') {
    return event.result === 'processed' || event.result === 'ignored' || event.result === 'unmatched';
  }
  switch (event.result) {
    case 'processed':
      return (
        settlement === 'fulfilled' || (settlement === 'refunded' && wasReturned(world, event.orderId ?? 0))
      );
    case 'amount_mismatch':
    case 'refund_due':
      return settlement === 'refunded';
    case 'ignored':
      return settlement === 'fulfilled' || settlement === 'refunded';
    case 'possible_second_payment':
      return settlement !== undefined;
    case 'unmatched':
      return event.productId === null;
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
