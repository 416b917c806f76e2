/**
 * A payment that its provider can never take, because of its amount or its currency. The order has ended with it. Kept, so that operators
 * see which price to change.
 */
export type RefusedPayment = {
  readonly orderId: number;
  readonly holdId: number;
  readonly productId: number;
  readonly provider: string;
  /** The price of one unit at which the order was held. */
  readonly priceMinor: number;
  /** The provider's words. */
  readonly reason: string;
  readonly createdAtMs: number;
};
