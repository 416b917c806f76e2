import { expect, it } from 'vitest';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import {
  disputeRow,
  eventRow,
  farAheadMs,
  holdRow,
  loaded,
  longAgoMs,
  needs,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  write,
} from '../support/store-rows.ts';

const unknown = { orderId: null, holdId: null, productId: null } as const;

describeEach(databases)('facts about payments on $name', (database) => {
  const db = emptyDatabase(database);
  const clean = async () => expect((await db.store.audit()).checks.filter(({ ok }) => !ok)).toEqual([]);

  it('come with the payment that they name, in every result, and with no other', async () => {
    await write(db.store, {
      events: [
        eventRow({ key: 'money', result: 'processed' }),
        eventRow({ key: 'waits', status: 'refunded', ...unknown }),
        eventRow({ key: 'taken in', status: 'refund_failed', result: 'processed' }),
        eventRow({ key: 'said before', status: 'refunded', result: 'ignored' }),
        eventRow({ key: 'in vain', status: 'disputed', result: 'unmatched', ...unknown }),
        eventRow({ key: 'other', status: 'refunded', reference: 'pi_2' }),
        eventRow({ key: 'other case', status: 'refunded', reference: 'PI_1' }),
      ],
    });
    const state = await loaded(db.store, { paymentNames: ['ref:pi_1'] });
    expect([...state.events.keys()].sort()).toEqual(['in vain', 'said before', 'taken in', 'waits']);
    expect((await loaded(db.store, { paymentNames: ['key:pi_1'] })).events.size).toBe(0);
  });

  it('come with the hold that they name alone, where payments are asked for', async () => {
    const fact = { status: 'refunded', reference: null } as const;
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'ordered' }), holdRow({ id: 71 })],
      orders: [orderRow()],
      events: [
        eventRow({ key: 'of the hold', ...fact }),
        eventRow({ key: 'of its order', ...fact, orderId: 500 }),
        eventRow({ key: 'of another hold', ...fact, holdId: 71 }),
        eventRow({ key: 'of a payment', ...fact, reference: 'pi_9' }),
      ],
    });
    const state = await loaded(db.store, { productIds: [1], holdIds: [70], withPayments: true });
    expect([...state.events.keys()].sort()).toEqual(['of its order', 'of the hold']);
    expect((await loaded(db.store, { productIds: [1], holdIds: [70] })).events.size).toBe(0);
  });

  it('bring the disputes of the loaded payments', async () => {
    await write(db.store, {
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })],
      events: [eventRow({ key: 'e', status: 'dispute_lost', result: 'processed' })],
      disputes: [disputeRow(), disputeRow({ id: 'dp_2' }), disputeRow({ paymentName: 'ref:pi_2' })],
    });
    const state = await loaded(db.store, { paymentNames: ['ref:pi_1'] });
    expect([...state.disputes.values()].map(({ id }) => id).sort()).toEqual(['dp_1', 'dp_2']);
    expect((await loaded(db.store, { paymentNames: ['ref:pi_3'] })).disputes.size).toBe(0);
  });

  it('are counted apart from money while neither order nor hold is known', async () => {
    await write(db.store, {
      events: [
        eventRow({ key: 'money', ...unknown, orderId: 7 }),
        eventRow({ key: 'fact', status: 'refunded', ...unknown }),
        eventRow({ key: 'another', status: 'disputed', ...unknown, orderId: 7 }),
        eventRow({ key: 'known', status: 'disputed' }),
        eventRow({ key: 'in vain', status: 'disputed', result: 'unmatched', ...unknown }),
      ],
    });
    const state = await loaded(db.store, { withParkedUnknown: true, withParkedUnknownFacts: true });
    expect([state.parkedUnknown, state.parkedUnknownFacts]).toEqual([1, 2]);
  });

  it('bring the refund of a flagged payment, whichever order it is of, also for an overdue hold', async () => {
    await write(db.store, {
      products: [productRow({ held: 2 })],
      holds: [holdRow({ parked: 'paid', expiresAtMs: longAgoMs })],
      events: [eventRow()],
      payments: [paymentRow({ settlement: 'flagged', orderId: 7, holdId: 6 })],
      refunds: [
        refundRow({ orderId: 7, holdId: 6, reason: 'returned_in_part', status: 'succeeded', amountMinor: 5 }),
      ],
    });
    const named = await loaded(db.store, { paymentNames: ['ref:pi_1'] });
    expect([...named.refunds.keys()]).toEqual([900]);
    const overdue = await db.store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1] }));
      return transaction.loadOverdue([{ productId: 1, rows: 1 }]);
    });
    expect([...overdue.refunds.keys()]).toEqual([900]);
  });

  it('stay with a flagged payment that turns out to be of another order, and that ends without one', async () => {
    const sale = new Sale(db.store);
    const slow = new Sale(db.store, { rules: { holdSeconds: -60 } });
    const product = await sale.product();
    const first = await sale.order((await sale.hold(product)).id);
    const second = await sale.order((await sale.hold(product)).id);
    await sale.pay({ orderId: first.id });
    for (const reference of ['pi_a', 'pi_b']) {
      expect(await sale.pay({ orderId: first.id, reference })).toMatchObject({
        result: 'possible_second_payment',
      });
      await sale.pay({ status: 'refunded', reference, amountMinor: 100, currency: 'USD' });
      await sale.pay({ status: 'disputed', reference, amountMinor: 50, currency: 'USD', factId: 'dp_1' });
    }
    expect(await sale.pay({ orderId: second.id, reference: 'pi_a' })).toMatchObject({ result: 'processed' });
    const overdue = await slow.hold(product);
    expect(await sale.pay({ holdId: overdue.id, reference: 'pi_b' })).toMatchObject({ result: 'parked' });
    await sale.engine.submit({ kind: 'expire_holds', productId: product, limit: 10 });
    const all = { limit: 10, cursor: null };
    const refunds = (await db.store.refunds({}, all)).items;
    expect(
      refunds.map(({ paymentName, amountMinor, status, orderId }) => [
        paymentName,
        amountMinor,
        status,
        orderId,
      ]),
    ).toEqual([
      ['ref:pi_b', 119_999, 'due', null],
      ['ref:pi_a', 100, 'succeeded', second.id],
    ]);
    const disputes = (await db.store.disputes({}, all)).items;
    expect(disputes.map(({ paymentName, holdId }) => [paymentName, holdId])).toEqual([
      ['ref:pi_b', overdue.id],
      ['ref:pi_a', second.holdId],
    ]);
    expect(await db.store.backlog()).toMatchObject({ refundsUnderDispute: 1, openDisputes: { count: 2 } });
    await clean();
    await Promise.all([sale.engine.close(), slow.engine.close()]);
  });

  it('are named to the worker when their payment, order or hold is known by now', async () => {
    await write(db.store, {
      products: [productRow()],
      holds: [holdRow({ status: 'consumed' }), holdRow({ id: 71 })],
      orders: [orderRow({ status: 'paid' })],
      payments: [paymentRow()],
      events: [
        eventRow({ key: 'of the payment', status: 'refunded', ...unknown }),
        eventRow({ key: 'of the order', status: 'refunded', ...unknown, orderId: 500, reference: 'pi_7' }),
        eventRow({ key: 'of the hold', status: 'disputed', ...unknown, holdId: 71, reference: null }),
        eventRow({ key: 'under a sold hold', status: 'disputed', reference: null }),
        eventRow({ key: 'under an open hold', status: 'disputed', reference: null, holdId: 71 }),
        eventRow({ key: 'of another shop', status: 'refunded', ...unknown, reference: 'pi_8' }),
        eventRow({ key: 'of no order', status: 'refunded', ...unknown, orderId: 9, reference: 'pi_8' }),
        eventRow({ key: 'money', ...unknown, orderId: 500 }),
        eventRow({ key: 'taken in', status: 'refunded', result: 'processed' }),
      ],
    });
    const named = async (limit: number) => (await db.store.parkedButKnown(limit)).map(({ key }) => key);
    expect((await named(10)).sort()).toEqual([
      'money',
      'of the hold',
      'of the order',
      'of the payment',
      'under a sold hold',
    ]);
    expect(await named(2)).toHaveLength(2);
    const ofOrders = await db.store.parkedForOrders([{ id: 500, holdId: 70 }]);
    expect(ofOrders.map(({ key }) => key).sort()).toEqual(['money', 'of the order']);
  });

  it('that named an order or hold, or whose payment was reported here, end as unmatched; others are deleted', async () => {
    const fact = { status: 'refunded', ...unknown } as const;
    await write(db.store, {
      events: [
        eventRow({ key: 'of another shop', ...fact, reference: 'pi_2' }),
        eventRow({ key: 'of an order', ...fact, orderId: 9, reference: 'pi_2' }),
        eventRow({ key: 'of a hold', ...fact, holdId: 9, reference: null }),
        eventRow({ key: 'of money', ...fact, receivedAtMs: longAgoMs + 1 }),
        eventRow({ key: 'money', ...unknown, orderId: 8 }),
        eventRow({ key: 'young', ...fact, reference: 'pi_2', receivedAtMs: farAheadMs }),
      ],
    });
    const old = (await db.store.parkedSince(longAgoMs + 1000, 10)).map(({ key }) => key);
    expect(old.sort()).toEqual(['money', 'of a hold', 'of an order', 'of money']);
    const before = {
      releasedHoldsMs: 0,
      endedOrdersMs: 0,
      requestKeysMs: 0,
      outgoingEventsMs: 0,
      unknownFactsMs: longAgoMs + 1000,
    };
    expect(await db.store.purge(before, 10)).toEqual({ deleted: 1, facts: 1, isDone: true });
    const { items } = await db.store.paymentEvents({}, { limit: 10, cursor: null });
    expect(items.map(({ key }) => key)).toEqual(['young', 'money', 'of money', 'of a hold', 'of an order']);
    expect(await db.store.purge(before, 10)).toEqual({ deleted: 0, facts: 0, isDone: true });
  });

  it('are deleted oldest first, at most as many as asked for', async () => {
    const at = (ms: number) => ({ key: `${ms}`, receivedAtMs: longAgoMs + ms });
    await write(db.store, {
      events: [3, 1, 2].map((ms) => eventRow({ status: 'refunded', ...unknown, ...at(ms) })),
    });
    const before = {
      releasedHoldsMs: 0,
      endedOrdersMs: 0,
      requestKeysMs: 0,
      outgoingEventsMs: 0,
      unknownFactsMs: longAgoMs + 1000,
    };
    expect(await db.store.purge(before, 2)).toEqual({ deleted: 2, facts: 2, isDone: false });
    const { items } = await db.store.paymentEvents({}, { limit: 10, cursor: null });
    expect(items.map(({ key }) => key)).toEqual(['3']);
    expect(await db.store.purge(before, 2)).toEqual({ deleted: 1, facts: 1, isDone: true });
  });

  it('are taken in by their payment or deleted, and never both', async () => {
    const before = {
      releasedHoldsMs: 0,
      endedOrdersMs: 0,
      requestKeysMs: 0,
      outgoingEventsMs: 0,
      unknownFactsMs: farAheadMs,
    };
    const sale = new Sale(db.store);
    const product = await sale.product();
    for (let round = 0; round < 5; round += 1) {
      const reference = `pi_${round}`;
      const order = await sale.order((await sale.hold(product)).id);
      const { totalMinor: amountMinor } = order;
      await sale.pay({ status: 'refunded', key: `fact ${round}`, reference, amountMinor, currency: 'USD' });
      const [{ facts }, answer] = await Promise.all([
        db.store.purge(before, 10),
        sale.pay({ orderId: order.id, reference }),
      ]);
      const kept = (await loaded(db.store, { eventKeys: [`fact ${round}`] })).events.get(`fact ${round}`);
      expect([facts, kept?.result]).toEqual(facts === 1 ? [1, undefined] : [0, 'processed']);
      expect(answer).toMatchObject({ orderStatus: facts === 1 ? 'paid' : 'refunded' });
    }
    expect(sale.defects).toEqual([]);
    await clean();
    await sale.engine.close();
  });

  it('that were deleted after they had been loaded let the batch be decided again', async () => {
    await write(db.store, { events: [eventRow({ status: 'refunded', ...unknown })] });
    await db.run('delete from idempotency_keys');
    const taken = eventRow({ status: 'refunded', result: 'processed' });
    await expect(write(db.store, {}, { events: [taken] })).rejects.toMatchObject({ kind: 'retryable' });
  });
});
