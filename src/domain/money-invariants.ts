import { ensure } from './defect.ts';
import type { OrderStatus } from './order.ts';
import type { Payment, PaymentDecision, Settlement } from './payment.ts';
import type { Refund } from './refund.ts';
import type { Changes, RowChanges, State } from './state.ts';

/**
 * What is about to be written conserves money:
 *
 * - a payment's decision changes only as `PaymentDecision` says, and an owed payment has its refund;
 * - a payment has one refund at most, which is due exactly while less has gone than is owed, and owes what the decision says;
 * - settlement and order follow what has gone: refunds and lost disputes.
 *
 * @throws Defect
 */
export function checkMoney(state: State, changes: Changes): void {
  const payments = latest(changes.payments, state.payments, ({ name }) => name);
  const refunds = latest(changes.refunds, state.refunds, ({ paymentName }) => paymentName);
  for (const { id, paymentName } of changes.refunds.inserted) {
    const known = [...state.refunds.values(), ...changes.refunds.inserted].filter(
      (refund) => refund.paymentName === paymentName,
    );
    ensure(known.length === 1, `refund ${id}: payment ${paymentName} has another one`);
  }
  for (const payment of rowsOf(changes.payments)) {
    const before = state.payments.get(payment.name);
    ensure(
      before === undefined ||
        before.decision === payment.decision ||
        nextDecisions[before.decision].includes(payment.decision),
      `payment ${payment.name} was ${before?.decision} and is ${payment.decision}`,
    );
    ensure(
      before === undefined || before.decision === 'flagged' || isSameMoney(before, payment),
      `payment ${payment.name}: order, hold and money of a decided payment never change`,
    );
    const refund = refunds.get(payment.name);
    ensure(
      payment.decision !== 'owed' || refund?.owedMinor === payment.amountMinor,
      `payment ${payment.name} is owed, its refund owes ${refund?.owedMinor} of ${payment.amountMinor}`,
    );
  }
  for (const refund of rowsOf(changes.refunds)) {
    checkRefund(state, refund, payments.get(refund.paymentName));
  }
  const names = new Set([
    ...rowsOf(changes.payments).map(({ name }) => name),
    ...[...rowsOf(changes.refunds), ...rowsOf(changes.disputes)].map(({ paymentName }) => paymentName),
  ]);
  for (const name of names) {
    checkSettlement(state, changes, payments.get(name), refunds.get(name));
  }
  checkOrders(state, changes, payments, refunds);
}

function isSameMoney(before: Payment, { orderId, holdId, amountMinor, currency }: Payment): boolean {
  return (
    before.orderId === orderId &&
    before.holdId === holdId &&
    before.amountMinor === amountMinor &&
    before.currency === currency
  );
}

const nextDecisions: Readonly<Record<PaymentDecision, readonly PaymentDecision[]>> = {
  fulfilled: [],
  owed: [],
  returned: ['fulfilled', 'owed'],
  flagged: ['fulfilled', 'owed', 'returned', 'nothing_due'],
  nothing_due: [],
};

const settlements: Readonly<Record<PaymentDecision, readonly Settlement[]>> = {
  fulfilled: ['fulfilled', 'refunded'],
  owed: ['refunded'],
  returned: ['refunded'],
  flagged: ['flagged', 'refunded'],
  nothing_due: ['flagged', 'refunded'],
};

function checkRefund(state: State, refund: Refund, payment: Payment | undefined): void {
  const { id, owedMinor, amountMinor, returnedMinor, sentMinor, status, reason } = refund;
  ensure(payment !== undefined, `refund ${id} is of no payment`);
  ensure(
    refund.currency === payment.currency,
    `refund ${id} is in ${refund.currency}, not ${payment.currency}`,
  );
  const isReturn = reason === 'returned' || reason === 'returned_in_part';
  ensure(
    isReturn === (owedMinor === 0) && owedMinor >= 0 && owedMinor <= payment.amountMinor,
    `refund ${id} for ${reason} owes ${owedMinor} of ${payment.amountMinor}`,
  );
  ensure(
    isReturn || payment.decision === 'owed' || (payment.decision === 'fulfilled' && reason === 'requested'),
    `refund ${id} is for ${reason}, its payment is ${payment.decision}`,
  );
  ensure(
    amountMinor >= owedMinor && amountMinor <= payment.amountMinor,
    `refund ${id} is of ${amountMinor} of ${payment.amountMinor}`,
  );
  ensure(
    returnedMinor >= 0 && sentMinor >= 0 && returnedMinor + sentMinor <= payment.amountMinor,
    `refund ${id}: ${returnedMinor} returned and ${sentMinor} sent of ${payment.amountMinor}`,
  );
  ensure(
    (status === 'due') === returnedMinor + sentMinor < owedMinor,
    `refund ${id} is ${status}: ${returnedMinor} returned and ${sentMinor} sent of ${owedMinor} owed`,
  );
  const before = state.refunds.get(id);
  ensure(
    before === undefined ||
      (before.paymentName === refund.paymentName &&
        before.owedMinor <= owedMinor &&
        (before.owedMinor === 0 || before.reason === reason) &&
        isKept(before.sends, refund)),
    `refund ${id}: payment, sent money, the sum owed and its reason never get lost`,
  );
}

function isKept(sends: Refund['sends'], after: Refund): boolean {
  return sends.every((send, index) => after.sends[index]?.reference === send.reference);
}

/** What has gone of a payment decides whether it is still there for its order. */
function checkSettlement(
  state: State,
  changes: Changes,
  payment: Payment | undefined,
  refund: Refund | undefined,
): void {
  ensure(payment !== undefined, 'a refund or a dispute is of no payment');
  const { name, decision, settlement, amountMinor } = payment;
  ensure(settlements[decision].includes(settlement), `payment ${name} is ${decision} and ${settlement}`);
  const disputes = latest(changes.disputes, state.disputes, ({ paymentName, id }) => `${paymentName} ${id}`);
  const lost = [...disputes.values()]
    .filter((dispute) => dispute.paymentName === name && dispute.status === 'lost')
    .reduce((sum, dispute) => sum + dispute.amountMinor, 0);
  const gone = refund === undefined ? 0 : refund.returnedMinor + refund.sentMinor;
  // What has gone of an owed sum has the lost disputes in it.
  const isGone = gone + (refund === undefined || refund.owedMinor === 0 ? lost : 0) >= amountMinor;
  if (decision === 'fulfilled' || decision === 'flagged' || decision === 'nothing_due') {
    ensure(isGone === (settlement === 'refunded'), `payment ${name} is ${settlement}, gone: ${isGone}`);
  }
  ensure(decision !== 'returned' || isGone, `payment ${name} was returned and is here`);
}

/** How an order stands before any money has decided about it. */
const unpaidStatuses: readonly OrderStatus[] = ['pending', 'failed', 'cancelled', 'expired'];

/** An order is paid exactly while the payment that bought it is there. The refund of a late payment says how its order ended. */
function checkOrders(
  state: State,
  changes: Changes,
  payments: ReadonlyMap<string, Payment>,
  refunds: ReadonlyMap<string, Refund>,
): void {
  const bought = new Map<number, Settlement>();
  for (const { orderId, decision, settlement } of payments.values()) {
    if (orderId !== null && decision === 'fulfilled') {
      ensure(!bought.has(orderId), `order ${orderId} was bought twice`);
      bought.set(orderId, settlement);
    }
  }
  const orders = latest(changes.orders, state.orders, ({ id }) => id);
  for (const { id, status } of rowsOf(changes.orders)) {
    const before = state.orders.get(id)?.status;
    ensure(
      bought.has(id) || (status !== 'paid' && before !== 'paid'),
      `order ${id} was ${before} and is ${status}, a payment that bought it is missing`,
    );
  }
  const changed = new Set([
    ...rowsOf(changes.orders).map(({ id }) => id),
    ...[...rowsOf(changes.payments), ...rowsOf(changes.refunds)].flatMap(({ orderId }) => orderId ?? []),
  ]);
  for (const id of changed) {
    const status = orders.get(id)?.status;
    if (status === undefined || unpaidStatuses.includes(status)) {
      // On a cluster another host may commit the payment between the reads of order and payment: then this commit conflicts.
      continue;
    }
    const settlement = bought.get(id);
    ensure(
      settlement === undefined || status === (settlement === 'fulfilled' ? 'paid' : 'refunded'),
      `order ${id} is ${status}, the payment that bought it is ${settlement}`,
    );
    const late = [...refunds.values()].find((each) => each.orderId === id && each.reason === 'late_payment');
    ensure(
      late === undefined || status === (late.status === 'due' ? 'refund_due' : 'refunded'),
      `order ${id} is ${status}, the refund of its late payment is ${late?.status}`,
    );
  }
}

function rowsOf<Row>({ inserted, updated }: RowChanges<Row>): readonly Row[] {
  return [...inserted, ...updated];
}

function latest<Key, Row>(
  changes: RowChanges<Row>,
  loaded: ReadonlyMap<unknown, Row>,
  keyOf: (row: Row) => Key,
): ReadonlyMap<Key, Row> {
  return new Map(
    [...loaded.values(), ...changes.inserted, ...changes.updated].map((row) => [keyOf(row), row]),
  );
}
