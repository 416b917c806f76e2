/*
 * A buyer: a hold, an order, a payment. Needs `npm start` in another terminal.
 *
 *   npx node examples/buy.ts
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckoutError, createCheckoutClient } from 'flash-sale-checkout/client';

const baseUrl = process.env.SERVICE_URL ?? 'http://127.0.0.1:8000';
const client = createCheckoutClient({ baseUrl });

const product = await client.product(1);
console.log(`${product.name}: ${product.available_stock} available`);

// Asking for too much is refused, and the refusal says what is left.
try {
  await client.hold({ product_id: product.id, qty: 1_000 });
} catch (error) {
  if (!(error instanceof CheckoutError && error.code === 'insufficient_stock')) {
    throw error;
  }
  console.log(`1000 cannot be held: ${error.problem.available_stock} are left`);
}

// If the answer is lost on its way, the client asks again with the same key, and gets this same hold.
const hold = await client.hold({ product_id: product.id, qty: 2 });
const leftMs = Date.parse(hold.expires_at) - client.nowMs();
console.log(`${hold.quantity} are held for ${Math.round(leftMs / 60_000)} minutes`);

let order = await client.order({ hold_id: hold.hold_id });
console.log(`The order is ${order.status}: ${order.total} ${order.currency}`);

// What the buyer pays with may come a moment after the order. This payment is simulated: no money moves.
while (order.status === 'pending' && order.payment === null) {
  await sleep(100);
  order = await client.getOrder(order.order_id);
}
await fetch(`${baseUrl}/simulated-payments/${order.payment?.client_secret}`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ action: 'succeed' }),
});

// The payment provider tells the service, not the buyer.
while (order.status === 'pending') {
  await sleep(100);
  order = await client.getOrder(order.order_id);
}
console.log(`The order is ${order.status}`);

/* Prints, with a new database:
Phone, 256 GB: 50 available
1000 cannot be held: 50 are left
2 are held for 2 minutes
The order is pending: 2399.98 USD
The order is paid
*/
