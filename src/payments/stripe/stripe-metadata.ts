/** Under these names Stripe's objects carry our ids, as decimal text. */
export const stripeMetadata = {
  orderId: 'flash_sale_order_id',
  holdId: 'flash_sale_hold_id',
  refundId: 'flash_sale_refund_id',
} as const;
