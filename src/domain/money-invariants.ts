import { ensure } from './defect.ts';
import type { Payment } from './payment.ts';
import type { Refund } from './refund.ts';
import { isSettled } from './settlement.ts';
import type { Changes, State } from './state.ts';

/**
 * What is about to be written conserves money: a payment that goes back has its one refund, of all of it, written in the same batch; a
 * part that was returned stands beside a payment that stays fulfilled; what was settled stays so, except that what bought an order may
 * be returned in full.
 *
 * @throws Defect
 */
export function checkMoney(state: State, changes: Changes): void {
  const payments = new Map(
    [...changes.payments.inserted, ...changes.payments.updated].map((payment) => [payment.name, payment]),
  );
  const paymentOf = (name: string): Payment | undefined => payments.get(name) ?? state.payments.get(name);
  const goingBack = new Set<string>();
  const refunded = new Set<string>();
  for (const refund of changes.refunds.inserted) {
    checkRefund(refund, paymentOf(refund.paymentName));
    // An owed refund may succeed in the batch that makes it due: the provider's report of it arrives with the payment.
    ensure(
      refund.status === 'succeeded' || !isReturn(refund),
      `refund ${refund.id} for ${refund.reason} began as ${refund.status}`,
    );
    ensure(!refunded.has(refund.paymentName), `payment ${refund.paymentName} has two refunds`);
    refunded.add(refund.paymentName);
    if (refund.reason !== 'returned_in_part') {
      goingBack.add(refund.paymentName);
    }
  }
  for (const refund of changes.refunds.updated) {
    const before = state.refunds.get(refund.id);
    ensure(before !== undefined, `refund ${refund.id} was not loaded`);
    checkUpdate(before, refund);
    if (isReturn(refund)) {
      checkRefund(refund, paymentOf(refund.paymentName));
    }
    if (before.reason !== refund.reason) {
      goingBack.add(refund.paymentName);
    }
  }
  for (const payment of payments.values()) {
    ensure(
      (payment.settlement === 'refunded') === goingBack.has(payment.name),
      `payment ${payment.name} is ${payment.settlement}, with its refund missing or too many`,
    );
    const before = state.payments.get(payment.name);
    ensure(
      !isSettled(before) || (before?.settlement === 'fulfilled' && payment.settlement === 'refunded'),
      `payment ${payment.name} was settled before`,
    );
    goingBack.delete(payment.name);
  }
  ensure(goingBack.size === 0, `a refund of ${[...goingBack].join()} without its payment`);
  checkReturns(state, changes, payments);
}

function isReturn({ reason }: Refund): boolean {
  return reason === 'returned' || reason === 'returned_in_part';
}

function checkRefund(refund: Refund, payment: Payment | undefined): void {
  ensure(payment !== undefined, `refund ${refund.id} is of no payment`);
  const isPart = refund.reason === 'returned_in_part';
  ensure(
    refund.amountMinor > 0 &&
      refund.currency === payment.currency &&
      (isPart ? refund.amountMinor < payment.amountMinor : refund.amountMinor === payment.amountMinor),
    `refund ${refund.id} is of ${refund.amountMinor} of ${payment.amountMinor} ${payment.currency}`,
  );
  ensure(
    payment.settlement === (isPart ? 'fulfilled' : 'refunded'),
    `refund ${refund.id} is ${refund.reason}, its payment ${payment.settlement}`,
  );
}

/** Only a part that was returned grows, and it may become the whole. */
function checkUpdate(before: Refund, after: Refund): void {
  ensure(
    after.paymentName === before.paymentName && after.currency === before.currency,
    `refund ${after.id}: payment and currency never change`,
  );
  const wasPart = before.reason === 'returned_in_part';
  ensure(
    wasPart ? after.amountMinor > before.amountMinor : after.amountMinor === before.amountMinor,
    `refund ${after.id}: ${after.amountMinor} after ${before.amountMinor}`,
  );
  ensure(
    after.reason === before.reason || (wasPart && after.reason === 'returned'),
    `refund ${after.id}: ${after.reason} after ${before.reason}`,
  );
  ensure(!isReturn(after) || after.status === 'succeeded', `refund ${after.id} was returned and is due`);
}

/** An order leaves `paid` exactly with the payment that bought it. */
function checkReturns(state: State, changes: Changes, payments: ReadonlyMap<string, Payment>): void {
  const left = new Set<number>();
  for (const order of changes.orders.updated) {
    if (state.orders.get(order.id)?.status === 'paid') {
      ensure(order.status === 'refunded', `order ${order.id} left paid and is ${order.status}`);
      left.add(order.id);
    }
  }
  for (const payment of payments.values()) {
    const before = state.payments.get(payment.name);
    if (before?.settlement === 'fulfilled') {
      ensure(
        payment.orderId !== null && left.delete(payment.orderId),
        `payment ${payment.name} went back, its order ${payment.orderId} stays`,
      );
    }
  }
  ensure(left.size === 0, `orders ${[...left].join()} left paid, their payments stay`);
}
