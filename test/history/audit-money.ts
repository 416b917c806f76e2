import { isFact, paymentName } from '../../src/domain/payment.ts';
import { priceMinor } from '../stories/step.ts';
import { type Gone, goneOf } from './fold-facts.ts';
import type { Books, History } from './history.ts';

const never = Number.POSITIVE_INFINITY;

/** In the end each payment has bought its order or gone back, once, and every order has ended. */
export function wrongMoney(history: History): string[] {
  return [...wrongPayments(history), ...wrongOrders(history), ...wrongEvents(history)];
}

function wrongPayments({ books }: History): string[] {
  const wrong: string[] = [];
  const payments = paymentsIn(books);
  for (const payment of payments.values()) {
    const { name, events, bought, refunds, totalMinor } = payment;
    const isLookedAt = events.some(({ result }) => result === 'possible_second_payment');
    const owed = refunds.filter(isOwed);
    // What came back after it had been returned comes too late: it may find no units left.
    const mayBeBoth = payment.hasFacts && owed.every(({ reason }) => reason === 'late_payment');
    const ends = bought + owed.length;
    if ((ends !== 1 && !(ends === 0 && isLookedAt) && !(ends === 2 && mayBeBoth)) || refunds.length > 1) {
      wrong.push(`payment "${name}" bought ${bought} orders and went back ${refunds.length} times`);
    }
    for (const refund of owed) {
      if (refund.amountMinor !== totalMinor) {
        wrong.push(`of payment "${name}" another amount went back: ${refund.amountMinor}`);
      }
      if (refund.status !== 'succeeded') {
        wrong.push(`payment "${name}" was never sent back`);
      }
    }
    wrong.push(...wrongSums(payment));
  }
  for (const { paymentName: name } of books.refunds) {
    if (!payments.has(name)) {
      wrong.push(`payment "${name}" went back, and never came`);
    }
  }
  return wrong;
}

/** To the cent: what the refund of a payment says has gone is what its provider has reported, and what an operator has sent. */
function wrongSums({ name, refunds, totalMinor, gone }: PaymentInBooks): string[] {
  const [refund] = refunds;
  if (refund === undefined) {
    return gone.returnedMinor === 0 ? [] : [`of payment "${name}" ${gone.returnedMinor} went back, unseen`];
  }
  const { amountMinor, returnedMinor, sentMinor } = refund;
  const backMinor = Math.min(totalMinor, gone.returnedMinor + sentMinor);
  const goneMinor = isOwed(refund) ? Math.min(totalMinor, backMinor + gone.lostMinor) : backMinor;
  return [
    ...(returnedMinor + sentMinor === goneMinor
      ? []
      : [`of payment "${name}" ${goneMinor} went back, the books say ${returnedMinor} and ${sentMinor}`]),
    ...(isOwed(refund) || amountMinor === backMinor
      ? []
      : [`of payment "${name}" ${backMinor} went back, its refund says ${amountMinor}`]),
  ];
}

function isOwed({ reason }: Books['refunds'][number]): boolean {
  return reason !== 'returned' && reason !== 'returned_in_part';
}

type PaymentInBooks = {
  readonly name: string;
  /** That report the payment. */
  readonly events: readonly Books['events'][number][];
  readonly hasFacts: boolean;
  /** How many orders it bought, or would have bought had it not gone back before. */
  readonly bought: number;
  readonly refunds: readonly Books['refunds'][number][];
  readonly totalMinor: number;
  readonly gone: Gone;
};

function paymentsIn(books: Books): ReadonlyMap<string, PaymentInBooks> {
  const told = books.events.filter(({ status, result }) => status === 'paid' && result !== 'unmatched');
  const factsOf = Map.groupBy(books.events.filter(isFact), paymentName);
  const refundsOf = Map.groupBy(books.refunds, (refund) => refund.paymentName);
  const holds = new Map(books.holds.map((hold) => [hold.id, hold]));
  return new Map(
    [...Map.groupBy(told, paymentName)].map(([name, events]) => {
      const facts = factsOf.get(name) ?? [];
      const said = events.find(({ amountMinor }) => amountMinor !== null)?.amountMinor;
      const quantity = holds.get(events[0]?.holdId ?? 0)?.quantity ?? 1;
      const totalMinor = said ?? quantity * priceMinor;
      const payment: PaymentInBooks = {
        name,
        events,
        hasFacts: facts.length > 0,
        bought: new Set(events.flatMap((event) => (event.result === 'processed' ? [event.orderId] : [])))
          .size,
        refunds: (refundsOf.get(name) ?? []).filter(({ amountMinor }) => amountMinor > 0),
        totalMinor,
        gone: goneOf(facts, totalMinor),
      };
      return [name, payment];
    }),
  );
}

function wrongOrders({ books }: History): string[] {
  const payments = [...paymentsIn(books).values()];
  const boughtBy = Map.groupBy(
    payments.filter(({ bought }) => bought > 0),
    ({ events }) => events.find(({ result }) => result === 'processed')?.orderId ?? null,
  );
  const lateOf = Map.groupBy(
    books.refunds.filter(({ reason }) => reason === 'late_payment'),
    ({ orderId }) => orderId,
  );
  const holds = new Map(books.holds.map((hold) => [hold.id, hold]));
  return books.orders.flatMap(({ id, status, holdId, totalMinor }) => {
    const late = lateOf.get(id) ?? [];
    const isLate = ({ name }: PaymentInBooks) => late.some(({ paymentName: of }) => of === name);
    const bought = (boughtBy.get(id) ?? []).filter((payment) => !isLate(payment));
    const gone = bought.filter((payment) => goneInFull(payment));
    const hold = holds.get(holdId);
    const isRefunded = late.length + gone.length === 1;
    const holdFits =
      status === 'refunded' && gone.length > 0
        ? hold?.status === 'consumed' || hold?.status === 'released'
        : (hold?.status === 'consumed') === (status === 'paid');
    return [
      ...(status === 'pending' || status === 'refund_due' ? [`order ${id} has never come to its end`] : []),
      ...(bought.length - gone.length === (status === 'paid' ? 1 : 0)
        ? []
        : [`order ${id} is ${status} by ${bought.length - gone.length} payments`]),
      ...(isRefunded === (status === 'refunded')
        ? []
        : [`order ${id} is ${status}, ${late.length + gone.length} payments of it went back`]),
      ...(bought.some((payment) => payment.totalMinor !== totalMinor)
        ? [`order ${id} was paid with the wrong amount`]
        : []),
      ...(holdFits ? [] : [`order ${id} is ${status}, its hold ${hold?.status}`]),
    ];
  });
}

function goneInFull({ totalMinor, gone, refunds }: PaymentInBooks): boolean {
  const sent = refunds.reduce((sum, { sentMinor }) => sum + sentMinor, 0);
  return gone.returnedMinor + gone.lostMinor + sent >= totalMinor;
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
  const payments = paymentsIn(books);
  // A fact about a payment that never came has nothing to wait for.
  const waitsForNothing = (event: Books['events'][number]) =>
    isFact(event) && !payments.has(paymentName(event));
  return [
    ...books.events.flatMap((event) => [
      ...(event.result === 'parked' && !waitsForNothing(event) ? [`${event.key} waits for ever`] : []),
      ...(event.result === 'unmatched' && cameInTime(event)
        ? [`${event.key} was given up, its order came in time`]
        : []),
      ...(sent.has(event.key) ? [] : [`${event.key} was never sent`]),
    ]),
    ...(books.forgotten ?? []).flatMap((fact) =>
      (payments.get(paymentName(fact))?.events ?? []).some(
        ({ receivedAtMs }) => receivedAtMs < fact.receivedAtMs + rules.parkedSeconds * 1000 - clockErrorMs,
      )
        ? [`${fact.key} was deleted, its payment came in time`]
        : [],
    ),
    ...books.holds
      .filter(({ status }) => status === 'held' || status === 'ordered')
      .map(({ id, status }) => `hold ${id} is ${status} for ever`),
  ];
}
