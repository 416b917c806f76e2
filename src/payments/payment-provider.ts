/** A payment that a provider is asked to take for an order. It is no money yet. */
export type PaymentIntent = {
  /** The provider's own id of it, which its events name as `payment_reference`. */
  readonly reference: string;
  /** With it the buyer's page pays; whoever knows it may pay this order and no more. */
  readonly clientSecret: string;
};

/** What a provider knows of a payment: `open` may still be paid, `paid` holds money, `closed` never will. */
export type IntentState =
  | { readonly status: 'open' | 'closed' }
  | { readonly status: 'paid'; readonly amountMinor: number; readonly currency: string };

/** What became of a refund. `pending` ends later, and the provider then tells. */
export type SentRefund = {
  readonly status: 'succeeded' | 'pending' | 'failed';
  /** The provider's own id of it. */
  readonly reference: string;
  readonly amountMinor: number;
  /** When the provider made it, by the provider's clock, in ms since 1970. */
  readonly createdAtMs: number;
};

/** What a provider has returned of a payment by now, whoever asked for it. */
export type ReturnedSum = {
  readonly minor: number;
  readonly currency: string;
  /** When the provider answered, by the provider's clock, in ms since 1970. */
  readonly atMs: number;
};

export type RefundRequest = {
  readonly refundId: number;
  /** The payment that goes back, by the provider's own id of it. */
  readonly paymentReference: string;
  /** What is to be sent now: the sum owed less what has gone already. */
  readonly amountMinor: number;
  /** What is owed in all. Both sums make the key of the request. */
  readonly owedMinor: number;
  readonly currency: string;
  /** The refunds of this one that are recorded already, by the provider's ids. */
  readonly knownReferences: readonly string[];
  /**
   * An earlier request may have reached the provider so long ago that it no longer knows the key of it, or has ended there: failed, or
   * as one that was pending. Then the payment's refunds are looked through first, and what is still to be sent goes under a key that no
   * failed one had.
   */
  readonly mayBeForgotten: boolean;
};

/**
 * A company that takes the buyers' money and sends it back. Each call may be repeated: an order has one payment and a refund is sent
 * once, however often it is asked for. What the provider tells by itself comes as payment events.
 *
 * Every method rejects with `ProviderError`, also when the signal ends it. Never called inside a transaction.
 */
export interface PaymentProvider {
  /** `stripe`, `simulated`: what buyers' pages see. */
  readonly name: string;
  /**
   * The payment of an order, where that can be told without asking: nobody waits for it then, and nothing has to be written down.
   */
  readonly intentOf?: (order: { readonly holdId: number }) => PaymentIntent;
  /**
   * Why the provider can never take such a price, as far as that is known without a request: "expected …, got …". Null when it may.
   * Without this, the provider has no limits of its own.
   */
  readonly refusalOfPrice?: (priceMinor: number, currency: string) => string | null;
  /** Makes the payment of an order, or finds the one that was made before. */
  createIntent(
    order: {
      readonly orderId: number;
      readonly holdId: number;
      readonly amountMinor: number;
      readonly currency: string;
    },
    signal: AbortSignal,
  ): Promise<PaymentIntent>;
  lookUpIntent(reference: string, signal: AbortSignal): Promise<IntentState>;
  /** Ends a payment that nobody should make any more, and tells what it has become: it may have been paid just before. */
  cancelIntent(reference: string, signal: AbortSignal): Promise<IntentState>;
  sendRefund(refund: RefundRequest, signal: AbortSignal): Promise<SentRefund>;
  /** Asked when the provider has refused a refund: a part of the payment may have been returned by hand. */
  lookUpReturned(paymentReference: string, signal: AbortSignal): Promise<ReturnedSum>;
}

/** `unavailable`: nobody knows whether it took place, so it is asked again. `refused`: the provider says no, and why is for an operator. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: 'unavailable' | 'refused';
  /** The provider refused the amount or its currency. A retry gets the same answer, so this may end an order; nothing else does. */
  readonly isAboutAmount: boolean;

  constructor(kind: ProviderError['kind'], message: string, cause?: unknown, isAboutAmount = false) {
    super(message, { cause });
    this.kind = kind;
    this.isAboutAmount = isAboutAmount;
  }
}
