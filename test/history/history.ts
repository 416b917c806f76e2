import type {
  ApplyPaymentEvent,
  CancelOrder,
  ChangeStock,
  CreateHold,
  CreateOrder,
  ReleaseHold,
  SettleRefund,
} from '../../src/domain/commands.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Order, OrderStatus } from '../../src/domain/order.ts';
import type { Refusal } from '../../src/domain/outcomes.ts';
import type { PaymentAnswer, PaymentEvent } from '../../src/domain/payment.ts';
import type { Refund } from '../../src/domain/refund.ts';
import type { Failure } from '../../src/engine/answer.ts';

/** What a node was asked, as far as whoever asked knows it: not the ids that the node makes for it. */
export type Asked =
  | Omit<CreateHold, 'holdId'>
  | Omit<CreateOrder, 'orderId'>
  | ReleaseHold
  | CancelOrder
  | ApplyPaymentEvent
  | Omit<ChangeStock, 'stockChangeId'>
  | Pick<SettleRefund, 'kind' | 'refundId'>;

/** Of a hold and of an order, what every answer shows. */
export type HoldSeen = Pick<Hold, 'id' | 'productId' | 'quantity' | 'expiresAtMs'>;
export type OrderSeen = Pick<Order, 'id' | 'holdId' | 'totalMinor' | 'status' | 'paymentDueAtMs'>;

/** What a node answered. */
export type Reply =
  | { readonly kind: 'hold_created'; readonly hold: HoldSeen; readonly replayed: boolean }
  | { readonly kind: 'hold_let_go' }
  | { readonly kind: 'order_created'; readonly order: OrderSeen; readonly replayed: boolean }
  | { readonly kind: 'order_cancelled'; readonly order: OrderSeen }
  | { readonly kind: 'payment_event_answered'; readonly answer: PaymentAnswer; readonly replayed: boolean }
  | { readonly kind: 'payment_event_ignored' }
  | { readonly kind: 'stock_changed' }
  | { readonly kind: 'refund_settled'; readonly refund: Pick<Refund, 'id'> }
  | { readonly kind: 'refused'; readonly code: 'hold_already_ordered'; readonly orderId: number }
  | { readonly kind: 'refused'; readonly code: 'order_not_cancellable'; readonly orderStatus: OrderStatus }
  | { readonly kind: 'refused'; readonly code: PlainRefusalCode }
  | Failure;

/** Whether an answer says that something is done. */
export function isAcknowledged({ kind }: Reply): boolean {
  return kind !== 'refused' && kind !== 'failed';
}

/** Refusals that say nothing more that an auditor would ask about. */
export type PlainRefusalCode = Exclude<Refusal['code'], 'hold_already_ordered' | 'order_not_cancellable'>;

/** One request and what its sender learned of it. Instants are of the true time, in ms since the history began. */
export type Exchange = {
  /** What the sender came for: the same for each request that was sent for it. */
  readonly stepId: number;
  /** Counts how often the step was tried. */
  readonly attempt: number;
  readonly node: number;
  readonly command: Asked;
  readonly sentMs: number;
  /** Null when no answer came: then nobody knows whether it took place. */
  readonly answered: { readonly atMs: number; readonly reply: Reply } | null;
};

/** What the lists of an operator show when everything has come to rest. */
export type Books = {
  readonly products: readonly { readonly id: number; readonly stock: number; readonly held: number }[];
  readonly holds: readonly Pick<Hold, 'id' | 'productId' | 'quantity' | 'status' | 'createdAtMs'>[];
  readonly orders: readonly OrderInBooks[];
  readonly events: readonly Omit<PaymentEvent, 'productId' | 'answer'>[];
  /** Facts that were deleted, since their payments stayed unknown. Absent: nothing was looked for. */
  readonly forgotten?: readonly Omit<PaymentEvent, 'productId' | 'answer'>[];
  readonly refunds: readonly Pick<
    Refund,
    'id' | 'paymentName' | 'orderId' | 'amountMinor' | 'status' | 'reason' | 'returnedMinor' | 'sentMinor'
  >[];
};

export type OrderInBooks = Pick<
  Order,
  'id' | 'holdId' | 'productId' | 'quantity' | 'totalMinor' | 'status' | 'createdAtMs'
>;

/** By what rules the sale is held. */
export type Rules = {
  readonly holdSeconds: number;
  readonly paymentSeconds: number;
  readonly parkedSeconds: number;
  readonly requestTimeoutMs: number;
};

/** All that an outsider knows of a sale. */
export type History = {
  readonly rules: Rules;
  /** How many units of each product there were at first. */
  readonly onSale: readonly { readonly id: number; readonly units: number }[];
  /** When it began, in ms since 1970: what a right clock of the database showed then. */
  readonly beginsAtMs: number;
  /** How far the clock that decides may have been from the true time. */
  readonly clockErrorMs: number;
  /** In the order in which they were sent. */
  readonly exchanges: readonly Exchange[];
  readonly books: Books;
};
