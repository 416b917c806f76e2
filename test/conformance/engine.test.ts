import { expect, it } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { factStatuses } from '../../src/domain/payment.ts';
import { newId } from '../../src/engine/new-id.ts';
import { databases, emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

describeEach(databases)('a sale on $name', (database) => {
  const db = emptyDatabase(database);

  it('sells exactly what is there to very many buyers at once, and the audit finds no difference', async () => {
    const sale = new Sale(db.store);
    const product = await sale.product({ stock: 20 });
    const bought = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const outcome = await sale.tryHold(product, 1, { idempotencyKey: `buyer ${index % 100}` });
        if (outcome.kind !== 'hold_created') {
          expect(outcome).toMatchObject({ code: 'insufficient_stock', availableStock: 0 });
          return null;
        }
        if (outcome.replayed) {
          return null;
        }
        const order = await sale.order(outcome.hold.id);
        const event = { key: `pay ${order.id}`, orderId: order.id, reference: `pi_${order.id}` };
        const [first, again] = await Promise.all([sale.pay(event), sale.pay(event)]);
        expect(again).toEqual(first);
        return first;
      }),
    );
    expect(bought.filter((answer) => answer !== null)).toHaveLength(20);
    expect(await db.store.product(product)).toMatchObject({ stock: 0, heldStock: 0, nextReleaseAtMs: null });
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
    await sale.engine.close();
  });

  it('gives each answer of a batch the facts of the moment right after its command', async () => {
    const sale = new Sale(db.store);
    const earlier = new Sale(db.store, { rules: { holdSeconds: 60 } });
    const product = await sale.product({ stock: 10 });
    const [first, second] = [await earlier.hold(product, 1), await earlier.hold(product, 2)];
    await until(async () => db.store.nowMs() > first.createdAtMs + 1000);
    const third = await earlier.hold(product, 3);
    const before = sale.committed.length;
    const stock = (change: number): Command => ({
      kind: 'change_stock',
      stockChangeId: newId(),
      productId: product,
      change,
      reason: 'delivery',
    });
    const outcomes = await Promise.all(
      [
        stock(1),
        { kind: 'release_hold', holdId: first.id } as const,
        { kind: 'release_hold', holdId: second.id } as const,
        stock(1),
        { kind: 'release_hold', holdId: third.id } as const,
        stock(1),
        { kind: 'create_hold', holdId: 8, productId: product, quantity: 99, idempotencyKey: null } as const,
        { kind: 'create_hold', holdId: 9, productId: product, quantity: 4, idempotencyKey: null } as const,
        { kind: 'create_hold', holdId: 10, productId: product, quantity: 99, idempotencyKey: null } as const,
      ].map((command: Command) => sale.engine.submit(command).then(({ outcome }) => outcome)),
    );
    expect(sale.committed.length).toBe(before + 1);
    const nextReleaseAtMs = (await db.store.hold(9))?.value.hold.expiresAtMs;
    expect(outcomes).toMatchObject([
      { product: { stock: 11, heldStock: 6, nextReleaseAtMs: first.expiresAtMs } },
      { kind: 'hold_let_go' },
      { kind: 'hold_let_go' },
      { product: { stock: 12, heldStock: 3, nextReleaseAtMs: third.expiresAtMs } },
      { kind: 'hold_let_go' },
      { product: { stock: 13, heldStock: 0, nextReleaseAtMs: null } },
      { availableStock: 13, nextReleaseAtMs: null },
      { kind: 'hold_created' },
      { availableStock: 9, nextReleaseAtMs },
    ]);
    expect(await db.store.product(product)).toMatchObject({ stock: 13, heldStock: 4, nextReleaseAtMs });
    await sale.engine.close();
    await earlier.engine.close();
  });

  it('gives overdue units to the next buyer, and expires their orders', async () => {
    const slow = new Sale(db.store, { rules: { holdSeconds: -60, paymentSeconds: -60 } });
    const sale = new Sale(db.store);
    const product = await sale.product({ stock: 3 });
    const unpaid = await slow.order((await sale.hold(product, 2)).id);
    const runOut = await slow.hold(product, 1);
    expect(await db.store.product(product)).toMatchObject({ stock: 3, heldStock: 0, nextReleaseAtMs: null });
    const next = await sale.hold(product, 3);
    expect(next.quantity).toBe(3);
    expect((await db.store.order(unpaid.id))?.value.order.status).toBe('expired');
    expect((await db.store.hold(runOut.id))?.value.hold).toMatchObject({
      status: 'released',
      releaseReason: 'expired',
    });
    expect(await sale.pay({ orderId: unpaid.id })).toMatchObject({ result: 'refund_due' });
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
    await sale.engine.close();
    await slow.engine.close();
  });

  it('knows what is overdue while very much is, whoever else sells, and as more runs out', async () => {
    const late = new Sale(db.store, { rules: { holdSeconds: -60 } });
    const sale = new Sale(db.store);
    const short = new Sale(db.store, { rules: { holdSeconds: 1 } });
    const product = await sale.product({ stock: 100_000 });
    const heldStock = async () => (await db.store.product(product))?.heldStock;
    const agree = async () => {
      await sale.hold(product, 1);
      expect(sale.committed.at(-1)?.snapshots.get(product)?.heldStock).toBe(await heldStock());
    };

    await late.hold(product, 2_000);
    await agree();
    await agree();
    await late.hold(product, 3_000);
    await agree();
    await short.hold(product, 50);
    await sale.hold(product, 1);
    const before = await heldStock();
    await until(async () => (await heldStock()) !== before);
    await agree();
    await sale.engine.submit({ kind: 'expire_holds', productId: product, limit: 1 });
    await agree();
    await agree();
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
    await Promise.all([late, sale, short].map(({ engine }) => engine.close()));
  });

  it('knows what is overdue when most of what is held is, also in a process that has just begun', async () => {
    const late = new Sale(db.store, { rules: { holdSeconds: -60 } });
    const product = await late.product({ stock: 100_000 });
    await Promise.all(Array.from({ length: 1_200 }, () => late.hold(product, 20)));
    let live = 0;
    for (const quantity of [1, 7, 500]) {
      const sale = new Sale(db.store);
      await sale.hold(product, quantity);
      live += quantity;
      expect(sale.committed.at(-1)?.snapshots.get(product)?.heldStock).toBe(live);
      await sale.engine.close();
    }
    await late.engine.close();
  });

  it('keeps its books through 900 commands of every kind, whatever comes with what', async () => {
    const eventEndpoints = ['shop', 'books'];
    const sale = new Sale(db.store, { rules: { holdSeconds: 60, eventEndpoints }, engine: { batchMax: 16 } });
    const slow = new Sale(db.store, {
      rules: { holdSeconds: -5, paymentSeconds: -5, eventEndpoints },
      engine: { batchMax: 16 },
    });
    const products = await Promise.all([10, 30, 1].map((stock) => sale.product({ stock })));
    const holdIds: number[] = [];
    const orderIds: number[] = [];
    const next = lehmer(20_260_101);
    const pick = (ids: readonly number[]): number => ids[next() % ids.length] ?? newId();
    const pay = (): Command => ({
      kind: 'apply_payment_event',
      event: {
        key: `evt_${next() % 150}`,
        orderId: next() % 3 === 0 ? null : pick(orderIds),
        holdId: pick(holdIds),
        status: (['failed', 'paid', 'paid', 'paid', 'declined'] as const)[next() % 5] ?? 'paid',
        amountMinor: next() % 5 === 0 ? 1 : null,
        currency: 'USD',
        reference: next() % 2 === 0 ? null : `pi_${next() % 60}`,
      },
    });
    const refundId = (): number => {
      const owed = [...sale.committed, ...slow.committed]
        .flatMap(({ happened }) => happened)
        .flatMap((event) => (event.kind === 'refund_due' ? [event.refund.id] : []));
      return pick(owed);
    };
    const amount = (): number => [1, 119_999, 239_998, 359_997][next() % 4] ?? 0;
    const fact = (): Command => ({
      kind: 'apply_payment_event',
      event: {
        key: `evt_${next() % 300}`,
        orderId: next() % 3 === 0 ? pick(orderIds) : null,
        holdId: null,
        status: factStatuses[next() % factStatuses.length] ?? 'refunded',
        amountMinor: next() % 4 === 0 ? null : amount(),
        currency: 'USD',
        reference: `pi_${next() % 60}`,
        factId: `re_${next() % 3}`,
        occurredAtMs: next() % 2 === 0 ? null : next() % 5,
      },
    });
    const commands: (() => Command)[] = [
      () => {
        holdIds.push(newId());
        return {
          kind: 'create_hold',
          holdId: holdIds.at(-1) ?? 0,
          productId: pick(products),
          quantity: 1 + (next() % 3),
          idempotencyKey: next() % 4 === 0 ? `key ${next() % 50}` : null,
        };
      },
      () => {
        orderIds.push(newId());
        return {
          kind: 'create_order',
          orderId: orderIds.at(-1) ?? 0,
          holdId: pick(holdIds),
          idempotencyKey: next() % 4 === 0 ? `key ${next() % 50}` : null,
        };
      },
      pay,
      pay,
      pay,
      fact,
      fact,
      () => {
        const orderId = pick(orderIds);
        const reference = `pi_own_${orderId}`;
        return {
          kind: 'record_payment_intent',
          orderId,
          provider: 'simulated',
          reference,
          clientSecret: 's',
        };
      },
      () => ({ kind: 'close_payment_intent', orderId: pick(orderIds) }),
      () => ({ kind: 'refuse_payment', orderId: pick(orderIds), provider: 'stripe', reason: 'too small' }),
      () => ({ kind: 'begin_refund', refundId: refundId(), leaseSeconds: 0 }),
      () => ({ kind: 'postpone_refund', refundId: refundId(), error: 'timed out', delayMs: 0 }),
      () => ({ kind: 'settle_refund', refundId: refundId() }),
      () => ({
        kind: 'settle_refund',
        refundId: refundId(),
        sent: { reference: `re_${next() % 3}`, amountMinor: amount(), atMs: next() % 5 },
      }),
      () => ({
        kind: 'record_returned_sum',
        refundId: refundId(),
        returnedMinor: amount(),
        currency: 'USD',
        atMs: next() % 5,
      }),
      () => ({ kind: 'release_hold', holdId: pick(holdIds) }),
      () => ({ kind: 'cancel_order', orderId: pick(orderIds) }),
      () => ({ kind: 'expire_holds', productId: pick(products), limit: 5 }),
      () => ({
        kind: 'change_stock',
        stockChangeId: newId(),
        productId: pick(products),
        change: (next() % 5) - 2,
        reason: 'inventory',
      }),
    ];
    for (let round = 0; round < 30; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, index) => {
          const command = commands[next() % commands.length]?.() ?? pay();
          return (index % 3 === 0 ? slow : sale).engine.submit(command);
        }),
      );
      expect(answers.filter(({ outcome }) => outcome.kind === 'failed')).toEqual([]);
    }
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
    expect([...sale.defects, ...slow.defects]).toEqual([]);
    const page = { limit: 1000, cursor: null };
    const orders = (await db.store.orders({}, page)).value.items;
    for (const { order } of orders) {
      const told = (await db.store.outgoingEvents({ orderId: order.id }, page)).items;
      expect(told.filter(({ type }) => type === 'order.created')).toHaveLength(1);
      const wasPaid = told.filter(({ type }) => type === 'order.paid').length;
      // An order that is refunded by now may have been paid before.
      expect(order.status === 'refunded' ? [0, 1] : [order.status === 'paid' ? 1 : 0]).toContain(wasPaid);
    }
    await sale.engine.close();
    await slow.engine.close();
  });
});

describeEach(sharedDatabases)('two nodes on $name', (database) => {
  const db = emptyDatabase(database);

  it('sell the last units once, and answer the same idempotency key with one hold', async () => {
    const nodes = [new Sale(db.store), new Sale(db.another())];
    const product = await nodes[0]?.product({ stock: 7 });
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => nodes[index % 2]?.tryHold(product ?? 0, 1)),
    );
    expect(outcomes.filter((outcome) => outcome?.kind === 'hold_created')).toHaveLength(7);
    const other = await nodes[1]?.product({ stock: 7 });
    const same = await Promise.all(
      [0, 1, 0, 1].map((node) => nodes[node]?.hold(other ?? 0, 2, { idempotencyKey: 'one buyer' })),
    );
    expect(new Set(same.map((hold) => hold?.id)).size).toBe(1);
    expect((await db.store.audit()).ok).toBe(true);
    await Promise.all(nodes.map((node) => node.engine.close()));
  });
});

/** Numbers that look random and are the same in each run. */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
}
