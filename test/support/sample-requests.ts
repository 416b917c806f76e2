import { adminToken } from './checkout-client.ts';

export type SampleRequest = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
};

const asAdmin = { authorization: `Bearer ${adminToken}` };
const buyers = '/api/v1';
const operators = '/api/v1/admin';
/** Nobody has this id. */
const id = 4_503_599_627_370;

/** One well-formed request for each operation of the API, about things that are not there. */
const sampleRequests: Readonly<Record<string, SampleRequest>> = {
  listProducts: { method: 'GET', path: `${buyers}/products`, headers: {} },
  getProduct: { method: 'GET', path: `${buyers}/products/${id}`, headers: {} },
  watchProducts: { method: 'GET', path: `${buyers}/products/live`, headers: {} },
  createHold: { method: 'POST', path: `${buyers}/holds`, body: { product_id: id, qty: 1 }, headers: {} },
  getHold: { method: 'GET', path: `${buyers}/holds/${id}`, headers: {} },
  releaseHold: { method: 'DELETE', path: `${buyers}/holds/${id}`, headers: {} },
  createOrder: { method: 'POST', path: `${buyers}/orders`, body: { hold_id: id }, headers: {} },
  getOrder: { method: 'GET', path: `${buyers}/orders/${id}`, headers: {} },
  cancelOrder: { method: 'POST', path: `${buyers}/orders/${id}/cancel`, headers: {} },
  receivePaymentEvent: {
    method: 'POST',
    path: `${buyers}/payments/webhook`,
    body: { idempotency_key: 'evt_sample', order_id: id, status: 'paid' },
    headers: {},
  },
  simulatePayment: {
    method: 'POST',
    path: `/simulated-payments/sim_${id}_secret`,
    body: { action: 'succeed' },
    headers: {},
  },
  receiveStripeEvent: {
    method: 'POST',
    path: `${buyers}/payments/webhook/stripe`,
    body: {
      id: 'evt_sample_of_stripe',
      type: 'payment_intent.succeeded',
      data: {
        object: {
          id: 'pi_sample',
          amount_received: 10_000,
          currency: 'usd',
          metadata: { flash_sale_order_id: String(id) },
        },
      },
    },
    headers: {},
  },
  createProduct: {
    method: 'POST',
    path: `${operators}/products`,
    body: { name: 'Phone', price: 1199.99, currency: 'USD', stock: 50 },
    headers: asAdmin,
  },
  adminGetProduct: { method: 'GET', path: `${operators}/products/${id}`, headers: asAdmin },
  updateProduct: {
    method: 'PATCH',
    path: `${operators}/products/${id}`,
    body: { price: 1 },
    headers: asAdmin,
  },
  changeStock: {
    method: 'POST',
    path: `${operators}/products/${id}/stock`,
    body: { change: 1, reason: 'delivery' },
    headers: asAdmin,
  },
  watchSale: { method: 'GET', path: `${operators}/live`, headers: asAdmin },
  adminListOrders: { method: 'GET', path: `${operators}/orders`, headers: asAdmin },
  adminListHolds: { method: 'GET', path: `${operators}/holds`, headers: asAdmin },
  adminListPaymentEvents: { method: 'GET', path: `${operators}/payment-events`, headers: asAdmin },
  adminListDisputes: { method: 'GET', path: `${operators}/disputes`, headers: asAdmin },
  adminListRefunds: { method: 'GET', path: `${operators}/refunds`, headers: asAdmin },
  settleRefund: { method: 'POST', path: `${operators}/refunds/${id}/settle`, headers: asAdmin },
  refundOrder: {
    method: 'POST',
    path: `${operators}/orders/${id}/refund`,
    body: { amount: 40, reason: 'arrived broken' },
    headers: asAdmin,
  },
  payOrder: {
    method: 'POST',
    path: `${operators}/orders/${id}/pay`,
    body: { amount: 2399.98, currency: 'USD', reference: 'transfer-77', reason: 'paid by transfer' },
    headers: asAdmin,
  },
  resolvePaymentEvent: {
    method: 'POST',
    path: `${operators}/payment-events/resolve`,
    body: { idempotency_key: 'evt_nowhere', decision: 'refund', reason: 'paid twice' },
    headers: asAdmin,
  },
  adminListDecisions: { method: 'GET', path: `${operators}/decisions`, headers: asAdmin },
  adminListEvents: { method: 'GET', path: `${operators}/events`, headers: asAdmin },
  adminListDeliveries: { method: 'GET', path: `${operators}/deliveries`, headers: asAdmin },
  resendEvent: { method: 'POST', path: `${operators}/events/${id}/resend`, headers: asAdmin },
  adminListEndpoints: { method: 'GET', path: `${operators}/endpoints`, headers: asAdmin },
  switchEndpointOn: {
    method: 'POST',
    path: `${operators}/endpoints/nowhere.example-00000000/switch-on`,
    body: {},
    headers: asAdmin,
  },
  audit: { method: 'GET', path: `${operators}/audit`, headers: asAdmin },
  live: { method: 'GET', path: '/healthz', headers: {} },
  ready: { method: 'GET', path: '/readyz', headers: {} },
};

export function sampleRequest(operationId: string): SampleRequest {
  const request = sampleRequests[operationId];
  if (request === undefined) {
    throw new Error(`there is no sample request for ${operationId}`);
  }
  return request;
}
