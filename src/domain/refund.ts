export type RefundStatus = 'due' | 'succeeded';

/** Why this service owes money back. `requested`: an operator wants it sent. */
export type OwedReason = 'late_payment' | 'amount_mismatch' | 'second_payment' | 'hold_ended' | 'requested';

/**
 * Why money goes back. `returned` and `returned_in_part`: this service owes nothing, and all of the payment or a part of it was sent
 * back at the provider.
 */
export type RefundReason = OwedReason | 'returned' | 'returned_in_part';

/** Money that this service or its operators have sent. */
export type RefundSend = {
  /** The provider's own id of the refund; null for money that an operator sent by other means. */
  readonly reference: string | null;
  readonly amountMinor: number;
  /** The provider's time, in ms since 1970. */
  readonly atMs: number;
};

/**
 * Money that goes back of one payment: at most one for each payment, ever.
 *
 *     due ──▶ begun ──▶ succeeded
 *      ▲        │          │
 *      ├────────┘          │ a refund failed, a lost dispute was won after all, or more is owed
 *      └───────────────────┘
 *
 * `due` while less has gone than is owed. A worker sends the difference.
 */
export type Refund = {
  readonly id: number;
  readonly paymentName: string;
  readonly orderId: number | null;
  readonly holdId: number;
  readonly productId: number;
  /** What is owed in all, or what went back where that is more. 0: what was returned failed afterwards; readers leave it out. */
  readonly amountMinor: number;
  /** What this service owes in all; 0 while it only records what was returned at the provider. */
  readonly owedMinor: number;
  /** What has gone by other ways: refunds that this service did not send, and lost disputes. */
  readonly returnedMinor: number;
  /** What this service or its operators have sent, without what failed afterwards. */
  readonly sentMinor: number;
  readonly sends: readonly RefundSend[];
  /** The latest sum that this service looked up at the provider. */
  readonly lookedUp: { readonly minor: number; readonly atMs: number } | null;
  readonly currency: string;
  readonly status: RefundStatus;
  readonly reason: RefundReason;
  readonly createdAtMs: number;
  /** How often it was begun to be sent. */
  readonly attempts: number;
  /** What the latest attempt sends; null: there was none. */
  readonly attemptMinor: number | null;
  /** A worker is sending it until then; null: no worker is. */
  readonly leasedUntilMs: number | null;
  /** Not to be sent before; null: at once. */
  readonly nextAttemptAtMs: number | null;
  readonly firstSentAtMs: number | null;
  /** The provider's own id of the latest refund that was sent, once the provider has named one. */
  readonly providerReference: string | null;
  /** Why the latest attempt did not send it, in words for an operator. */
  readonly lastError: string | null;
};

/** A refund that was not sent yet. */
export const unsent = {
  sends: [],
  lookedUp: null,
  attempts: 0,
  attemptMinor: null,
  leasedUntilMs: null,
  nextAttemptAtMs: null,
  firstSentAtMs: null,
  providerReference: null,
  lastError: null,
} as const satisfies Partial<Refund>;

/** What is still to be sent. */
export function leftToSend({ owedMinor, returnedMinor, sentMinor }: Refund): number {
  return Math.max(0, owedMinor - returnedMinor - sentMinor);
}
