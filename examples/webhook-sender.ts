/*
 * A payment backend of a shop's own: it tells the service what became of a payment, by a signed event. The secret is one of the
 * service's `WEBHOOK_SECRETS`.
 *
 *   WEBHOOK_SECRETS=whsec_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGU= npm start
 *   npx node examples/webhook-sender.ts
 */
import { createCheckoutClient } from 'flash-sale-checkout/client';
import { signStandardWebhook } from 'flash-sale-checkout/testing';

const baseUrl = process.env.SERVICE_URL ?? 'http://127.0.0.1:8000';
const secret = process.env.WEBHOOK_SECRET ?? 'whsec_dGhpcyBpcyBvbmx5IGFuIGV4YW1wbGU=';

/** What is sent may be sent again, unchanged, until it is answered 2xx: it counts once. */
async function send(event: { readonly idempotency_key: string }): Promise<void> {
  const body = JSON.stringify(event);
  const signature = await signStandardWebhook({ secret, id: event.idempotency_key, body });
  const answer = await fetch(`${baseUrl}/api/v1/payments/webhook`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    body,
  });
  const { result, order_status } = (await answer.json()) as { result: string; order_status: string };
  const replayed = answer.headers.get('idempotency-replayed') === 'true' ? ', as before' : '';
  console.log(`${answer.status}: ${result}, the order is ${order_status}${replayed}`);
}

const client = createCheckoutClient({ baseUrl });
const hold = await client.hold({ product_id: 2, qty: 1 });
const order = await client.order({ hold_id: hold.hold_id });

const paid = {
  idempotency_key: `payment-of-${order.order_id}`,
  order_id: order.order_id,
  status: 'paid',
  amount: order.total,
  currency: order.currency,
  payment_reference: `card-payment-${order.order_id}`,
};
await send(paid);
await send(paid);

/* Prints:
200: processed, the order is paid
200: processed, the order is paid, as before
*/
