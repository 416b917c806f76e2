import { isOpen } from '../../src/domain/hold.ts';
import type { Payment, PaymentEvent } from '../../src/domain/payment.ts';
import { isFact, paymentName } from '../../src/domain/payment.ts';
import type { Refund, RefundSend } from '../../src/domain/refund.ts';
import { goneOf } from '../history/fold-facts.ts';
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
    const { name, amountMinor, settlement, decision } = payment;
    const ofPayment = refunds.filter((refund) => refund.paymentName === name);
    const [refund] = ofPayment;
    const { backMinor, lostMinor } = goneOfPayment(world, payment);
    const isGone = backMinor + lostMinor >= amountMinor;
    const owedMinor = refund?.owedMinor ?? 0;
    // What has gone ends at the payment. With a lost dispute in it, a refund that owes a part shows no less than what went back.
    const shownMinor = refund?.amountMinor ?? 0;
    const leastMinor = Math.max(owedMinor, backMinor);
    const isCapped = isGone && lostMinor > 0 && refund?.reason === 'requested';
    if (ofPayment.length > 1 || (isCapped ? shownMinor < leastMinor : shownMinor !== leastMinor)) {
      wrong.push(`of payment ${name} ${backMinor} went back, its ${ofPayment.length} refunds differ`);
    }
    if (refund !== undefined && refund.currency !== payment.currency) {
      wrong.push(`payment ${name} is refunded in ${refund.currency}`);
    }
    // An operator may want any part of the payment of a paid order sent back.
    const isAsked = decision === 'fulfilled' && refund?.reason === 'requested';
    const asked = [...world.operatorDecisions.values()]
      .filter(
        ({ paymentName: of, choice, eventKey }) => of === name && choice === 'refund' && eventKey === null,
      )
      .reduce((minor, each) => minor + (each.amountMinor ?? 0), 0);
    if (isAsked ? owedMinor < asked : asked > 0 || (decision === 'owed') !== (owedMinor === amountMinor)) {
      wrong.push(`payment ${name} is ${decision}, its refund owes ${owedMinor}`);
    }
    if ((refund?.status === 'due') !== backMinor + lostMinor < owedMinor) {
      wrong.push(`a refund of ${owedMinor} is ${refund?.status}, ${backMinor} and ${lostMinor} are gone`);
    }
    const isRefunded = decision === 'owed' || decision === 'returned' || isGone;
    if ((settlement === 'refunded') !== isRefunded || (decision === 'returned' && !isGone)) {
      wrong.push(`payment ${name} is ${decision} and ${settlement}, ${backMinor} of it went back`);
    }
  }
  for (const refund of refunds) {
    if (!world.payments.has(refund.paymentName)) {
      wrong.push(`refund ${refund.id} is of no payment`);
    }
  }
  for (const order of world.orders.values()) {
    const ofOrder = payments.filter((row) => row.orderId === order.id);
    const fulfilled = ofOrder.filter((row) => row.settlement === 'fulfilled');
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

/** What went back of a payment, as far as its provider reported it and this service or an operator sent it, and what disputes took. */
function goneOfPayment(world: MemoryWorld, payment: Payment) {
  const { name, amountMinor } = payment;
  const refund = [...world.refunds.values()].find((row) => row.paymentName === name);
  const facts = factsOf(world, payment, refund);
  const sums = facts.filter(({ status }) => status === 'refunded');
  const sumAtMs = Math.max(Number.NEGATIVE_INFINITY, ...sums.map(timeOf));
  const failed = new Set(facts.map(({ status, factId }) => (status === 'refund_failed' ? factId : null)));
  const sends = refund?.sends ?? [];
  const sumOf = (rows: readonly RefundSend[]) =>
    sum(rows.map((row) => (row.reference !== null && failed.has(row.reference) ? 0 : row.amountMinor)));
  // A sum has all that was sent before its second. What was sent in its second it has if it is large enough for that.
  const before = sends.filter(({ reference, atMs }) => reference !== null && atMs < sumAtMs);
  const within = sends.filter(({ reference, atMs }) => reference !== null && atMs === sumAtMs);
  const latest = sums.filter((row) => timeOf(row) === sumAtMs);
  const largest = Math.max(0, ...latest.map((row) => row.amountMinor ?? amountMinor));
  const seen = largest >= sumOf(before) + sumOf(within) ? [...before, ...within] : before;
  const unseen = sends.filter((row) => !seen.includes(row));
  // A refund of ours that is not in the sum takes nothing from it when it fails.
  const { returnedMinor, lostMinor } = goneOf(
    facts.filter(
      ({ status, factId }) =>
        status !== 'refund_failed' ||
        !unseen.some(({ reference }) => reference !== null && reference === factId),
    ),
    amountMinor,
  );
  const backMinor = Math.min(amountMinor, Math.max(returnedMinor + sumOf(unseen), sumOf(sends)));
  return { backMinor, lostMinor };
}

/** Reports without a reference are about the payment that bought the order, or was meant to. */
function standsForOrder(decision: Payment['decision'], refund: Refund | undefined): boolean {
  return decision === 'fulfilled' || decision === 'returned' || refund?.reason === 'late_payment';
}

function hasMain(world: MemoryWorld, holdId: number | null): boolean {
  const refunds = [...world.refunds.values()];
  return [...world.payments.values()].some(
    ({ name, holdId: ofPayment, decision }) =>
      ofPayment === holdId &&
      standsForOrder(
        decision,
        refunds.find(({ paymentName: ofRefund }) => ofRefund === name),
      ),
  );
}

type Report = Parameters<typeof goneOf>[0][number];

/** The provider's reports that count for a payment, and the latest sum that it answered when it was asked. */
function factsOf(world: MemoryWorld, payment: Payment, refund: Refund | undefined): Report[] {
  const { name, holdId, currency, decision } = payment;
  const isMain = standsForOrder(decision, refund);
  const facts: Report[] = [...world.events.values()].filter(
    (event) =>
      isFact(event) &&
      (event.currency === null || event.currency === currency) &&
      (event.reference === null ? isMain && event.holdId === holdId : paymentName(event) === name),
  );
  const lookedUp = refund?.lookedUp ?? null;
  if (lookedUp !== null) {
    const { minor: amountMinor, atMs: receivedAtMs } = lookedUp;
    const unnamed = { key: 'looked up', orderId: null, holdId: null, reference: null } as const;
    facts.push({ ...unnamed, status: 'refunded', amountMinor, currency, receivedAtMs, result: 'processed' });
  }
  return facts;
}

function timeOf({ occurredAtMs, receivedAtMs }: Report): number {
  return occurredAtMs ?? receivedAtMs;
}

/** Whether the money that was to buy an order is no longer here: before it could buy, or after that, with the units left sold. */
function wasReturned(world: MemoryWorld, orderId: number): boolean {
  return [...world.payments.values()].some((payment) => {
    const { backMinor, lostMinor } = goneOfPayment(world, payment);
    const isMain = payment.decision === 'fulfilled' || payment.decision === 'returned';
    return payment.orderId === orderId && isMain && backMinor + lostMinor >= payment.amountMinor;
  });
}

/** Whether a payment was returned before it could buy its order, came back and found the units gone. */
function wasLate(world: MemoryWorld, event: PaymentEvent): boolean {
  const name = paymentName(event);
  return [...world.refunds.values()].some((row) => row.paymentName === name && row.reason === 'late_payment');
}

/** Every captured payment has ended as exactly what its event's row says. */
export function wrongEvents(world: MemoryWorld): string[] {
  return [...world.events.values()]
    .filter((event) => !isAsItSays(world, event))
    .map((event) => {
      const settlement = world.payments.get(paymentName(event))?.settlement ?? 'no payment';
      return `event ${event.key} (${event.status}) is ${event.result}, its payment ${settlement}`;
    });
}

function isAsItSays(world: MemoryWorld, event: PaymentEvent): boolean {
  const payment = world.payments.get(paymentName(event));
  const decision = [...world.operatorDecisions.values()].find(({ eventKey }) => eventKey === event.key);
  if (decision?.choice === 'nothing_due') {
    // The decision about an event of an unknown order leaves no payment. A later event may report that money for an order.
    return event.result === 'ignored' && (event.productId === null || payment?.decision !== 'flagged');
  }
  if (isFact(event)) {
    const isKnown = event.reference === null ? hasMain(world, event.holdId) : payment !== undefined;
    return event.result === 'parked' ? !isKnown : isKnown || event.result === 'unmatched';
  }
  const settlement = payment?.settlement;
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
        settlement === 'fulfilled' ||
        (settlement === 'refunded' && (wasReturned(world, event.orderId ?? 0) || wasLate(world, event)))
      );
    case 'amount_mismatch':
    case 'refund_due':
      return settlement === 'refunded';
    case 'ignored':
      return (
        settlement === 'fulfilled' ||
        settlement === 'refunded' ||
        payment?.decision === 'nothing_due' ||
        isDecidedByAnother(world, event)
      );
    case 'possible_second_payment':
      return settlement !== undefined;
    case 'unmatched':
      return event.productId === null;
  }
}

/**
 * Whether the same payment waits for an operator under another event. The event came while that payment had gone back, and the refund
 * failed later.
 */
function isDecidedByAnother(world: MemoryWorld, event: PaymentEvent): boolean {
  return [...world.events.values()].some(
    (other) => other.result === 'possible_second_payment' && paymentName(other) === paymentName(event),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
