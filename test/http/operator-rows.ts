import { type Checkout, checkoutForTest, databaseForTest, type Reply } from '../support/checkout.ts';
import type { TestDatabase } from '../support/databases.ts';
import { Sale } from '../support/sale.ts';
import type { AnswerRow } from './answer-rows.ts';

/** The id of no row. */
const missing = 4_503_599_627_370;
const reason = 'decided by hand';

/** What operators decide about money, and `Idempotency-Key` on their requests: the answers of each route. */
export function operatorRows(served: {
  readonly checkout: () => Checkout;
  readonly watch: (server: Checkout) => void;
  readonly database: TestDatabase;
}): readonly AnswerRow[] {
  const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
    served.checkout().admin('POST', path, body, headers);
  const order = async (fields: Readonly<Record<string, unknown>> = {}) =>
    served.checkout().ordered(await served.checkout().createProduct(fields));
  const paid = async () => {
    const { order_id } = await order();
    await served
      .checkout()
      .pay({ idempotency_key: `by_${order_id}`, order_id, payment_reference: `${order_id}` });
    return order_id;
  };
  /** The key of an event that may report a payment for the second time. */
  const flagged = async () => {
    const order_id = await paid();
    await served.checkout().pay({ idempotency_key: `again_${order_id}`, order_id });
    return `again_${order_id}`;
  };
  const refund = (orderId: number) => post(`/orders/${orderId}/refund`, { reason });
  const pay = (orderId: number, reference: string) =>
    post(`/orders/${orderId}/pay`, { amount: 100, currency: 'USD', reference, reason });
  const resolve = (idempotency_key: string, decision: string) =>
    post('/payment-events/resolve', { idempotency_key, decision, reason });
  const reused = async (path: string, first: object, other: object, otherPath = path): Promise<Reply> => {
    const key = { 'idempotency-key': `reused ${path}` };
    await post(path, first, key);
    return post(otherPath, other, key);
  };
  const soldOut = async () => {
    const { order_id, product_id } = await order({ stock: 1 });
    await served.checkout().cancel(order_id);
    await served.checkout().hold(product_id);
    return pay(order_id, `sold out ${order_id}`);
  };
  /** An event for an order that stayed unknown, without an amount. Its payment may have bought another order. */
  const unmatched = async (hasBought: boolean) => {
    const database = await databaseForTest(served.database);
    const server = await checkoutForTest({ database, variables: { WORKER: 'false' } });
    served.watch(server);
    const named = { key: 'nowhere', orderId: missing, holdId: null, reference: 'pi_1' };
    const payment_reference = named.reference;
    await server.pay({ idempotency_key: named.key, order_id: missing, payment_reference });
    const { engine } = new Sale(database.store);
    await engine.submit({ kind: 'abandon_parked_event', event: { ...named, status: 'paid' } });
    await engine.close();
    if (hasBought) {
      const { order_id } = await server.ordered(await server.createProduct());
      await server.pay({ idempotency_key: 'here', order_id, payment_reference });
    }
    const body = { idempotency_key: named.key, decision: 'refund', reason };
    return server.admin('POST', '/payment-events/resolve', body);
  };
  const settledElsewhere = async () => {
    const order_id = await paid();
    return pay((await order()).order_id, `${order_id}`);
  };
  const product = { name: 'a', price: 1, currency: 'USD', stock: 0 };

  return [
    ['refundOrder', 200, '', async () => refund(await paid())],
    ['refundOrder', 404, 'order_not_found', () => refund(missing)],
    ['refundOrder', 409, 'order_not_refundable', async () => refund((await order()).order_id)],
    ['payOrder', 200, '', async () => pay((await order()).order_id, 'transfer')],
    ['payOrder', 404, 'order_not_found', () => pay(missing, 'nowhere')],
    ['payOrder', 409, 'order_not_payable', async () => pay(await paid(), 'once more')],
    ['payOrder', 409, 'payment_already_settled', settledElsewhere],
    ['payOrder', 409, 'insufficient_stock', soldOut],
    ['resolvePaymentEvent', 200, '', async () => resolve(await flagged(), 'nothing_due')],
    ['resolvePaymentEvent', 404, 'payment_event_not_found', () => resolve('nowhere', 'refund')],
    [
      'resolvePaymentEvent',
      409,
      'payment_event_not_waiting',
      async () => resolve(`by_${await paid()}`, 'refund'),
    ],
    [
      'resolvePaymentEvent',
      409,
      'payment_event_resolved',
      async () => {
        const key = await flagged();
        await resolve(key, 'nothing_due');
        return resolve(key, 'refund');
      },
    ],
    ['resolvePaymentEvent', 409, 'nothing_to_refund', () => unmatched(false)],
    ['resolvePaymentEvent', 409, 'payment_already_settled', () => unmatched(true)],
    ['adminListDecisions', 200, '', () => served.checkout().admin('GET', '/decisions')],
    [
      'createProduct',
      422,
      'idempotency_key_reused',
      () => reused('/products', product, { ...product, stock: 1 }),
    ],
    [
      'changeStock',
      422,
      'idempotency_key_reused',
      async () => {
        const path = `/products/${await served.checkout().createProduct()}/stock`;
        return reused(path, { change: 1, reason }, { change: 2, reason });
      },
    ],
    [
      'refundOrder',
      422,
      'idempotency_key_reused',
      async () => reused(`/orders/${await paid()}/refund`, { reason, amount: 1 }, { reason, amount: 2 }),
    ],
    [
      'payOrder',
      422,
      'idempotency_key_reused',
      async () => {
        const body = { amount: 100, currency: 'USD', reference: 'reused transfer', reason };
        return reused(`/orders/${(await order()).order_id}/pay`, body, { ...body, reference: 'another' });
      },
    ],
    [
      'resolvePaymentEvent',
      422,
      'idempotency_key_reused',
      async () => {
        const body = { idempotency_key: await flagged(), decision: 'refund', reason };
        return reused('/payment-events/resolve', body, { ...body, reason: 'another reason' });
      },
    ],
  ];
}
