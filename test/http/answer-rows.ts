import type { ErrorCode } from '../../src/http/error-catalogue.ts';
import type { ApiDescription } from '../support/api-description.ts';
import {
  adminToken,
  type Checkout,
  checkoutForTest,
  databaseForTest,
  type Reply,
} from '../support/checkout.ts';
import { sharedDatabases, type TestDatabase } from '../support/databases.ts';
import { watchProducts, watchSale } from '../support/event-stream.ts';
import { Sale } from '../support/sale.ts';
import { sampleRequest } from '../support/sample-requests.ts';
import { sendStripeEvent, stripeIntent } from '../support/signed-events.ts';
import { until } from '../support/until.ts';
import { operatorRows } from './operator-rows.ts';

/** Nobody has this id. */
export const missing = 4_503_599_627_370;

function missingDatabase(): never {
  throw new Error('expected a database that processes share');
}

/** An answer that an operation can give, and how to come by it. A success has no code. */
export type AnswerRow = readonly [
  operationId: string,
  status: number,
  code: ErrorCode | '',
  () => Promise<Reply>,
];

/** The answers that a route gives for reasons of its own. */
export function answerRows(served: {
  readonly checkout: () => Checkout;
  readonly description: () => ApiDescription;
  readonly database: TestDatabase;
}): readonly AnswerRow[] {
  const newHold = async (fields = {}) =>
    (await served.checkout().hold(await served.checkout().createProduct(fields))).body.hold_id;
  const newOrder = async (fields = {}) =>
    served.checkout().ordered(await served.checkout().createProduct(fields));
  const released = async () => {
    const id = await newHold();
    await served.checkout().release(id);
    return id;
  };
  const paid = async () => {
    const order = await newOrder();
    await served.checkout().pay({ idempotency_key: `paid_${order.order_id}`, order_id: order.order_id });
    return order;
  };
  const refund = async () => {
    const { order_id } = await newOrder();
    await served.checkout().pay({ idempotency_key: `r_${order_id}`, order_id, amount: 1, currency: 'USD' });
    return (await served.checkout().get(`/api/v1/orders/${order_id}`)).body.refunds[0]?.refund_id;
  };
  /** The settling of a refund that a worker has just begun to send. */
  const sending = async () => {
    const database = await databaseForTest(sharedDatabases[0] ?? missingDatabase());
    const other = await checkoutForTest({ database });
    served.description().watch(other);
    const { order_id } = await other.ordered(await other.createProduct());
    const wrong = { amount: 1, currency: 'USD', payment_reference: 'pi_1' };
    await other.pay({ idempotency_key: 'sending', order_id, ...wrong });
    const refundId = (await other.get(`/api/v1/orders/${order_id}`)).body.refunds[0]?.refund_id ?? 0;
    const { engine } = new Sale(database.store);
    await engine.submit({ kind: 'begin_refund', refundId, leaseSeconds: 60 });
    return other.admin('POST', `/refunds/${refundId}/settle`);
  };
  /** A hold that lasted a second, on a server of its own. */
  const expired = async () => {
    const other = await checkoutForTest({ variables: { HOLD_SECONDS: '1', WORKER: 'false' } });
    served.description().watch(other);
    const { hold_id } = (await other.hold(await other.createProduct())).body;
    await until(async () => (await other.get(`/api/v1/holds/${hold_id}`)).body.status === 'released');
    return other.order(hold_id);
  };
  const limited = async () => {
    const other = await checkoutForTest({ variables: { RATE_LIMIT_HOLDS: '1' } });
    served.description().watch(other);
    return until(async () => {
      const reply = await other.hold(missing);
      return reply.status === 429 && reply;
    });
  };
  const reused = async (path: string, first: object, second: object) => {
    const headers = { 'idempotency-key': 'reused' };
    await served.checkout().post(path, first, headers);
    return served.checkout().post(path, second, headers);
  };

  /** A service that tells an endpoint of its orders, which its private address keeps it from reaching. */
  const telling = async () => {
    const variables = {
      EVENT_WEBHOOK_URLS: 'http://127.0.0.1:9/events',
      EVENT_WEBHOOK_SECRETS: 'whsec_b25l',
    };
    const other = await checkoutForTest({ variables });
    served.description().watch(other);
    return other;
  };
  const resent = async () => {
    const other = await telling();
    await other.ordered(await other.createProduct());
    const [event] = (await other.admin('GET', '/events')).body.items;
    await until(async () => (await other.admin('GET', '/deliveries')).text.includes('no public address'));
    return other.admin('POST', `/events/${event?.event_id}/resend`);
  };
  const switchedOn = async () => {
    const other = await telling();
    const [{ endpoint } = { endpoint: '' }] = (await other.admin('GET', '/endpoints')).body.endpoints;
    return other.admin('POST', `/endpoints/${endpoint}/switch-on`);
  };

  const rows: readonly AnswerRow[] = [
    ['live', 200, '', () => served.checkout().get('/healthz')],
    ['ready', 200, '', () => served.checkout().get('/readyz')],
    ['metrics', 200, '', () => served.checkout().get('/metrics')],
    ['listProducts', 200, '', () => served.checkout().get('/api/v1/products')],
    ['getProduct', 200, '', async () => served.checkout().product(await served.checkout().createProduct())],
    ['getProduct', 404, 'product_not_found', () => served.checkout().product(missing)],
    ['watchProducts', 200, '', () => watched(watchProducts)],
    ['createHold', 201, '', async () => served.checkout().hold(await served.checkout().createProduct())],
    [
      'createHold',
      403,
      'sale_not_open',
      async () =>
        served.checkout().hold(await served.checkout().createProduct({ opens_at: '2999-01-01T00:00:00Z' })),
    ],
    ['createHold', 404, 'product_not_found', () => served.checkout().hold(missing)],
    [
      'createHold',
      409,
      'insufficient_stock',
      async () => served.checkout().hold(await served.checkout().createProduct(), 11),
    ],
    [
      'createHold',
      422,
      'idempotency_key_reused',
      async () => {
        const product_id = await served.checkout().createProduct();
        return reused('/api/v1/holds', { product_id, qty: 1 }, { product_id, qty: 2 });
      },
    ],
    ['createHold', 429, 'rate_limited', limited],
    ['getHold', 200, '', async () => served.checkout().get(`/api/v1/holds/${await newHold()}`)],
    ['getHold', 404, 'hold_not_found', () => served.checkout().get(`/api/v1/holds/${missing}`)],
    ['releaseHold', 204, '', async () => served.checkout().release(await newHold())],
    ['releaseHold', 404, 'hold_not_found', () => served.checkout().release(missing)],
    [
      'releaseHold',
      409,
      'hold_already_ordered',
      async () => served.checkout().release((await newOrder()).hold_id),
    ],
    ['releaseHold', 409, 'hold_consumed', async () => served.checkout().release((await paid()).hold_id)],
    ['createOrder', 201, '', async () => served.checkout().order(await newHold())],
    ['createOrder', 404, 'hold_not_found', () => served.checkout().order(missing)],
    [
      'createOrder',
      409,
      'hold_already_ordered',
      async () => served.checkout().order((await newOrder()).hold_id),
    ],
    ['createOrder', 410, 'hold_released', async () => served.checkout().order(await released())],
    ['createOrder', 410, 'hold_expired', expired],
    [
      'createOrder',
      422,
      'idempotency_key_reused',
      async () => reused('/api/v1/orders', { hold_id: await newHold() }, { hold_id: await newHold() }),
    ],
    ['getOrder', 200, '', async () => served.checkout().get(`/api/v1/orders/${(await newOrder()).order_id}`)],
    ['getOrder', 404, 'order_not_found', () => served.checkout().get(`/api/v1/orders/${missing}`)],
    ['cancelOrder', 200, '', async () => served.checkout().cancel((await newOrder()).order_id)],
    ['cancelOrder', 404, 'order_not_found', () => served.checkout().cancel(missing)],
    [
      'cancelOrder',
      409,
      'order_not_cancellable',
      async () => served.checkout().cancel((await paid()).order_id),
    ],
    [
      'receivePaymentEvent',
      200,
      '',
      async () => served.checkout().pay({ idempotency_key: 'evt_1', order_id: (await newOrder()).order_id }),
    ],
    [
      'receivePaymentEvent',
      202,
      '',
      () => served.checkout().pay({ idempotency_key: 'evt_2', order_id: missing }),
    ],
    [
      'receivePaymentEvent',
      422,
      'idempotency_key_reused',
      async () => {
        await served.checkout().pay({ idempotency_key: 'evt_3', order_id: missing });
        return served.checkout().pay({ idempotency_key: 'evt_3', order_id: missing + 1 });
      },
    ],
    ['simulatePayment', 200, '', async () => simulatePayment(await newHold())],
    ['simulatePayment', 403, 'not_a_local_request', () => simulatePayment(missing, { host: 'shop.example' })],
    ['simulatePayment', 404, 'hold_not_found', () => simulatePayment(missing)],
    [
      'receiveStripeEvent',
      200,
      '',
      async () => stripeEvent('evt_stripe_1', 'payment_intent.succeeded', (await newOrder()).order_id),
    ],
    ['receiveStripeEvent', 200, '', () => stripeEvent('evt_stripe_2', 'customer.created', missing)],
    ['receiveStripeEvent', 202, '', () => stripeEvent('evt_stripe_3', 'payment_intent.succeeded', missing)],
    [
      'receiveStripeEvent',
      422,
      'idempotency_key_reused',
      async () => {
        await stripeEvent('evt_stripe_4', 'payment_intent.succeeded', missing);
        return stripeEvent('evt_stripe_4', 'payment_intent.canceled', missing);
      },
    ],
    [
      'createProduct',
      201,
      '',
      () => served.checkout().admin('POST', '/products', { name: 'a', price: 1, currency: 'USD', stock: 0 }),
    ],
    [
      'updateProduct',
      200,
      '',
      async () =>
        served
          .checkout()
          .admin('PATCH', `/products/${await served.checkout().createProduct()}`, { name: 'b' }),
    ],
    [
      'updateProduct',
      404,
      'product_not_found',
      () => served.checkout().admin('PATCH', `/products/${missing}`, { name: 'b' }),
    ],
    [
      'updateProduct',
      412,
      'version_mismatch',
      async () =>
        served
          .checkout()
          .send(
            'PATCH',
            `/api/v1/admin/products/${await served.checkout().createProduct()}`,
            { name: 'b' },
            { authorization: `Bearer ${adminToken}`, 'if-match': '"another"' },
          ),
    ],
    [
      'adminGetProduct',
      200,
      '',
      async () => served.checkout().admin('GET', `/products/${await served.checkout().createProduct()}`),
    ],
    [
      'adminGetProduct',
      404,
      'product_not_found',
      () => served.checkout().admin('GET', `/products/${missing}`),
    ],
    ['changeStock', 200, '', async () => changeStock(await served.checkout().createProduct(), 1)],
    ['changeStock', 404, 'product_not_found', () => changeStock(missing, 1)],
    [
      'changeStock',
      409,
      'stock_below_held',
      async () => changeStock(await served.checkout().createProduct(), -11),
    ],
    ['watchSale', 200, '', () => watched(watchSale)],
    ['adminListOrders', 200, '', () => served.checkout().admin('GET', '/orders')],
    ['adminListHolds', 200, '', () => served.checkout().admin('GET', '/holds')],
    ['adminListPaymentEvents', 200, '', () => served.checkout().admin('GET', '/payment-events')],
    ['adminListRefunds', 200, '', () => served.checkout().admin('GET', '/refunds')],
    ['adminListDisputes', 200, '', () => served.checkout().admin('GET', '/disputes')],
    [
      'settleRefund',
      200,
      '',
      async () => served.checkout().admin('POST', `/refunds/${await refund()}/settle`),
    ],
    [
      'settleRefund',
      404,
      'refund_not_found',
      () => served.checkout().admin('POST', `/refunds/${missing}/settle`),
    ],
    ['settleRefund', 409, 'refund_in_progress', sending],
    ['adminListEvents', 200, '', () => served.checkout().admin('GET', '/events?type=order.created')],
    ['adminListDeliveries', 200, '', () => served.checkout().admin('GET', '/deliveries?status=dead')],
    ['resendEvent', 200, '', resent],
    [
      'resendEvent',
      404,
      'event_not_found',
      () => served.checkout().admin('POST', `/events/${missing}/resend`),
    ],
    ['adminListEndpoints', 200, '', () => served.checkout().admin('GET', '/endpoints')],
    ['switchEndpointOn', 200, '', switchedOn],
    [
      'switchEndpointOn',
      404,
      'endpoint_not_found',
      () => served.checkout().admin('POST', '/endpoints/nowhere.example-00000000/switch-on'),
    ],
    ['audit', 200, '', () => served.checkout().admin('GET', '/audit')],
    ...operatorRows({
      checkout: served.checkout,
      watch: (server) => served.description().watch(server),
      database: served.database,
    }),
    [
      'resendEvent',
      422,
      'idempotency_key_reused',
      async () => {
        const other = await telling();
        await other.ordered(await other.createProduct());
        const [event] = (await other.admin('GET', '/events')).body.items;
        const key = { 'idempotency-key': 'reused' };
        await other.admin('POST', `/events/${event?.event_id}/resend`, undefined, key);
        return other.admin('POST', `/events/${missing}/resend`, undefined, key);
      },
    ],
    [
      'switchEndpointOn',
      422,
      'idempotency_key_reused',
      async () => {
        const other = await telling();
        const [{ endpoint } = { endpoint: '' }] = (await other.admin('GET', '/endpoints')).body.endpoints;
        const key = { 'idempotency-key': 'reused' };
        await other.admin('POST', `/endpoints/${endpoint}/switch-on`, undefined, key);
        return other.admin('POST', '/endpoints/another.example-00000000/switch-on', undefined, key);
      },
    ],
    [
      'settleRefund',
      422,
      'idempotency_key_reused',
      async () => {
        const key = { 'idempotency-key': 'reused' };
        await served.checkout().admin('POST', `/refunds/${await refund()}/settle`, undefined, key);
        return served.checkout().admin('POST', `/refunds/${missing}/settle`, undefined, key);
      },
    ],
  ];
  /** The beginning of a stream, which has no end that one could wait for. */
  async function watched(watch: typeof watchProducts): Promise<Reply> {
    const stream = await watch(served.checkout());
    await stream.until('products');
    stream.leave();
    const { path } = sampleRequest(watch === watchProducts ? 'watchProducts' : 'watchSale');
    served.description().check('GET', path, stream.reply());
    return stream.reply();
  }
  function simulatePayment(holdId: number, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return served.checkout().post(`/simulated-payments/sim_${holdId}_secret`, { action: 'early' }, headers);
  }
  function stripeEvent(id: string, type: string, orderId: number): Promise<Reply> {
    const object = stripeIntent({ order_id: orderId }, { amount_received: 10_000, currency: 'usd' });
    return sendStripeEvent(served.checkout(), { id, type, object });
  }
  function changeStock(productId: number, change: number): Promise<Reply> {
    return served.checkout().admin('POST', `/products/${productId}/stock`, { change, reason: 'inventory' });
  }
  return rows;
}
