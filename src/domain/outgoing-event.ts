import type { Dispute } from './dispute.ts';
import type { PaymentEvent } from './payment.ts';
import type { Product } from './product.ts';
import type { Refund } from './refund.ts';
import type { OrderAnswer } from './request-key.ts';

/** What others are told of, and the rows that it is about as they were then. */
export type OutgoingContent =
  | {
      readonly type: 'order.created' | 'order.paid' | 'order.expired' | 'order.failed' | 'order.cancelled';
      readonly data: OrderAnswer;
    }
  | { readonly type: 'refund.due' | 'refund.succeeded' | 'refund.failed'; readonly data: Refund }
  | { readonly type: 'dispute.opened' | 'dispute.won' | 'dispute.lost'; readonly data: Dispute }
  | { readonly type: 'payment.unmatched'; readonly data: PaymentEvent }
  | { readonly type: 'product.sold_out' | 'product.available_again'; readonly data: Product };

export type OutgoingEventType = OutgoingContent['type'];

/**
 * An event for the endpoints of others, written in the transaction of what it tells of. Product version and position put the events of
 * one product into the order in which things happened; numbers of a database's own counter would not, where several servers count.
 */
export type OutgoingEvent = OutgoingContent & {
  readonly id: number;
  /** Null for what is said of an order or a hold that nobody knows. */
  readonly productId: number | null;
  readonly orderId: number | null;
  readonly holdId: number | null;
  /** The product's version after the batch, 0 without a product. */
  readonly productVersion: number;
  /** Counts the events of one batch. */
  readonly position: number;
  readonly createdAtMs: number;
};

/** `dead`: given up, until an operator has it sent again. */
export type DeliveryStatus = 'pending' | 'delivered' | 'dead';

/** One event on its way to one endpoint. */
export type Delivery = {
  readonly id: number;
  readonly eventId: number;
  /** The endpoint's id, at most 255 characters. */
  readonly endpoint: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly nextAttemptAtMs: number;
  readonly lastError: string | null;
  /**
   * Deliveries of one chain to one endpoint are sent one after the other, by product version and position. An order's chain has the
   * order's id, a product's own chain the negative one of the product; null belongs to none.
   */
  readonly chain: number | null;
  readonly productVersion: number;
  readonly position: number;
};
