import type { ClosePaymentIntent, RecordPaymentIntent } from './commands.ts';
import type { Draft } from './draft.ts';
import type { OutcomeOf } from './outcomes.ts';
import type { PaymentIntent } from './payment-intent.ts';

/**
 * Keeps what a provider made for an order. It is kept as open whatever has become of the order: the provider may be paid with it until
 * it is told otherwise.
 */
export function decideRecordPaymentIntent(
  draft: Draft,
  { orderId, provider, reference, clientSecret }: RecordPaymentIntent,
): OutcomeOf<RecordPaymentIntent> {
  const order = draft.orders.get(orderId);
  if (order === undefined) {
    return { kind: 'refused', code: 'order_not_found' };
  }
  const known = draft.paymentIntents.get(orderId);
  if (known !== undefined) {
    return { kind: 'payment_intent_recorded', intent: known };
  }
  const intent: PaymentIntent = {
    orderId,
    holdId: order.holdId,
    productId: order.productId,
    provider,
    reference,
    clientSecret,
    status: 'open',
    createdAtMs: draft.nowMs,
  };
  draft.paymentIntents.insert(orderId, intent);
  return { kind: 'payment_intent_recorded', intent };
}

/** Nobody needs to be asked about the order's intent any more. Again is a no-op, and so it is where there is none. */
export function decideClosePaymentIntent(
  draft: Draft,
  { orderId }: ClosePaymentIntent,
): OutcomeOf<ClosePaymentIntent> {
  draft.closeIntent(orderId);
  return { kind: 'payment_intent_closed', intent: draft.paymentIntents.get(orderId) ?? null };
}
