import type { Command } from '../../src/domain/commands.ts';
import type { Decision } from '../../src/domain/decide.ts';
import { decide } from '../../src/domain/decide.ts';
import { type Dispute, disputeKey } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { isOpen, isOverdue } from '../../src/domain/hold.ts';
import { checkChanges, checkState } from '../../src/domain/invariants.ts';
import type { Needs, OverdueNeed } from '../../src/domain/needs.ts';
import { needsOf, overdueNeedsOf } from '../../src/domain/needs.ts';
import { finishOutcome, finishRequestKey, finishSnapshot } from '../../src/domain/next-release.ts';
import type { OperatorDecision } from '../../src/domain/operator-decision.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome, OutcomeOf } from '../../src/domain/outcomes.ts';
import type { Delivery, OutgoingEvent } from '../../src/domain/outgoing-event.ts';
import type { Payment, PaymentEvent } from '../../src/domain/payment.ts';
import { isFact, paymentName, referenceName } from '../../src/domain/payment.ts';
import type { PaymentIntent } from '../../src/domain/payment-intent.ts';
import type { Product, ProductSnapshot, StockChange } from '../../src/domain/product.ts';
import type { Refund } from '../../src/domain/refund.ts';
import type { RefusedPayment } from '../../src/domain/refused-payment.ts';
import type { RequestKey } from '../../src/domain/request-key.ts';
import { requestKeyName } from '../../src/domain/request-key.ts';
import type { Availability, Changes, Rules, State } from '../../src/domain/state.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { emptyState, type MutableState } from './empty-state.ts';
import { addAll, byId, ensureUnique, merged, pick, write } from './row-maps.ts';

/** What the world holds before its first batch. `held` of the products is counted from the holds. */
export type Rows = {
  readonly products?: readonly Omit<Product, 'held'>[];
  readonly holds?: readonly Hold[];
  readonly orders?: readonly Order[];
  readonly events?: readonly PaymentEvent[];
  readonly payments?: readonly Payment[];
  readonly refunds?: readonly Refund[];
  readonly disputes?: readonly Dispute[];
  readonly paymentIntents?: readonly PaymentIntent[];
};

export type WorldOptions = {
  readonly rules: Rules;
  /**
   * At most so many overdue holds are loaded for a product in one batch, fewer than a database would:
   * deferrals get common.
   */
  readonly overdueRowsMax?: number;
  /** Rules with a defect in place of the real ones. */
  readonly decide?: Decide;
  /** Leaves out the service's own checks of what is loaded and written, so that a test's have to see for themselves. */
  readonly unchecked?: boolean;
};

/** A decision with the next releases that were known in part completed from the rows, as the engine does it. */
export type Batch = Omit<Decision, 'outcomes' | 'snapshots'> & {
  readonly outcomes: readonly Outcome[];
  readonly snapshots: ReadonlyMap<number, ProductSnapshot>;
};

/**
 * The rows of a shop in memory, for tests of the rules alone: it loads for a batch what `needsOf` names and
 * nothing more, lets the rules decide, checks both sides and applies the changes, with the uniqueness that
 * the database's constraints give. Time is an argument everywhere. Ids that the rules make are
 * counted up.
 */
export class MemoryWorld {
  readonly products = new Map<number, Product>();
  readonly holds = new Map<number, Hold>();
  readonly orders = new Map<number, Order>();
  readonly events = new Map<string, PaymentEvent>();
  readonly payments = new Map<string, Payment>();
  readonly refunds = new Map<number, Refund>();
  readonly disputes = new Map<string, Dispute>();
  readonly paymentIntents = new Map<number, PaymentIntent>();
  readonly outgoingEvents = new Map<number, OutgoingEvent>();
  readonly deliveries = new Map<number, Delivery>();
  readonly requestKeys = new Map<string, RequestKey>();
  readonly stockChanges = new Map<number, StockChange>();
  readonly operatorDecisions = new Map<number, OperatorDecision>();
  readonly refusedPayments = new Map<number, RefusedPayment>();
  readonly rules: Rules;
  readonly #overdueRowsMax: number;
  readonly #decide: Decide;
  readonly #unchecked: boolean;
  #nextId = 1;

  constructor(rows: Rows, options: WorldOptions) {
    this.rules = options.rules;
    this.#overdueRowsMax = options.overdueRowsMax ?? Number.MAX_SAFE_INTEGER;
    this.#decide = options.decide ?? decide;
    this.#unchecked = options.unchecked ?? false;
    addAll(this.holds, rows.holds ?? [], byId);
    for (const product of rows.products ?? []) {
      const held = this.#sumOf(product.id, isOpen);
      const consumed = this.#sumOf(product.id, (hold) => hold.status === 'consumed');
      this.products.set(product.id, { ...product, held });
      const change = {
        id: -product.id,
        productId: product.id,
        change: product.stock + consumed,
        reason: 'first stock',
      };
      this.stockChanges.set(change.id, { ...change, createdAtMs: 0 });
    }
    addAll(this.orders, rows.orders ?? [], byId);
    addAll(this.events, rows.events ?? [], (event) => event.key);
    addAll(this.payments, rows.payments ?? [], (payment) => payment.name);
    addAll(this.refunds, rows.refunds ?? [], byId);
    addAll(this.disputes, rows.disputes ?? [], disputeKey);
    addAll(this.paymentIntents, rows.paymentIntents ?? [], (intent) => intent.orderId);
    this.#nextId += this.refunds.size;
  }

  /** One batch, decided and applied. Deferred commands are the caller's to give again. */
  batch(commands: readonly Command[], nowMs: number, afterLostCommit = false): Batch {
    const state = this.load(commands, nowMs, afterLostCommit);
    const decision = this.decide(state, commands);
    if (!this.#unchecked) {
      checkChanges(state, decision.changes);
    }
    const finished = this.finish(state, decision);
    this.apply(finished.changes);
    return finished;
  }

  /** A decision with what it knew in part, from the rows before they change. */
  finish(state: State, decision: Decision): Batch {
    const read = new Map(
      decision.releasesToRead.map((productId) => [
        productId,
        this.availability(productId, state.nowMs, ({ id }) => !state.holds.has(id)).nextReleaseAtMs,
      ]),
    );
    return {
      ...decision,
      changes: {
        ...decision.changes,
        requestKeys: decision.changes.requestKeys.map((key) => finishRequestKey(key, read)),
      },
      outcomes: decision.outcomes.map((outcome) => finishOutcome(outcome, read)),
      snapshots: new Map(
        [...decision.snapshots].map(([id, snapshot]) => [id, finishSnapshot(snapshot, read)]),
      ),
    };
  }

  /** The rules alone, with this world's settings and ids. */
  decide(state: State, commands: readonly Command[]): Decision {
    if (!this.#unchecked) {
      checkState(state);
    }
    let nextId = this.#nextId;
    return this.#decide(state, commands, this.rules, () => nextId++);
  }

  /** Batch after batch until nothing is deferred any more; what was deferred goes first in the next one. */
  submit(commands: readonly Command[], nowMs: number): readonly Outcome[] {
    const outcomes: Outcome[] = commands.map(() => ({ kind: 'deferred' }));
    let waiting = commands.map((_, index) => index);
    for (let batches = 0; waiting.length > 0; batches += 1) {
      if (batches > this.holds.size + commands.length) {
        throw new Error('commands are deferred for ever');
      }
      const batch = waiting;
      const decision = this.batch(
        batch.flatMap((index) => commands[index] ?? []),
        nowMs,
      );
      for (const [position, index] of batch.entries()) {
        outcomes[index] = decision.outcomes[position] ?? { kind: 'deferred' };
      }
      waiting = batch.filter((index) => outcomes[index]?.kind === 'deferred');
    }
    return outcomes;
  }

  /** One command by itself, with the type of its answer. */
  one<C extends Command>(command: C, nowMs: number): OutcomeOf<C> {
    return this.submit([command], nowMs)[0] as OutcomeOf<C>;
  }

  /** What a batch at `nowMs` knows of this world. */
  load(commands: readonly Command[], nowMs: number, afterLostCommit = false): State {
    const needs = needsOf(commands, afterLostCommit);
    const state = emptyState(nowMs);
    const stockChanges = pick(this.stockChanges, needs.stockChangeIds);
    state.stockChanges = stockChanges;
    state.products = pick(this.products, [
      ...needs.productIds,
      ...[...stockChanges.values()].map((change) => change.productId),
      ...this.#rowsNamedBy(needs).map((row) => row.productId),
    ]);
    state.availability = new Map([...state.products.keys()].map((id) => [id, this.availability(id, nowMs)]));
    state.requestKeys = pick(this.requestKeys, needs.requestKeys);
    const isFlagged = ({ reference, result }: PaymentEvent) =>
      reference !== null &&
      needs.flaggedReferences.includes(reference) &&
      result === 'possible_second_payment';
    state.events = merged(
      pick(this.events, needs.eventKeys),
      [...this.events.values()].filter(isFlagged),
      (event) => event.key,
    );
    state.operatorDecisions = merged(
      pick(this.operatorDecisions, needs.operatorDecisionIds),
      [...this.operatorDecisions.values()].filter(
        ({ eventKey }) => eventKey !== null && needs.resolvedEvents.includes(eventKey),
      ),
      byId,
    );
    state.refunds = pick(this.refunds, needs.refundIds);
    state.payments = pick(this.payments, [
      ...needs.paymentNames,
      ...[...state.refunds.values()].map((refund) => refund.paymentName),
    ]);
    state.parkedUnknown = needs.withParkedUnknown ? this.parkedUnknown() : 0;
    state.parkedUnknownFacts = needs.withParkedUnknownFacts ? this.parkedUnknown('facts') : 0;
    state.nextProductId = needs.withNextProductId ? Math.max(0, ...this.products.keys()) + 1 : 0;
    const holdIds = [...needs.holdIds, ...this.#rowsNamedBy(needs).map((row) => row.holdId)];
    this.#addHolds(state, holdIds, needs.withPayments);
    if (needs.withPaymentIntents) {
      state.paymentIntents = pick(this.paymentIntents, [...state.orders.keys()]);
    }
    this.#addOverdue(state, overdueNeedsOf(state, commands));
    this.#addFacts(state, needs.paymentNames);
    return state;
  }

  apply(changes: Changes): void {
    write(this.products, changes.products, byId);
    write(this.holds, changes.holds, byId);
    write(this.orders, changes.orders, byId);
    write(this.events, changes.events, (event) => event.key);
    write(this.payments, changes.payments, (payment) => payment.name);
    write(this.refunds, changes.refunds, byId);
    write(this.disputes, changes.disputes, disputeKey);
    write(this.requestKeys, { inserted: changes.requestKeys, updated: [] }, (row) =>
      requestKeyName(row.scope, row.key),
    );
    write(this.stockChanges, { inserted: changes.stockChanges, updated: [] }, byId);
    write(this.operatorDecisions, { inserted: changes.operatorDecisions, updated: [] }, byId);
    write(this.refusedPayments, { inserted: changes.refusedPayments, updated: [] }, (row) => row.orderId);
    ensureUnique([...this.orders.values()].map((order) => order.holdId));
    ensureUnique([...this.refunds.values()].map((refund) => refund.paymentName));
    write(this.paymentIntents, changes.paymentIntents, (intent) => intent.orderId);
    write(this.outgoingEvents, { inserted: changes.outgoingEvents, updated: [] }, byId);
    write(this.deliveries, { inserted: changes.deliveries, updated: [] }, byId);
    ensureUnique([...this.paymentIntents.values()].map((intent) => intent.reference));
    this.#nextId +=
      changes.refunds.inserted.length + changes.outgoingEvents.length + changes.deliveries.length;
  }

  /**
   * Σ quantity of the product's holds that were given out and neither sold nor overdue: what nobody else may
   * get.
   */
  activeUnits(productId: number, nowMs: number): number {
    return this.#sumOf(productId, (hold) => isOpen(hold) && !isOverdue(hold, nowMs));
  }

  openUnits(productId: number): number {
    return this.#sumOf(productId, isOpen);
  }

  consumedUnits(productId: number): number {
    return this.#sumOf(productId, (hold) => hold.status === 'consumed');
  }

  /** @param counts which holds count for the next release */
  availability(productId: number, nowMs: number, counts: (hold: Hold) => boolean = () => true): Availability {
    const open = [...this.holds.values()].filter(
      (hold) => hold.productId === productId && isOpen(hold) && counts(hold),
    );
    const active = open.filter((hold) => !isOverdue(hold, nowMs)).map((hold) => hold.expiresAtMs);
    return {
      overdueUnits: this.#sumOf(productId, (hold) => isOverdue(hold, nowMs)),
      nextReleaseAtMs: active.length === 0 ? null : Math.min(...active),
    };
  }

  /** @param what to count: facts about unknown payments, or all other events of unknown orders and holds */
  parkedUnknown(what: 'facts' | 'others' = 'others'): number {
    return [...this.events.values()].filter(
      (event) =>
        event.result === 'parked' && event.productId === null && isFact(event) === (what === 'facts'),
    ).length;
  }

  #sumOf(productId: number, counts: (hold: Hold) => boolean): number {
    let units = 0;
    for (const hold of this.holds.values()) {
      units += hold.productId === productId && counts(hold) ? hold.quantity : 0;
    }
    return units;
  }

  /**
   * The holds, orders, refunds and payments that exist of those that are named: each tells its product and its hold.
   */
  #rowsNamedBy(needs: Needs): { readonly productId: number; readonly holdId: number }[] {
    const holds = [...pick(this.holds, needs.holdIds).values()].map((hold) => ({ ...hold, holdId: hold.id }));
    return [
      ...holds,
      ...pick(this.orders, needs.orderIds).values(),
      ...pick(this.refunds, needs.refundIds).values(),
      ...pick(this.payments, needs.returnedPayments).values(),
    ];
  }

  /**
   * Holds with all that hangs on them: their orders and refunds, events that wait under them, payments that
   * these may tell of again.
   */
  #addHolds(state: MutableState, ids: readonly number[], withPayments: boolean): void {
    const holds = [...pick(this.holds, ids).values()].filter((hold) => !state.holds.has(hold.id));
    const holdIds = new Set(holds.map((hold) => hold.id));
    const orders = [...this.orders.values()].filter((order) => holdIds.has(order.holdId));
    const orderIds = new Set(orders.map((order) => order.id));
    const parked = [...this.events.values()].filter(
      (event) =>
        event.result === 'parked' &&
        !isFact(event) &&
        event.productId !== null &&
        event.holdId !== null &&
        holdIds.has(event.holdId),
    );
    const waiting = Map.groupBy(parked, (event) => event.holdId ?? 0);
    const payments = [...this.payments.values()].filter(
      (payment) => withPayments && holdIds.has(payment.holdId),
    );
    const toldOf = pick(this.payments, parked.map(paymentName));
    const refunds = [...this.refunds.values()].filter(
      (refund) => refund.orderId !== null && orderIds.has(refund.orderId),
    );
    state.holds = merged(state.holds, holds, byId);
    state.orders = merged(state.orders, orders, byId);
    state.orderIdByHold = new Map([
      ...state.orderIdByHold,
      ...orders.map((order) => [order.holdId, order.id] as const),
    ]);
    state.refunds = merged(state.refunds, refunds, byId);
    state.events = merged(state.events, parked, (event) => event.key);
    state.parkedKeysByHold = new Map([
      ...state.parkedKeysByHold,
      ...[...waiting].map(([holdId, events]) => [holdId, events.map((event) => event.key)] as const),
    ]);
    state.payments = merged(state.payments, [...payments, ...toldOf.values()], (payment) => payment.name);
  }

  /** Facts about the named payments and about all that are loaded, with the refunds and disputes of these. */
  #addFacts(state: MutableState, named: readonly string[]): void {
    const parked = [...state.events.values()].map(paymentName);
    const names = new Set([...named, ...parked, ...state.payments.keys()]);
    const facts = [...this.events.values()].filter(
      (event) =>
        isFact(event) &&
        (event.reference === null
          ? event.holdId !== null && state.holds.has(event.holdId)
          : names.has(referenceName(event.reference))),
    );
    state.events = merged(state.events, facts, (event) => event.key);
    const refunded = new Set([...state.refunds.values()].map(({ paymentName: name }) => name));
    const ofLoaded = ({ paymentName: name }: { readonly paymentName: string }) =>
      state.payments.has(name) || refunded.has(name);
    state.refunds = merged(state.refunds, [...this.refunds.values()].filter(ofLoaded), byId);
    state.disputes = merged(state.disputes, [...this.disputes.values()].filter(ofLoaded), disputeKey);
  }

  #addOverdue(state: MutableState, needs: readonly OverdueNeed[]): void {
    const overdueHoldIds = new Map<number, number[]>();
    for (const { productId, rows } of needs) {
      const ids = [...this.holds.values()]
        .filter((hold) => hold.productId === productId && isOverdue(hold, state.nowMs))
        .sort((a, b) => a.expiresAtMs - b.expiresAtMs || a.id - b.id)
        .slice(0, Math.min(rows, this.#overdueRowsMax))
        .map((hold) => hold.id);
      overdueHoldIds.set(productId, ids);
      this.#addHolds(state, ids, false);
    }
    state.overdueHoldIds = overdueHoldIds;
  }
}
