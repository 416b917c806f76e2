import type { Dispute } from './dispute.ts';
import type { Hold } from './hold.ts';
import type { OperatorDecision } from './operator-decision.ts';
import type { Order } from './order.ts';
import type { Delivery, OutgoingEvent } from './outgoing-event.ts';
import type { Payment, PaymentEvent } from './payment.ts';
import type { PaymentIntent } from './payment-intent.ts';
import type { Product, StockChange } from './product.ts';
import type { Refund } from './refund.ts';
import type { RefusedPayment } from './refused-payment.ts';
import type { RequestKey } from './request-key.ts';

/** What one locked product's holds say at the instant of the batch. */
export type Availability = {
  /** Σ quantity of overdue holds: still in `held`, but available. */
  readonly overdueUnits: number;
  /** The earliest deadline of an active hold. */
  readonly nextReleaseAtMs: number | null;
};

/**
 * What a batch knows: everything that its commands name, read after their products were locked. `nowMs` is
 * the database's clock, read after the locks were won.
 */
export type State = {
  readonly nowMs: number;
  readonly products: ReadonlyMap<number, Product>;
  /** The id after the highest one. Read only when a batch creates products, else 0. */
  readonly nextProductId: number;
  readonly availability: ReadonlyMap<number, Availability>;
  readonly holds: ReadonlyMap<number, Hold>;
  /** Overdue holds by product, oldest first; only as many as were asked for. They are in `holds` too. */
  readonly overdueHoldIds: ReadonlyMap<number, readonly number[]>;
  readonly orders: ReadonlyMap<number, Order>;
  readonly orderIdByHold: ReadonlyMap<number, number>;
  /** The named events, those that wait under the loaded holds, and all facts about the loaded payments. */
  readonly events: ReadonlyMap<string, PaymentEvent>;
  /** Parked events in order of arrival, by the hold that they wait under. They are in `events` too. */
  readonly parkedKeysByHold: ReadonlyMap<number, readonly string[]>;
  /**
   * How many events wait for an order or hold that nobody knows. Read only when a batch may add to them, else
   * 0.
   */
  readonly parkedUnknown: number;
  /** The same for facts about unknown payments, which have a bound of their own. */
  readonly parkedUnknownFacts: number;
  readonly payments: ReadonlyMap<string, Payment>;
  readonly refunds: ReadonlyMap<number, Refund>;
  /** By `disputeKey`: all disputes of the loaded payments. */
  readonly disputes: ReadonlyMap<string, Dispute>;
  /** By order. */
  readonly paymentIntents: ReadonlyMap<number, PaymentIntent>;
  /** By `requestKeyName`. */
  readonly requestKeys: ReadonlyMap<string, RequestKey>;
  /** Looked up only after a commit whose outcome is unknown. */
  readonly stockChanges: ReadonlyMap<number, StockChange>;
  /** By id: those about the named events, and after a commit whose outcome is unknown those of the commands. */
  readonly operatorDecisions: ReadonlyMap<number, OperatorDecision>;
};

/** New rows and rows that replace those of the same id. */
export type RowChanges<Row> = { readonly inserted: readonly Row[]; readonly updated: readonly Row[] };

/** What a batch writes, in one transaction. */
export type Changes = {
  readonly products: RowChanges<Product>;
  readonly holds: RowChanges<Hold>;
  readonly orders: RowChanges<Order>;
  readonly events: RowChanges<PaymentEvent>;
  readonly payments: RowChanges<Payment>;
  readonly refunds: RowChanges<Refund>;
  readonly disputes: RowChanges<Dispute>;
  readonly paymentIntents: RowChanges<PaymentIntent>;
  readonly requestKeys: readonly RequestKey[];
  readonly stockChanges: readonly StockChange[];
  readonly operatorDecisions: readonly OperatorDecision[];
  readonly refusedPayments: readonly RefusedPayment[];
  readonly outgoingEvents: readonly OutgoingEvent[];
  readonly deliveries: readonly Delivery[];
};

/** The settings that rules depend on. */
export type Rules = {
  readonly holdSeconds: number;
  readonly paymentSeconds: number;
  readonly parkedMax: number;
  /** The ids of those who are told what happened, each once. Without any, nothing is written for them. */
  readonly eventEndpoints: readonly string[];
  /**
   * Why the payment provider can never take a price of so many minor units: "expected …, got …". Null when it may. Without it every price
   * is taken that the currency allows.
   */
  readonly refusalOfPrice?: ((priceMinor: number, currency: string) => string | null) | undefined;
};
