import { expect, it } from 'vitest';
import {
  type Checkout,
  type CheckoutOptions,
  checkoutForTest,
  databaseForTest,
  startCheckout,
} from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { sharedDatabases } from '../support/databases.ts';
import { type EventReceiver, eventSecret, receiverForTest, verifyEvent } from '../support/event-receiver.ts';
import { describeEach } from '../support/needing.ts';
import { until } from '../support/until.ts';

/** The variables with which a service tells these receivers. */
const telling = (...receivers: EventReceiver[]) => ({
  EVENT_WEBHOOK_URLS: receivers.map(({ url }) => url).join(),
  EVENT_WEBHOOK_SECRETS: eventSecret,
  EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
});

/** What was received about one thing, and the shapes that the API itself answers with. */
const dataOf = (receiver: EventReceiver, type: string) =>
  receiver.received.find(({ body }) => body.type === type)?.body.data;

describeEach(sharedDatabases)('events for others on $name', (kind) => {
  const told = async (receiver: EventReceiver, options: CheckoutOptions = {}): Promise<Checkout> =>
    checkoutForTest({
      database: kind,
      ...options,
      variables: { ...telling(receiver), ...options.variables },
    });

  it('tell of an order and its refund with what the API itself answers', async () => {
    const receiver = await receiverForTest();
    const checkout = await told(receiver);
    const productId = await checkout.createProduct({ stock: 1 });
    const order = await checkout.ordered(productId);
    const { order_id } = order;
    await checkout.pay({ idempotency_key: 'evt_wrong', order_id, amount: 1, currency: 'USD' });
    const owed = (await checkout.get(`/api/v1/orders/${order_id}`)).body.refunds[0];
    await checkout.admin('POST', `/refunds/${owed?.refund_id}/settle`);
    await checkout.cancel(order_id);
    await until(() => receiver.received.length === 6);

    for (const received of receiver.received) {
      expect(() => verifyEvent(received)).not.toThrow();
      expect(received.body.timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    }
    const ofOrder = receiver.received.filter(({ body }) => body.data.order_id === order_id);
    expect(ofOrder.map(({ body }) => body.type)).toEqual([
      'order.created',
      'refund.due',
      'refund.succeeded',
      'order.cancelled',
    ]);
    const { payment: _, ...created } = order as typeof order & { payment: unknown };
    expect(dataOf(receiver, 'order.created')).toEqual({ ...created, created_at: expect.any(String) });
    const [refund] = (await checkout.admin('GET', '/refunds')).body.items;
    expect(dataOf(receiver, 'refund.due')).toEqual({ ...refund, status: 'due' });
    expect(dataOf(receiver, 'refund.succeeded')).toEqual(refund);
    expect(dataOf(receiver, 'order.cancelled')).toMatchObject({
      status: 'cancelled',
      refunds: [owed && { ...owed, status: 'succeeded' }],
    });
    const { next_release_at: __, ...product } = (await checkout.product(productId)).body;
    expect(dataOf(receiver, 'product.available_again')).toEqual(product);
    expect(dataOf(receiver, 'product.sold_out')).toEqual({ ...product, held_stock: 1, available_stock: 0 });
    expect(JSON.stringify(receiver.received)).not.toContain('"payment":null');
  });

  it('tell of a payment that belongs to nobody', async () => {
    const receiver = await receiverForTest();
    const checkout = await told(receiver, { variables: { PARKED_SECONDS: '1' } });
    await checkout.pay({ idempotency_key: 'evt_stray', order_id: 12_345 });
    await until(() => receiver.received.length === 1);
    const [stray] = (await checkout.admin('GET', '/payment-events')).body.items;
    expect(receiver.received[0]?.body).toMatchObject({ type: 'payment.unmatched', data: stray });
  });

  it('cost nothing where nobody listens', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database });
    await checkout.ordered(await checkout.createProduct({ stock: 1 }));
    for (const table of ['outgoing_events', 'deliveries', 'event_endpoints']) {
      expect(await database.run(`select * from ${table}`)).toEqual([]);
    }
  });

  it('reach each endpoint, and one that fails does not keep the other waiting', async () => {
    const [works, fails] = [await receiverForTest(), await receiverForTest(() => 500)];
    const checkout = await checkoutForTest({ database: kind, variables: telling(works, fails) });
    await checkout.ordered(await checkout.createProduct());
    await until(() => works.received.length === 1 && fails.received.length === 1);
    expect(works.ids).toEqual(fails.ids);
    await until(() => checkout.logged('Event could not be delivered, will try again').length === 1);
    expect(checkout.logged('Event could not be delivered, will try again')).toMatchObject([
      { webhook_id: works.ids[0], type: 'order.created', attempts: 1, error: 'answered 500' },
    ]);
  });

  it('do not go to private addresses, not even by a name, unless that is allowed', async () => {
    const receiver = await receiverForTest();
    const checkout = await told(receiver, {
      variables: {
        EVENT_WEBHOOK_URLS: `${receiver.url},${receiver.url.replace('127.0.0.1', 'localhost')}`,
        EVENT_WEBHOOK_ALLOW_PRIVATE: 'false',
      },
    });
    await checkout.ordered(await checkout.createProduct());
    const errors = await until(async () => {
      const { items } = (await checkout.admin('GET', '/deliveries?status=pending')).body;
      const found = items.map(({ last_error }) => last_error);
      return found.every((error) => typeof error === 'string') && found.length === 2 && found.toSorted();
    });
    expect(errors).toEqual([
      '127.0.0.1 is no public address',
      expect.stringMatching(/^localhost resolves to .* which is no public address$/),
    ]);
    expect(receiver.received).toEqual([]);
  });

  it('are seen by operators, sent again, and go on when a receiver is switched on again', async () => {
    const receiver = await receiverForTest(() => 410);
    const checkout = await told(receiver);
    const { order_id } = await checkout.ordered(await checkout.createProduct());
    const endpoints = async () => (await checkout.admin('GET', '/endpoints')).body.endpoints;
    const off = await until(async () => (await endpoints()).find((each) => each.switched_off_at !== null));
    expect(off).toMatchObject({ configured: true, pending: 1, dead: 0, reason: 'answered 410 Gone' });
    const { endpoint } = off;
    await until(() => checkout.logged('Endpoint for events switched off', { endpoint }).length === 1);

    receiver.answering = () => 204;
    const switchedOn = await checkout.admin('POST', `/endpoints/${endpoint}/switch-on`);
    expect(switchedOn.body).toMatchObject({ endpoint, switched_off_at: null, reason: null });
    const delivered = async () => (await checkout.admin('GET', '/deliveries?status=delivered')).body.items;
    await until(async () => (await delivered()).length === 1);
    const [event] = (await checkout.admin('GET', `/events?order_id=${order_id}`)).body.items;
    expect(event).toMatchObject({
      type: 'order.created',
      webhook_id: receiver.ids[0],
      data: receiver.received[0]?.body.data,
    });

    const before = receiver.received.length;
    const resent = await checkout.admin('POST', `/events/${event?.event_id}/resend`);
    expect(resent.body).toEqual({ resent: 1 });
    await until(() => receiver.received.length === before + 1);
    expect(new Set(receiver.ids)).toEqual(new Set([event?.webhook_id]));
  });

  it('come twice under one id when a process is killed after it sent one and before it could write that down', async () => {
    const database = await databaseForTest(kind);
    await database.store.migrate();
    let kill = (): Promise<void> => Promise.resolve();
    const receiver = await receiverForTest(async (_received, _response, nth) => {
      if (nth === 1) {
        await kill();
      }
      return 204;
    });
    const options = { databaseUrl: database.url, variables: telling(receiver) };
    const first = await startProcess(options);
    kill = () => first.kill();
    const productId = await first.createProduct();
    // It may be killed before it has answered.
    await first.ordered(productId).catch(() => undefined);
    await first.ended;
    // Its lease would run out in half a minute.
    await database.run('update event_endpoints set leased_until = null');
    const second = await startProcess({ ...options, command: 'worker' });
    await until(() => receiver.received.length === 2);
    await until(async () => (await database.store.endpoints())[0]?.pending === 0);
    expect(new Set(receiver.ids).size).toBe(1);
    expect(receiver.received[0]?.text).toBe(receiver.received[1]?.text);
    second.signal('SIGTERM');
    expect(await second.ended).toEqual({ code: 0, signal: null });
  });

  it('keep no process from stopping while a receiver does not answer, and are sent later', async () => {
    const receiver = await receiverForTest(() => undefined);
    const database = await databaseForTest(kind);
    await database.store.migrate();
    const service = await startProcess({ databaseUrl: database.url, variables: telling(receiver) });
    await service.ordered(await service.createProduct());
    await until(() => receiver.received.length === 1);
    service.signal('SIGTERM');
    expect(await service.ended).toEqual({ code: 0, signal: null });
    expect(await database.store.deliveries({ status: 'pending' }, { limit: 9, cursor: null })).toMatchObject({
      items: [{ delivery: { attempts: 0 } }],
    });
  });
});

it('refuses to start when events could not be signed', async () => {
  const variables = { EVENT_WEBHOOK_URLS: 'https://shop.example/events' };
  await expect(startCheckout({ variables })).rejects.toThrow('set EVENT_WEBHOOK_SECRETS');
});
