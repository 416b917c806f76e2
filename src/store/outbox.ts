import type { Delivery, DeliveryStatus, OutgoingEvent, OutgoingEventType } from '../domain/outgoing-event.ts';
import type { KeyedRequest } from '../domain/request-key.ts';
import type { Page, PageRequest } from './store-reader.ts';

/** An event on its way, with the event itself. */
export type DeliveryOfEvent = { readonly delivery: Delivery; readonly event: OutgoingEvent };

/** What is known of an endpoint: a row of its own once it was leased or switched, and what waits for it. */
export type EndpointState = {
  readonly endpoint: string;
  readonly leasedBy: string | null;
  readonly leasedUntilMs: number | null;
  /** Null while events are sent to it. */
  readonly switchedOffAtMs: number | null;
  /** Why it was switched off. */
  readonly reason: string | null;
  readonly pending: number;
  readonly dead: number;
};

export type OutgoingEventFilter = {
  readonly type?: OutgoingEventType | undefined;
  readonly productId?: number | undefined;
  readonly orderId?: number | undefined;
  readonly holdId?: number | undefined;
};
export type DeliveryFilter = {
  readonly endpoint?: string | undefined;
  readonly status?: DeliveryStatus | undefined;
  readonly eventId?: number | undefined;
};

/** Requests of operators that concern no product, and so go past the engine. */
export type OutboxKeyScope = 'admin/resend' | 'admin/switch-on';
export type OutboxRequest = KeyedRequest & { readonly scope: OutboxKeyScope };
/** What an operator's request came to. A refusal is not remembered. */
export type Once<Answer> =
  | { readonly kind: 'done'; readonly answer: Answer; readonly replayed: boolean }
  | { readonly kind: 'reused' }
  | { readonly kind: 'refused' };
/** What an operator's request may do, in a transaction of its own. */
export type OutboxWrites = Pick<Outbox, 'endpoints' | 'switchEndpoint' | 'resend'>;

/** What of the outgoing events can be seen. */
export interface OutboxReader {
  outgoingEvent(
    id: number,
  ): Promise<{ readonly event: OutgoingEvent; readonly deliveries: readonly Delivery[] } | null>;
  outgoingEvents(filter: OutgoingEventFilter, page: PageRequest): Promise<Page<OutgoingEvent>>;
  deliveries(filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryOfEvent>>;
  /** By name; those that were ever leased or switched, or that something waits for. */
  endpoints(): Promise<readonly EndpointState[]>;
  /**
   * Deliveries whose time has come, oldest first. Never one while an earlier one of the same order is pending, nor, for events without
   * an order, of the same product: so what belongs together arrives in the order in which it happened.
   */
  deliveriesDue(endpoint: string, limit: number): Promise<readonly DeliveryOfEvent[]>;
}

/**
 * What the one who delivers events writes. It concerns no product, so it needs no lock of one, and is run between two batches of the
 * engine. All of it rejects with StoreError.
 */
export interface Outbox extends OutboxReader {
  /**
   * Lets `holder` alone deliver to an endpoint for a time, by the database's clock; whoever has it may lengthen it. Also tells whether
   * the endpoint is switched off.
   */
  leaseEndpoint(
    endpoint: string,
    holder: string,
    leaseMs: number,
  ): Promise<{ readonly leased: boolean; readonly switchedOffAtMs: number | null }>;
  /** Writes how deliveries stand after an attempt. One that is no longer pending is left as it is. */
  recordDeliveries(deliveries: readonly Delivery[]): Promise<void>;
  switchEndpoint(endpoint: string, to: 'on' | 'off', reason: string | null): Promise<void>;
  /** Makes deliveries of these events, or all dead ones of an endpoint, pending again, at once. Returns how many. */
  resend(which: { readonly eventIds: readonly number[] } | { readonly deadOf: string }): Promise<number>;
  /**
   * Does `work` in one transaction, once for the key of `request`. The answer, which has to be JSON, is stored with the key. `work` gives
   * null for a refusal. After a conflict with another transaction it runs once more.
   */
  once<Answer>(
    request: OutboxRequest | null,
    work: (outbox: OutboxWrites) => Promise<Answer | null>,
  ): Promise<Once<Answer>>;
}
