import { paymentName } from '../../src/domain/payment.ts';
import type { Books, History } from './history.ts';

const never = Number.POSITIVE_INFINITY;

/** In the end each payment has bought its order or gone back, once, and every order has ended. */
export function wrongMoney(history: History): string[] {
  return [...wrongPayments(history), ...wrongOrders(history), ...wrongEvents(history)];
}

function wrongPayments({ books }: History): string[] {
  const told = books.events.filter(({ status, result }) => status === 'paid' && result !== 'unmatched');
  const wrong: string[] = [];
  const payments = Map.groupBy(told, paymentName);
  const refundsOf = Map.groupBy(books.refunds, (refund) => refund.paymentName);
  for (const [name, events] of payments) {
    const bought = events.filter(({ result }) => result === 'processed').length;
    const refunds = refundsOf.get(name) ?? [];
    const isLookedAt = events.some(({ result }) => result === 'possible_second_payment');
    if (bought + refunds.length !== 1 && !(bought + refunds.length === 0 && isLookedAt)) {
      wrong.push(`payment "${name}" bought ${bought} orders and went back ${refunds.length} times`);
    }
    for (const { amountMinor, status } of refunds) {
      if (events.some((event) => event.amountMinor !== null && event.amountMinor !== amountMinor)) {
        wrong.push(`of payment "${name}" another amount went back: ${amountMinor}`);
      }
      if (status !== 'succeeded') {
        wrong.push(`payment "${name}" was never sent back`);
      }
    }
  }
  for (const { paymentName: name } of books.refunds) {
    if (!payments.has(name)) {
      wrong.push(`payment "${name}" went back, and never came`);
    }
  }
  return wrong;
}

function wrongOrders({ books }: History): string[] {
  const boughtBy = Map.groupBy(
    books.events.filter((event) => event.status === 'paid' && event.result === 'processed'),
    ({ orderId }) => orderId,
  );
  const lateOf = Map.groupBy(
    books.refunds.filter(({ reason }) => reason === 'late_payment'),
    ({ orderId }) => orderId,
  );
  const holds = new Map(books.holds.map((hold) => [hold.id, hold]));
  return books.orders.flatMap(({ id, status, holdId, totalMinor }) => {
    const bought = boughtBy.get(id) ?? [];
    const late = lateOf.get(id) ?? [];
    const hold = holds.get(holdId);
    return [
      ...(status === 'pending' || status === 'refund_due' ? [`order ${id} has never come to its end`] : []),
      ...(bought.length === (status === 'paid' ? 1 : 0)
        ? []
        : [`order ${id} is ${status} by ${bought.length} payments`]),
      ...(late.length === (status === 'refunded' ? 1 : 0)
        ? []
        : [`order ${id} is ${status}, ${late.length} late payments went back`]),
      ...(bought.some(({ amountMinor }) => amountMinor !== null && amountMinor !== totalMinor)
        ? [`order ${id} was paid with the wrong amount`]
        : []),
      ...((hold?.status === 'consumed') === (status === 'paid')
        ? []
        : [`order ${id} is ${status}, its hold ${hold?.status}`]),
    ];
  });
}

function wrongEvents({ books, exchanges, rules, clockErrorMs }: History): string[] {
  const sent = new Set(
    exchanges.flatMap(({ command }) => (command.kind === 'apply_payment_event' ? [command.event.key] : [])),
  );
  const known = new Map([...books.orders, ...books.holds].map(({ id, createdAtMs }) => [id, createdAtMs]));
  // What came later than an event waits is left to an operator.
  const cameInTime = ({ orderId, holdId, receivedAtMs }: Books['events'][number]) =>
    [orderId, holdId].some(
      (id) => (known.get(id ?? 0) ?? never) < receivedAtMs + rules.parkedSeconds * 1000 - clockErrorMs,
    );
  return [
    ...books.events.flatMap((event) => [
      ...(event.result === 'parked' ? [`${event.key} waits for ever`] : []),
      ...(event.result === 'unmatched' && cameInTime(event)
        ? [`${event.key} was given up, its order came in time`]
        : []),
      ...(sent.has(event.key) ? [] : [`${event.key} was never sent`]),
    ]),
    ...books.holds
      .filter(({ status }) => status === 'held' || status === 'ordered')
      .map(({ id, status }) => `hold ${id} is ${status} for ever`),
  ];
}
