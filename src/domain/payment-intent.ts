/**
 * `open`: the provider may still be paid with it, or nobody knows better. `closed`: its money has come, or never will.
 */
export type PaymentIntentStatus = 'open' | 'closed';

/**
 * The payment that a provider was asked to take for an order: at most one for each order. It is no money yet.
 */
export type PaymentIntent = {
  readonly orderId: number;
  readonly holdId: number;
  readonly productId: number;
  /** The name of the provider that made it. */
  readonly provider: string;
  /** The provider's own id of it, which its events name as their reference. */
  readonly reference: string;
  /** With it the buyer's page pays. */
  readonly clientSecret: string;
  readonly status: PaymentIntentStatus;
  readonly createdAtMs: number;
};
