import { expect, it, onTestFinished } from 'vitest';
import type { Order } from '../../src/domain/order.ts';
import { createMigrated, databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { olderSchema } from '../support/older-schema.ts';
import { playEverything, Sale } from '../support/sale.ts';
import { eventRow, loaded, paymentRow, refundRow, write } from '../support/store-rows.ts';

const all = { limit: 1000, cursor: null };

describeEach(databases)('a database of the version before facts, on $name', (database) => {
  it('is migrated with its rows, and its books are right', async () => {
    const db = await createMigrated(database);
    onTestFinished(() => db.close());
    await playEverything(db.store);
    await write(db.store, {
      payments: [paymentRow({ name: 'ref:pi_flagged_and_gone', orderId: null, settlement: 'refunded' })],
      refunds: [
        refundRow({
          paymentName: 'ref:pi_flagged_and_gone',
          orderId: null,
          reason: 'returned',
          status: 'succeeded',
        }),
      ],
    });
    const refunds = async () =>
      (await db.store.refunds({}, all)).items.map(
        ({ sends: _, sentMinor: __, lookedUp: ___, attemptMinor: ____, leasedUntilMs: _____, ...refund }) =>
          refund,
      );
    const before = { refunds: await refunds(), orders: (await db.store.orders({}, all)).value.items };
    await db.run(
      "delete from idempotency_keys where status in ('refunded', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost')",
    );
    for (const statement of olderSchema('0003_search_indexes')) {
      await db.run(statement);
    }
    expect(await db.store.schemaState()).toBe('too_old');
    expect(await db.store.migrate()).toContain('0004_facts_about_payments');

    expect((await db.store.audit()).checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(await refunds()).toEqual(
      before.refunds.map((refund) =>
        refund.paymentName === 'ref:pi_twice' ? { ...refund, returnedMinor: 0 } : refund,
      ),
    );
    expect((await db.store.orders({}, all)).value.items.map(({ order }) => order)).toEqual(
      before.orders.map(({ order }) => order),
    );
    const decided = await db.run("select name, decision from payments where settlement = 'refunded'");
    const decisions = Object.fromEntries(decided.map((row) => Object.values(row as object)));
    expect(decisions).toMatchObject({
      'ref:pi_second': 'owed',
      'ref:pi_wrong': 'owed',
      'ref:pi_late': 'owed',
      'ref:pi_twice': 'owed',
      'ref:pi_returned': 'fulfilled',
      'ref:pi_flagged_and_gone': 'flagged',
    });
    const { payments } = await loaded(db.store, { paymentNames: ['ref:pi_paid', 'ref:pi_returned'] });
    expect([...payments.values()].map(({ decision }) => decision)).toEqual(['fulfilled', 'fulfilled']);
  });
});

/** Each statement is one that the version before facts executes, so it names none of the newer columns. */
describeEach(databases)('beside a process of the version before facts, on $name', (database) => {
  const db = emptyDatabase(database);
  const statements = async (...each: readonly string[]) => {
    for (const statement of each) {
      await db.run(statement);
    }
  };
  const started = () => {
    const sale = new Sale(db.store);
    onTestFinished(() => sale.engine.close());
    const says = (status: 'refunded' | 'refund_failed' | 'disputed', over: object = {}) =>
      sale.pay({ status, reference: 'pi_1', currency: 'USD', ...over });
    const bought = async (): Promise<Order> => {
      const order = await sale.order((await sale.hold(await sale.product())).id);
      await sale.pay({ orderId: order.id, reference: 'pi_1' });
      return order;
    };
    return { sale, says, bought };
  };
  const refundOf = async (name: string) =>
    (await db.store.refunds({}, all)).items.find(({ paymentName }) => paymentName === name);
  const statusOf = async ({ id }: Pick<Order, 'id'>) => (await db.store.order(id))?.value.order.status;
  const clean = async ({ defects }: Sale) => {
    expect((await db.store.audit()).checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(defects).toEqual([]);
  };
  /** A payment of 1,199.99 that is owed because its order has one already. */
  const owed = async () => {
    const world = started();
    const order = await world.bought();
    await world.sale.pay({ orderId: order.id, reference: 'pi_2' });
    return { ...world, order };
  };
  const sumsOf = async (name = 'ref:pi_2') => {
    const refund = await refundOf(name);
    return refund === undefined
      ? undefined
      : [refund.status, refund.owedMinor, refund.returnedMinor, refund.sentMinor];
  };

  it('a return that it records is the sum of then, in part and in full, also over one recorded here', async () => {
    const { sale, says, bought } = started();
    const order = await bought();
    await says('refunded', { amountMinor: 100, occurredAtMs: 1 });
    await statements("update refunds set amount_minor = 500 where payment_name = 'ref:pi_1'");
    expect(await sumsOf('ref:pi_1')).toEqual(['succeeded', 0, 500, 0]);
    await clean(sale);
    await statements(
      "update refunds set amount_minor = 119999, reason = 'returned' where payment_name = 'ref:pi_1'",
      "update payments set settlement = 'refunded' where name = 'ref:pi_1'",
      `update orders set status = 'refunded' where id = ${order.id}`,
    );
    await clean(sale);
    await says('refund_failed', { amountMinor: 119_999, factId: 're_1', occurredAtMs: Date.now() + 60_000 });
    expect(await statusOf(order)).toBe('paid');
    await clean(sale);
  });

  it('a refund that it settles is sent, and is due again when that failed', async () => {
    const { sale, says } = await owed();
    await says('refunded', { reference: 'pi_2', amountMinor: 99, occurredAtMs: 1 });
    await statements(
      "update refunds set status = 'succeeded', provider_reference = 're_9' where payment_name = 'ref:pi_2'",
    );
    expect(await sumsOf()).toEqual(['succeeded', 119_999, 99, 119_900]);
    await clean(sale);
    await says('refund_failed', { reference: 'pi_2', factId: 're_9', amountMinor: 119_900 });
    expect(await sumsOf()).toEqual(['due', 119_999, 99, 0]);
    await clean(sale);
  });

  it('a refund that it makes due again is due without the one that failed', async () => {
    const { sale } = await owed();
    const refundId = (await refundOf('ref:pi_2'))?.id ?? 0;
    const sent = { reference: 're_1', amountMinor: 119_999, atMs: 1 };
    await sale.engine.submit({ kind: 'settle_refund', refundId, sent });
    await statements(
      "update refunds set status = 'due', last_error = 'card closed', provider_reference = 're_1' where payment_name = 'ref:pi_2'",
    );
    expect(await sumsOf()).toEqual(['due', 119_999, 0, 0]);
    await clean(sale);
    await sale.engine.submit({ kind: 'settle_refund', refundId, sent: { ...sent, reference: 're_2' } });
    expect(await sumsOf()).toEqual(['succeeded', 119_999, 0, 119_999]);
    await clean(sale);
  });

  it('a payment that it fulfils takes in the facts that wait for it', async () => {
    const { sale, says } = started();
    const product = await sale.product();
    const order = await sale.order((await sale.hold(product)).id);
    await says('refunded', { key: 'fact' });
    const { totalMinor } = order;
    await statements(
      `insert into payments (name, order_id, hold_id, product_id, amount_minor, currency, settlement, created_at)
        select 'ref:pi_1', id, hold_id, product_id, ${totalMinor}, currency, 'fulfilled', created_at from orders`,
      `update products set stock = stock - 1, held = held - 1 where id = ${product}`,
      `update holds set status = 'consumed', open = (1 = 0), consumed = (1 = 1) where id = ${order.holdId}`,
      `update orders set status = 'paid' where id = ${order.id}`,
    );
    await clean(sale);
    const [event] = await db.store.parkedButKnown(10);
    expect(event?.key).toBe('fact');
    if (event !== undefined) {
      await sale.engine.submit({ kind: 'recheck_parked_event', event });
    }
    expect(await statusOf(order)).toBe('refunded');
    await clean(sale);
  });

  it('does not find a fact that waits for its payment among the events of its order', async () => {
    const { sale, says } = started();
    await says('disputed', { key: 'before its order', orderId: 12, amountMinor: 1, reference: null });
    await write(db.store, {
      events: [eventRow({ key: 'money', orderId: 12, productId: null, holdId: null })],
    });
    const found = await db.run("select idempotency_key from idempotency_keys where result = 'parked'");
    expect(found.map((row) => Object.values(row as object))).toEqual([['money']]);
    await clean(sale);
  });

  it('a flagged payment that it settles is settled, in each way', async () => {
    const { sale, says, bought } = started();
    const order = await bought();
    await sale.pay({ orderId: order.id });
    const names = ['pi_2', 'pi_3', 'pi_4'];
    for (const reference of names) {
      expect(await sale.pay({ orderId: order.id, reference })).toMatchObject({ result: 'refund_due' });
    }
    await statements(
      "update payments set decision = 'flagged' where name = 'ref:pi_2'",
      "update payments set decision = null where name = 'ref:pi_3'",
      "update payments set decision = 'nothing_due' where name = 'ref:pi_4'",
    );
    const paymentNames = names.map((name) => `ref:${name}`);
    const { payments } = await loaded(db.store, { paymentNames });
    expect([...payments.values()].map(({ decision }) => decision)).toEqual(['owed', 'owed', 'owed']);
    await clean(sale);
    for (const reference of names) {
      await says('refunded', { reference });
    }
    for (const name of paymentNames) {
      expect(await sumsOf(name)).toEqual(['succeeded', 119_999, 119_999, 0]);
    }
    await statements("update payments set decision = 'flagged' where name = 'ref:pi_1'");
    await says('refunded');
    expect(await statusOf(order)).toBe('refunded');
    await clean(sale);
  });
});
