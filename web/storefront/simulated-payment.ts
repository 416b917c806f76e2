import { CheckoutError, UnreachableError } from '../../src/client/checkout-client.ts';
import type { PaymentAction } from './purchase.ts';

/**
 * Tells the payment provider of development what the buyer does. Sent twice it pays once.
 *
 * @param clientSecret of the order's `payment`
 * @throws CheckoutError, UnreachableError
 */
export async function simulatePayment(clientSecret: string, action: PaymentAction): Promise<void> {
  const response = await fetch(`/simulated-payments/${encodeURIComponent(clientSecret)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action }),
  }).catch((cause: unknown) => {
    throw new UnreachableError('The payment provider does not answer.', null, cause);
  });
  if (!response.ok) {
    const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json');
    throw isProblem
      ? new CheckoutError(await response.json(), null)
      : new UnreachableError('Somebody else answered.', response.status);
  }
}
