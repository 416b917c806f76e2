import { expect, it } from 'vitest';
import { unsent } from '../../src/domain/refund.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  farAheadMs,
  holdRow,
  intentRow,
  kindOfError,
  largest,
  loaded,
  longAgoMs,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const sent = {
  sends: [
    { reference: 're_1', amountMinor: 100, atMs: longAgoMs + 1 },
    { reference: null, amountMinor: 20, atMs: longAgoMs + 2 },
  ],
  sentMinor: 120,
  returnedMinor: 7,
  lookedUp: { minor: 127, atMs: longAgoMs + 3 },
  attemptMinor: 20,
  leasedUntilMs: farAheadMs + 2,
  attempts: 7,
  nextAttemptAtMs: farAheadMs + 1,
  firstSentAtMs: longAgoMs + 999,
  providerReference: 're_1',
  lastError: `It's "größer" 📱 ${'x'.repeat(990)}`,
} as const;

describeEach(databases)('money on $name', (database) => {
  const db = emptyDatabase(database);
  const refundsLoaded = async (ids: readonly number[]) =>
    [...(await loaded(db.store, { refundIds: ids })).refunds.values()].sort((a, b) => a.id - b.id);

  it('keeps refunds for every reason, as they were sent', async () => {
    const reasons = ['late_payment', 'amount_mismatch', 'second_payment', 'hold_ended', 'requested'] as const;
    const refunds = [
      ...reasons.map((reason, index) => refundRow({ id: index + 1, paymentName: `ref:${index}`, reason })),
      ...(['returned', 'returned_in_part'] as const).map((reason, index) =>
        refundRow({ id: index + 11, paymentName: `ref:${reason}`, reason, status: 'succeeded' }),
      ),
      refundRow({ id: largest, paymentName: 'ref:sent', ...sent }),
    ];
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'consumed' })],
      orders: [orderRow({ status: 'paid' })],
      payments: refunds.map(({ paymentName }) => paymentRow({ name: paymentName })),
      refunds,
    });
    expect(await refundsLoaded(refunds.map(({ id }) => id))).toEqual(refunds);
    expect((await db.store.order(500))?.value.refunds).toEqual(refunds);
    expect(new Set((await db.store.refunds({}, { limit: 10, cursor: null })).items)).toEqual(
      new Set(refunds),
    );
  });

  it('reads a refund that the version before this one wrote as one that nobody has tried to send', async () => {
    await write(db.store, {
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })],
      refunds: [refundRow()],
    });
    await db.run(`insert into refunds
      (id, payment_name, order_id, hold_id, product_id, amount_minor, currency, status, reason, created_at)
      select 901, 'ref:pi_2', order_id, hold_id, product_id, amount_minor, currency, status, reason, created_at from refunds`);
    expect(await refundsLoaded([901])).toEqual([refundRow({ id: 901, paymentName: 'ref:pi_2', ...unsent })]);
    expect((await db.store.refundsToSend(10)).map(({ id }) => id)).toEqual([900, 901]);
  });

  it('replaces whatever of a refund may change, and leaves the one beside it alone', async () => {
    const other = refundRow({ id: 901, paymentName: 'ref:pi_2' });
    await write(db.store, {
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })],
      refunds: [refundRow({ reason: 'returned_in_part', status: 'succeeded', amountMinor: 5 }), other],
    });
    const grown = refundRow({ reason: 'returned', status: 'succeeded', amountMinor: 9 });
    await write(db.store, {}, { refunds: [grown] });
    expect(await refundsLoaded([900, 901])).toEqual([grown, other]);
    const owed = refundRow({ orderId: 501, holdId: 71, productId: 2, currency: 'JPY', ...sent });
    await write(db.store, {}, { refunds: [owed] });
    expect(await refundsLoaded([900, 901])).toEqual([owed, other]);
    const again = { ...owed, ...unsent, sentMinor: 0, status: 'due' } as const;
    await write(db.store, {}, { refunds: [again] });
    expect(await refundsLoaded([900])).toEqual([again]);
  });

  it('lets a settled payment go and come back under its own product, and only a flagged one under another', async () => {
    await write(db.store, {
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2', settlement: 'refunded' })],
    });
    const changed = (over: Parameters<typeof paymentRow>[0]) =>
      kindOfError(write(db.store, {}, { payments: [paymentRow(over)] }));
    expect(await changed({ settlement: 'refunded', productId: 2 })).toBe('retryable');
    expect(await changed({ name: 'ref:pi_2', settlement: 'fulfilled', productId: 2 })).toBe('retryable');
    expect(await changed({ settlement: 'refunded' })).toBe('resolved');
    expect(await changed({ settlement: 'flagged', productId: 1 })).toBe('resolved');
    expect(await changed({ name: 'ref:pi_2', settlement: 'fulfilled' })).toBe('resolved');
    expect(await changed({ settlement: 'fulfilled', productId: 2 })).toBe('resolved');
    const { payments } = await loaded(db.store, { paymentNames: ['ref:pi_1', 'ref:pi_2'] });
    const found = [...payments.values()].map(({ settlement, productId }) => [settlement, productId]);
    expect(found.sort()).toEqual([
      ['fulfilled', 1],
      ['fulfilled', 2],
    ]);
  });

  it('keeps the intent of an order, shows it with the order, and closes it', async () => {
    const intents = [
      intentRow({ clientSecret: 's'.repeat(4000), reference: 'r'.repeat(255) }),
      intentRow({
        orderId: 501,
        holdId: 71,
        provider: 'simulated',
        reference: 'pi_1',
        createdAtMs: longAgoMs,
      }),
    ] as const;
    await write(db.store, {
      products: [productRow()],
      holds: [70, 71, 72].map((id) => holdRow({ id, status: 'ordered' })),
      orders: [70, 71, 72].map((id) => orderRow({ id: id + 430, holdId: id })),
      paymentIntents: intents,
    });
    const holdIds = [70, 71, 72];
    const state = await loaded(db.store, { productIds: [1], holdIds, withPaymentIntents: true });
    expect([...state.paymentIntents].sort((a, b) => a[0] - b[0])).toEqual([
      [500, intents[0]],
      [501, intents[1]],
    ]);
    const without = await loaded(db.store, { productIds: [1], holdIds });
    expect(without.paymentIntents.size).toBe(0);

    const closed = { ...intents[0], status: 'closed' } as const;
    await write(db.store, {}, { paymentIntents: [closed] });
    expect((await db.store.order(500))?.value.paymentIntent).toEqual(closed);
    expect((await db.store.order(501))?.value.paymentIntent).toEqual(intents[1]);
    expect((await db.store.order(502))?.value.paymentIntent).toBeNull();
  });

  it('takes one intent for each order, and one order for each reference of a provider', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [70, 71].map((id) => holdRow({ id, status: 'ordered' })),
      orders: [70, 71].map((id) => orderRow({ id: id + 430, holdId: id })),
      paymentIntents: [intentRow()],
    });
    const second = (over: Parameters<typeof intentRow>[0]) =>
      kindOfError(write(db.store, { paymentIntents: [intentRow(over)] }));
    expect(await second({ reference: 'pi_2' })).toBe('conflict');
    expect(await second({ orderId: 501 })).toBe('conflict');
    expect(await second({ orderId: 501, provider: 'simulated' })).toBe('resolved');
  });

  it('loads the refund of a payment that is named as returned, whatever order it has', async () => {
    await write(db.store, {
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })],
      refunds: [refundRow({ orderId: null }), refundRow({ id: 901, paymentName: 'ref:pi_2', orderId: null })],
    });
    const state = await loaded(db.store, { paymentNames: ['ref:pi_1'], returnedPayments: ['ref:pi_1'] });
    expect([...state.payments.keys()]).toEqual(['ref:pi_1']);
    expect([...state.refunds.keys()]).toEqual([900]);
  });

  it('names the intents to ask about: open, of orders that wait and whose deadline is near', async () => {
    const nowMs = Math.floor(db.store.nowMs() / 1000) * 1000;
    const at = { near: nowMs + 10_000, nearer: nowMs + 5_000, far: nowMs + 60_000, over: nowMs - 1000 };
    const orders = [
      orderRow({ id: 1, paymentDueAtMs: at.near }),
      orderRow({ id: 2, paymentDueAtMs: at.nearer }),
      orderRow({ id: 3, paymentDueAtMs: at.far }),
      orderRow({ id: 4, paymentDueAtMs: at.over }),
      orderRow({ id: 5, paymentDueAtMs: at.near, status: 'paid' }),
      orderRow({ id: 6, paymentDueAtMs: at.near }),
      orderRow({ id: 7, paymentDueAtMs: at.near }),
    ].map((order) => ({ ...order, holdId: order.id }));
    await write(db.store, {
      products: [productRow()],
      holds: orders.map(({ id }) => holdRow({ id, status: 'ordered' })),
      orders,
      paymentIntents: [1, 2, 3, 4, 5, 6].map((id) =>
        intentRow({ orderId: id, holdId: id, reference: `pi_${id}`, status: id === 6 ? 'closed' : 'open' }),
      ),
    });
    const asked = async (limit: number) =>
      (await db.store.intentsToAsk(nowMs + 15_000, limit)).map(({ orderId }) => orderId);
    expect(await asked(10)).toEqual([2, 1]);
    expect(await asked(1)).toEqual([2]);
  });

  it('names the intents to close: open, of orders that are no longer pending, oldest first', async () => {
    const statuses = ['pending', 'paid', 'failed', 'cancelled', 'expired', 'refund_due', 'refunded'] as const;
    await write(db.store, {
      products: [productRow()],
      holds: statuses.map((_, index) => holdRow({ id: index + 1 })),
      orders: [
        ...statuses.map((status, index) => orderRow({ id: index + 1, holdId: index + 1, status })),
      ].map((order) => ({ ...order, paymentDueAtMs: longAgoMs })),
      paymentIntents: statuses.map((status, index) =>
        intentRow({
          orderId: index + 1,
          holdId: index + 1,
          reference: status,
          createdAtMs: longAgoMs - index,
          status: status === 'failed' ? 'closed' : 'open',
        }),
      ),
    });
    const named = async (limit: number) =>
      (await db.store.intentsToClose(limit)).map(({ reference }) => reference);
    expect(await named(10)).toEqual(['refunded', 'refund_due', 'expired', 'cancelled', 'paid']);
    expect(await named(2)).toEqual(['refunded', 'refund_due']);
  });

  it('names the refunds to send: due, of payments with a reference, whose next attempt has come', async () => {
    const nowMs = db.store.nowMs();
    const refunds = [
      refundRow({ id: 1, createdAtMs: longAgoMs + 9 }),
      refundRow({ id: 2, nextAttemptAtMs: nowMs - 1000 }),
      refundRow({ id: 3, nextAttemptAtMs: nowMs + 60_000 }),
      refundRow({ id: 4, status: 'succeeded' }),
      refundRow({ id: 5 }),
    ].map((refund) => ({ ...refund, paymentName: refund.id === 5 ? 'key:evt_5' : `ref:pi_${refund.id}` }));
    await write(db.store, {
      payments: refunds.map(({ paymentName }) => paymentRow({ name: paymentName })),
      refunds,
    });
    expect((await db.store.refundsToSend(10)).map(({ id }) => id)).toEqual([1, 2]);
    expect(await db.store.refundsToSend(1)).toEqual([refunds[0]]);
  });
});
