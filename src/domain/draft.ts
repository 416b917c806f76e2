import { Availabilities } from './availabilities.ts';
import { ensure } from './defect.ts';
import { type Dispute, disputeKey } from './dispute.ts';
import type { DomainEvent } from './events.ts';
import type { Hold } from './hold.ts';
import { isOpen, isOverdue } from './hold.ts';
import type { NextRelease } from './next-release.ts';
import type { OperatorDecision } from './operator-decision.ts';
import type { Order } from './order.ts';
import { contentOf } from './outgoing.ts';
import type { OutgoingContent } from './outgoing-event.ts';
import { Overlay } from './overlay.ts';
import { isFact, type Payment, type PaymentEvent, referenceIn, referenceName } from './payment.ts';
import type { PaymentIntent } from './payment-intent.ts';
import type { Product, StockChange } from './product.ts';
import type { Refund } from './refund.ts';
import type { RefusedPayment } from './refused-payment.ts';
import type { RequestKey } from './request-key.ts';
import type { Changes, Rules, State } from './state.ts';

function addTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [value]);
  } else {
    list.push(value);
  }
}

function addFactKey(keys: Map<string, Set<string>>, event: PaymentEvent): void {
  if (!isFact(event)) {
    return;
  }
  const name = event.reference === null ? `hold:${event.holdId}` : referenceName(event.reference);
  const ofName = keys.get(name) ?? new Set();
  keys.set(name, ofName.add(event.key));
}

/**
 * A batch in the making. The rules read and write it; the loaded state itself is never changed, so that
 * deciding again from the same state gives the same result.
 */
export class Draft {
  readonly nowMs: number;
  readonly rules: Rules;
  readonly newId: () => number;
  readonly products: Overlay<number, Product>;
  readonly holds: Overlay<number, Hold>;
  readonly orders: Overlay<number, Order>;
  readonly events: Overlay<string, PaymentEvent>;
  readonly payments: Overlay<string, Payment>;
  readonly refunds: Overlay<number, Refund>;
  /** By `disputeKey`. */
  readonly disputes: Overlay<string, Dispute>;
  /** By order. */
  readonly paymentIntents: Overlay<number, PaymentIntent>;
  readonly requestKeys: Overlay<string, RequestKey>;
  readonly stockChanges: Overlay<number, StockChange>;
  readonly operatorDecisions: Overlay<number, OperatorDecision>;
  /** New rows only: an order has one at most, and its status tells whether it does. */
  readonly refusedPayments: RefusedPayment[] = [];
  readonly happened: DomainEvent[] = [];
  /** What others are told of it, while there are any. */
  readonly told: OutgoingContent[] = [];
  /**
   * Products with a deferred command: those that want units behind it wait too, so that nobody overtakes it.
   */
  readonly deferredProducts = new Set<number>();
  parkedUnknown: number;
  parkedUnknownFacts: number;
  #nextProductId: number;
  readonly #state: State;
  readonly #availabilities: Availabilities;
  readonly #orderIdByHold = new Map<number, number>();
  readonly #parkedKeysByHold = new Map<number, string[]>();
  readonly #overdueTaken = new Map<number, number>();
  /** Made when first asked for: batches without payments never need it. */
  #paymentNames: Map<number, string[]> | undefined;
  /** Keys of fact events, by the reference of their payment or by their hold. Made when first asked for. */
  #factKeys: Map<string, Set<string>> | undefined;

  constructor(state: State, rules: Rules, newId: () => number) {
    this.nowMs = state.nowMs;
    this.rules = rules;
    this.newId = newId;
    this.products = new Overlay(state.products);
    this.holds = new Overlay(state.holds);
    this.orders = new Overlay(state.orders);
    this.events = new Overlay(state.events);
    this.payments = new Overlay(state.payments);
    this.refunds = new Overlay(state.refunds);
    this.disputes = new Overlay(state.disputes);
    this.paymentIntents = new Overlay(state.paymentIntents);
    this.requestKeys = new Overlay(state.requestKeys);
    this.stockChanges = new Overlay(state.stockChanges);
    this.operatorDecisions = new Overlay(state.operatorDecisions);
    this.parkedUnknown = state.parkedUnknown;
    this.parkedUnknownFacts = state.parkedUnknownFacts;
    this.#nextProductId = state.nextProductId;
    this.#state = state;
    this.#availabilities = new Availabilities(state);
  }

  /** Notes what happened, for the log and, with the rows as they are at this moment, for others. */
  tell(event: DomainEvent): void {
    this.happened.push(event);
    if (this.rules.eventEndpoints.length > 0) {
      const content = contentOf(event, (orderId) => this.refundsOfOrder(orderId));
      if (content !== null) {
        this.told.push(content);
      }
    }
  }

  /** Units that nobody has a claim on, overdue ones included: what the API calls available. */
  availableStock(product: Product): number {
    return product.stock - product.held + this.#availabilities.overdueUnits(product.id);
  }

  overdueUnits(productId: number): number {
    return this.#availabilities.overdueUnits(productId);
  }

  /** The earliest deadline of an active hold at this moment of the batch, as far as the batch knows it. */
  nextReleaseAtMs(productId: number): NextRelease {
    return this.#availabilities.nextReleaseAtMs(productId);
  }

  /** Products whose next release was asked for and known in part. */
  releasesToRead(): readonly number[] {
    return [...this.#availabilities.releasesToRead];
  }

  orderOfHold(holdId: number): Order | undefined {
    const orderId = this.#orderIdByHold.get(holdId) ?? this.#state.orderIdByHold.get(holdId);
    return orderId === undefined ? undefined : this.orders.get(orderId);
  }

  /**
   * Product ids are small and counted up; should another node take the same one, its unique key makes the
   * batch be decided again.
   */
  takeProductId(): number {
    ensure(this.#nextProductId > 0, 'the next product id was not loaded');
    const id = this.#nextProductId;
    this.#nextProductId += 1;
    return id;
  }

  /** Whether no product was ever made. */
  hasNoProducts(): boolean {
    return this.#nextProductId === 1;
  }

  insertHold(hold: Hold): void {
    this.holds.insert(hold.id, hold);
    this.#addHeld(hold.productId, hold.quantity);
    this.#availabilities.deadlineAdded(hold);
  }

  /** Replaces a hold and keeps the product's counters in step with it. */
  updateHold(before: Hold, after: Hold): void {
    this.holds.update(after.id, after);
    if (isOpen(before)) {
      if (isOverdue(before, this.nowMs)) {
        this.#availabilities.overdueRemoved(before);
      } else {
        this.#availabilities.deadlineRemoved(before);
      }
    }
    if (isOpen(before) !== isOpen(after)) {
      this.#addHeld(after.productId, isOpen(after) ? after.quantity : -after.quantity);
    }
    if (isOpen(after)) {
      this.#availabilities.deadlineAdded(after);
    }
  }

  insertOrder(order: Order): void {
    ensure(this.orderOfHold(order.holdId) === undefined, `hold ${order.holdId} has an order already`);
    this.orders.insert(order.id, order);
    this.#orderIdByHold.set(order.holdId, order.id);
  }

  /** Events that wait under the hold, in order of arrival. */
  parkedEvents(holdId: number): PaymentEvent[] {
    const keys = [
      ...(this.#state.parkedKeysByHold.get(holdId) ?? []),
      ...(this.#parkedKeysByHold.get(holdId) ?? []),
    ];
    return keys
      .map((key) => this.events.get(key))
      .filter((event): event is PaymentEvent => event?.result === 'parked')
      .sort((a, b) => a.receivedAtMs - b.receivedAtMs);
  }

  /** Lets an event wait under a hold, behind those that arrived before it. */
  parkUnder(holdId: number, key: string): void {
    addTo(this.#parkedKeysByHold, holdId, key);
  }

  paymentsOfHold(holdId: number): Payment[] {
    return (this.#paymentNamesByHold().get(holdId) ?? [])
      .map((name) => this.payments.get(name))
      .filter((payment): payment is Payment => payment?.holdId === holdId);
  }

  /**
   * Writes a payment over the one of the same name, if there is one: a flagged payment may turn out to be
   * another order's.
   */
  putPayment(payment: Payment): void {
    const before = this.payments.get(payment.name);
    if (before === undefined) {
      this.payments.insert(payment.name, payment);
    } else {
      this.payments.update(payment.name, payment);
    }
    if (before?.holdId !== payment.holdId) {
      addTo(this.#paymentNamesByHold(), payment.holdId, payment.name);
    }
  }

  refundsOfOrder(orderId: number): Refund[] {
    return [...this.refunds.values()]
      .filter((refund) => refund.orderId === orderId)
      .sort((a, b) => a.createdAtMs - b.createdAtMs || a.id - b.id);
  }

  /** The one refund of a payment. */
  refundOf(paymentName: string): Refund | undefined {
    return [...this.refunds.values()].find((refund) => refund.paymentName === paymentName);
  }

  /**
   * The fact events about a payment: those that name its reference, and for the payment that stands for the order also those that name
   * the order or hold alone.
   */
  factsOf({ name, holdId }: Pick<Payment, 'name' | 'holdId'>, isMain: boolean): PaymentEvent[] {
    const ofReference = referenceIn(name) === null ? undefined : this.#facts().get(name);
    const ofHold = isMain ? this.#facts().get(`hold:${holdId}`) : undefined;
    return [...(ofReference ?? []), ...(ofHold ?? [])]
      .map((key) => this.events.get(key))
      .filter((event) => event !== undefined);
  }

  /** Lets a fact event count from here on. Its row is the caller's. */
  addFact(event: PaymentEvent): void {
    addFactKey(this.#facts(), event);
  }

  disputesOf(paymentName: string): Dispute[] {
    return [...this.disputes.values()].filter((dispute) => dispute.paymentName === paymentName);
  }

  disputesOfOrder(orderId: number): Dispute[] {
    return [...this.disputes.values()].filter((dispute) => dispute.orderId === orderId);
  }

  putDispute(dispute: Dispute): void {
    const key = disputeKey(dispute);
    if (this.disputes.has(key)) {
      this.disputes.update(key, dispute);
    } else {
      this.disputes.insert(key, dispute);
    }
  }

  /** Closes the intent of an order, if it has one, and one of this reference where that is given. */
  closeIntent(orderId: number, reference?: string): void {
    const intent = this.paymentIntents.get(orderId);
    if (intent?.status === 'open' && (reference === undefined || intent.reference === reference)) {
      this.paymentIntents.update(orderId, { ...intent, status: 'closed' });
    }
  }

  /** The oldest loaded overdue hold of the product that is still to be released. */
  takeOverdueHold(productId: number): Hold | undefined {
    const ids = this.#state.overdueHoldIds.get(productId) ?? [];
    for (let next = this.#overdueTaken.get(productId) ?? 0; next < ids.length; next += 1) {
      this.#overdueTaken.set(productId, next + 1);
      const hold = this.holds.get(ids[next] ?? 0);
      if (hold !== undefined && isOverdue(hold, this.nowMs)) {
        return hold;
      }
    }
    return undefined;
  }

  /**
   * What is to be written. Every product under which something is written gets its next version, also when
   * its own counters stay: only a written row conflicts with another node's commit on a multi-primary
   * cluster.
   */
  changes(): Omit<Changes, 'outgoingEvents' | 'deliveries'> {
    const holds = this.holds.changes();
    const orders = this.orders.changes();
    const events = this.events.changes();
    const payments = this.payments.changes();
    const refunds = this.refunds.changes();
    const disputes = this.disputes.changes();
    const paymentIntents = this.paymentIntents.changes();
    const stockChanges = this.stockChanges.changes().inserted;
    const operatorDecisions = this.operatorDecisions.changes().inserted;
    for (const rows of [holds, orders, events, payments, refunds, disputes, paymentIntents]) {
      for (const row of [...rows.inserted, ...rows.updated]) {
        this.#touch(row.productId);
      }
    }
    for (const row of [...stockChanges, ...operatorDecisions]) {
      this.#touch(row.productId);
    }
    const products = this.products.changes();
    return {
      products: {
        inserted: products.inserted,
        updated: products.updated.map((product) => ({ ...product, version: product.version + 1 })),
      },
      holds,
      orders,
      events,
      payments,
      refunds,
      disputes,
      paymentIntents,
      requestKeys: this.requestKeys.changes().inserted,
      stockChanges,
      operatorDecisions,
      refusedPayments: this.refusedPayments,
    };
  }

  #paymentNamesByHold(): Map<number, string[]> {
    if (this.#paymentNames === undefined) {
      this.#paymentNames = new Map();
      for (const payment of this.payments.values()) {
        addTo(this.#paymentNames, payment.holdId, payment.name);
      }
    }
    return this.#paymentNames;
  }

  #facts(): Map<string, Set<string>> {
    if (this.#factKeys === undefined) {
      this.#factKeys = new Map();
      for (const event of this.events.values()) {
        addFactKey(this.#factKeys, event);
      }
    }
    return this.#factKeys;
  }

  #touch(productId: number | null): void {
    const product = productId === null ? undefined : this.products.get(productId);
    if (product !== undefined) {
      this.products.update(product.id, product);
    }
  }

  #addHeld(productId: number, units: number): void {
    const product = this.products.get(productId);
    ensure(product !== undefined, `product ${productId} was not locked`);
    this.products.update(productId, { ...product, held: product.held + units });
  }
}
