import type { Command, RecheckParkedEvent } from './commands.ts';
import { isFact, paymentName, referenceName } from './payment.ts';
import { operatorScopes, requestKeyName } from './request-key.ts';
import type { State } from './state.ts';

/** What a batch must know before it can be decided, as its commands name it. */
export type Needs = {
  readonly productIds: readonly number[];
  readonly holdIds: readonly number[];
  readonly orderIds: readonly number[];
  readonly refundIds: readonly number[];
  readonly eventKeys: readonly string[];
  readonly paymentNames: readonly string[];
  /** Payments whose products are to be locked, and whose refunds are needed. They are in `paymentNames` too. */
  readonly returnedPayments: readonly string[];
  /** By `requestKeyName`. */
  readonly requestKeys: readonly string[];
  /** Ids of rows that an earlier attempt may have committed without our learning of it. */
  readonly stockChangeIds: readonly number[];
  readonly operatorDecisionIds: readonly number[];
  /** Keys of events whose decisions are needed. */
  readonly resolvedEvents: readonly string[];
  /** References of payments whose events that wait for an operator are needed. */
  readonly flaggedReferences: readonly string[];
  /** Payments of the named orders and holds are needed to settle further ones. */
  readonly withPayments: boolean;
  /** The intents of the named orders are needed. */
  readonly withPaymentIntents: boolean;
  /** Events may be added to those that wait for an unknown order or hold, so these have to be counted. */
  readonly withParkedUnknown: boolean;
  /** The same for facts about unknown payments. */
  readonly withParkedUnknownFacts: boolean;
  readonly withNextProductId: boolean;
};

/**
 * What `commands` need.
 *
 * @param afterLostCommit look up the rows that the commands themselves would create: the outcome of an
 *   earlier commit is unknown.
 */
export function needsOf(commands: readonly Command[], afterLostCommit: boolean): Needs {
  const productIds = new Set<number>();
  const holdIds = new Set<number>();
  const orderIds = new Set<number>();
  const refundIds = new Set<number>();
  const eventKeys = new Set<string>();
  const paymentNames = new Set<string>();
  const returnedPayments = new Set<string>();
  const requestKeys = new Set<string>();
  const stockChangeIds = new Set<number>();
  const operatorDecisionIds = new Set<number>();
  const resolvedEvents = new Set<string>();
  const flaggedReferences = new Set<string>();
  let withPayments = false;
  let withPaymentIntents = false;
  let withParkedUnknown = false;
  let withParkedUnknownFacts = false;
  let withNextProductId = false;
  for (const command of commands) {
    if ('requestKey' in command && command.requestKey !== undefined) {
      requestKeys.add(requestKeyName(operatorScopes[command.kind], command.requestKey.key));
    }
    if ('decisionId' in command && afterLostCommit) {
      operatorDecisionIds.add(command.decisionId);
    }
    switch (command.kind) {
      case 'create_hold':
        productIds.add(command.productId);
        if (command.idempotencyKey !== null) {
          requestKeys.add(requestKeyName('holds', command.idempotencyKey));
        }
        if (afterLostCommit) {
          holdIds.add(command.holdId);
        }
        break;
      case 'release_hold':
        holdIds.add(command.holdId);
        break;
      case 'create_order':
        holdIds.add(command.holdId);
        if (command.idempotencyKey !== null) {
          requestKeys.add(requestKeyName('orders', command.idempotencyKey));
        }
        break;
      case 'cancel_order':
        orderIds.add(command.orderId);
        break;
      case 'apply_payment_event':
      case 'recheck_parked_event':
      case 'abandon_parked_event': {
        const { event } = command;
        const isNew = command.kind === 'apply_payment_event';
        if (isFact(event)) {
          withParkedUnknownFacts ||= isNew;
          if (event.reference !== null) {
            paymentNames.add(referenceName(event.reference));
            returnedPayments.add(referenceName(event.reference));
          }
        } else {
          withParkedUnknown ||= isNew;
          paymentNames.add(paymentName(event));
        }
        eventKeys.add(event.key);
        addIfGiven(orderIds, event.orderId);
        addIfGiven(holdIds, event.holdId);
        withPayments = true;
        withPaymentIntents = true;
        break;
      }
      case 'refund_order':
        orderIds.add(command.orderId);
        withPayments = true;
        break;
      case 'pay_order':
        orderIds.add(command.orderId);
        paymentNames.add(referenceName(command.reference));
        withPayments = true;
        withPaymentIntents = true;
        break;
      case 'resolve_payment_event': {
        const { event } = command;
        eventKeys.add(event.key);
        resolvedEvents.add(event.key);
        paymentNames.add(paymentName(event));
        returnedPayments.add(paymentName(event));
        addIfGiven(flaggedReferences, event.reference);
        addIfGiven(orderIds, event.orderId);
        addIfGiven(holdIds, event.holdId);
        withPayments = true;
        withPaymentIntents = true;
        break;
      }
      case 'record_payment_intent':
      case 'close_payment_intent':
      case 'refuse_payment':
        orderIds.add(command.orderId);
        withPaymentIntents = true;
        break;
      case 'begin_refund':
      case 'postpone_refund':
      case 'settle_refund':
      case 'record_returned_sum':
        refundIds.add(command.refundId);
        break;
      case 'create_product':
        withNextProductId = true;
        if (afterLostCommit) {
          stockChangeIds.add(command.stockChangeId);
        }
        break;
      case 'seed_products':
        withNextProductId = true;
        break;
      case 'change_stock':
        productIds.add(command.productId);
        if (afterLostCommit) {
          stockChangeIds.add(command.stockChangeId);
        }
        break;
      case 'update_product':
      case 'expire_holds':
        productIds.add(command.productId);
        break;
    }
  }
  return {
    productIds: [...productIds],
    holdIds: [...holdIds],
    orderIds: [...orderIds],
    refundIds: [...refundIds],
    eventKeys: [...eventKeys],
    paymentNames: [...paymentNames],
    returnedPayments: [...returnedPayments],
    requestKeys: [...requestKeys],
    stockChangeIds: [...stockChangeIds],
    operatorDecisionIds: [...operatorDecisionIds],
    resolvedEvents: [...resolvedEvents],
    flaggedReferences: [...flaggedReferences],
    withPayments,
    withPaymentIntents,
    withParkedUnknown,
    withParkedUnknownFacts,
    withNextProductId,
  };
}

/** How many overdue holds a batch releases at most, so that it stays short when very many run out at once. */
export const overdueRowsMax = 1000;

/** Overdue holds to load for one product, oldest first. */
export type OverdueNeed = { readonly productId: number; readonly rows: number };

/**
 * Which overdue holds a batch has to load: those of products whose commands ask for more units than are free,
 * in order of arrival. A hold has at least one unit, so as many rows as there are missing units are enough.
 */
export function overdueNeedsOf(state: State, commands: readonly Command[]): OverdueNeed[] {
  const asked = new Map<number, { units: number; rows: number }>();
  for (const command of commands) {
    const productId = productOf(state, command);
    if (productId === null || (state.availability.get(productId)?.overdueUnits ?? 0) === 0) {
      continue;
    }
    const need = asked.get(productId) ?? { units: 0, rows: 0 };
    need.units += unitsOf(state, command);
    need.rows += command.kind === 'expire_holds' ? command.limit : 0;
    asked.set(productId, need);
  }
  const needs: OverdueNeed[] = [];
  let rowsLeft = overdueRowsMax;
  for (const [productId, need] of asked) {
    const product = state.products.get(productId);
    const missing = product === undefined ? 0 : Math.max(0, need.units - (product.stock - product.held));
    const overdueUnits = state.availability.get(productId)?.overdueUnits ?? 0;
    const rows = Math.min(rowsLeft, overdueUnits, Math.max(missing, need.rows));
    if (rows > 0) {
      needs.push({ productId, rows });
      rowsLeft -= rows;
    }
  }
  return needs;
}

function productOf(state: State, command: Command): number | null {
  switch (command.kind) {
    case 'create_hold':
    case 'change_stock':
    case 'expire_holds':
      return command.productId;
    case 'apply_payment_event':
    case 'recheck_parked_event':
    case 'abandon_parked_event':
      return orderNamedBy(state, command.event)?.productId ?? null;
    case 'pay_order':
      return state.orders.get(command.orderId)?.productId ?? null;
    default:
      return null;
  }
}

function unitsOf(state: State, command: Command): number {
  switch (command.kind) {
    case 'create_hold':
      return command.quantity;
    case 'change_stock':
      return Math.max(0, -command.change);
    case 'apply_payment_event':
    case 'recheck_parked_event':
    case 'abandon_parked_event':
      return orderNamedBy(state, command.event)?.quantity ?? 0;
    case 'pay_order':
      return state.orders.get(command.orderId)?.quantity ?? 0;
    default:
      return 0;
  }
}

/** The order that an event is about. A fact is about the order of the payment that it names, whatever else it names. */
function orderNamedBy(state: State, event: RecheckParkedEvent['event']) {
  const ofPayment =
    event.reference === null ? undefined : state.payments.get(referenceName(event.reference))?.orderId;
  const ofHold = event.holdId === null ? undefined : state.orderIdByHold.get(event.holdId);
  const named = event.orderId ?? ofHold;
  const orderId = (isFact(event) ? (ofPayment ?? named) : (named ?? ofPayment)) ?? undefined;
  return orderId === undefined ? undefined : state.orders.get(orderId);
}

function addIfGiven<Value>(ids: Set<Value>, id: Value | null): void {
  if (id !== null) {
    ids.add(id);
  }
}
