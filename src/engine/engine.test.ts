import { describe, expect, it } from 'vitest';
import { overTransaction } from '../../test/support/changed-store.ts';
import {
  engineUnderTest,
  holdCommand,
  stockCommand,
  turns,
  untilSo,
} from '../../test/support/engine-under-test.ts';
import { Sale } from '../../test/support/sale.ts';
import {
  farAheadMs,
  holdRow,
  longAgoMs,
  orderRow,
  productRow,
  stockChangeRow,
  write,
} from '../../test/support/store-rows.ts';
import type { Command } from '../domain/commands.ts';

describe('the engine', () => {
  const shop = engineUnderTest();

  describe('batches', () => {
    it('decides what arrives together in one transaction, and gives each command its own answer', async () => {
      const sale = shop.open();
      const outcomes = await Promise.all(Array.from({ length: 60 }, () => sale.tryHold(1)));
      expect(shop.faulty.transactions).toBe(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'hold_created')).toHaveLength(50);
      expect(outcomes.filter((outcome) => outcome.kind === 'refused')).toHaveLength(10);
      expect(sale.committed).toHaveLength(1);
    });

    it('takes at most as many commands as it may, all else before new holds', async () => {
      const sale = shop.open({ engine: { batchMax: 4 } });
      const answered: number[] = [];
      const note = (id: number, command: Command) =>
        sale.engine.submit(command).then(() => answered.push(id));
      await Promise.all([
        ...[1, 2, 3, 4, 5].map((id) => note(id, holdCommand(id))),
        ...[11, 12, 13].map((id) => note(id, { kind: 'release_hold', holdId: id })),
      ]);
      expect(shop.faulty.transactions).toBe(2);
      expect(answered.slice(0, 4).sort((a, b) => a - b)).toEqual([1, 11, 12, 13]);
    });

    it('writes an idempotency key in the transaction of its effect', async () => {
      const sale = shop.open();
      const first = await sale.hold(1, 2, { idempotencyKey: 'key' });
      expect(shop.faulty.transactions).toBe(1);
      expect(await sale.hold(1, 2, { idempotencyKey: 'key' })).toEqual(first);
    });

    it('tells nothing before the commit', async () => {
      const sale = shop.open();
      shop.faulty.plan({ kind: 'retryable', at: 'before_commit' });
      const release = shop.faulty.block();
      const holding = sale.hold(1);
      await turns(5);
      expect(sale.committed).toEqual([]);
      release();
      await holding;
      expect(sale.committed.map(({ happened }) => happened.map((event) => event.kind))).toEqual([
        ['hold_created'],
      ]);
    });

    it('gives each answer the facts of the moment right after its command', async () => {
      const sale = shop.open();
      const submit = (command: Command) => sale.engine.submit(command).then(({ outcome }) => outcome);
      const [refused, held, refusedLater, first, second] = await Promise.all([
        submit(holdCommand(1, 60)),
        submit(holdCommand(2, 3)),
        submit(holdCommand(3, 60)),
        submit(stockCommand(901, 1)),
        submit(stockCommand(902, 1)),
      ]);
      expect(shop.faulty.transactions).toBe(1);
      expect([first, second]).toMatchObject([
        { product: { stock: 51, heldStock: 0, nextReleaseAtMs: null, version: 2 } },
        { product: { stock: 52, heldStock: 0, nextReleaseAtMs: null, version: 2 } },
      ]);
      expect(held).toMatchObject({ kind: 'hold_created' });
      const { nextReleaseAtMs } = (await shop.store.product(1)) ?? {};
      expect([refused, refusedLater]).toMatchObject([
        { availableStock: 52, nextReleaseAtMs: null },
        { availableStock: 49, nextReleaseAtMs },
      ]);
      expect(sale.committed[0]?.snapshots.get(1)).toMatchObject({ stock: 52, heldStock: 3, nextReleaseAtMs });
    });

    it('reads a next release that it knows in part without the holds of the batch', async () => {
      const sale = shop.open();
      const deadlines = [10_000, 20_000, 30_000].map((ms) => farAheadMs + ms);
      await write(
        shop.store,
        {
          holds: deadlines.map((expiresAtMs, index) => holdRow({ id: 71 + index, quantity: 2, expiresAtMs })),
        },
        { products: [productRow({ stock: 50, held: 6, version: 2 })] },
      );
      const submit = (command: Command) => sale.engine.submit(command).then(({ outcome }) => outcome);
      const outcomes = await Promise.all([
        submit({ kind: 'release_hold', holdId: 71 }),
        submit(stockCommand(901, 1)),
        submit({ kind: 'release_hold', holdId: 73 }),
        submit(holdCommand(2, 60)),
        submit(holdCommand(3, 1)),
        submit(holdCommand(4, 60)),
      ]);
      expect(shop.faulty.transactions).toBe(1);
      const made = (await shop.store.hold(3))?.value.hold.expiresAtMs;
      expect(made).toBeLessThan(farAheadMs);
      expect(outcomes).toMatchObject([
        { kind: 'hold_let_go' },
        { product: { heldStock: 4, nextReleaseAtMs: deadlines[1] } },
        { kind: 'hold_let_go' },
        { availableStock: 49, nextReleaseAtMs: deadlines[1] },
        { kind: 'hold_created' },
        { availableStock: 48, nextReleaseAtMs: made },
      ]);
      expect(sale.committed[0]?.snapshots.get(1)).toMatchObject({ heldStock: 3, nextReleaseAtMs: made });
    });

    it('tells the store what its last commits left, and forgets it when one fails', async () => {
      const { store } = shop.faulty;
      const told: number[][] = [];
      const transact: typeof store.transact = (work) =>
        store.transact((transaction) =>
          work({
            ...overTransaction(transaction, {}),
            load: (needs, lastSeen) => {
              told.push([...(lastSeen?.values() ?? [])].map(({ version }) => version));
              return transaction.load(needs, lastSeen);
            },
          }),
        );
      const sale = new Sale({ ...store, transact });
      await sale.hold(1);
      await sale.hold(1);
      shop.faulty.plan({ kind: 'retryable', at: 'before_commit' });
      await sale.hold(1);
      await sale.hold(1);
      expect(told).toEqual([[], [2], [3], [], [4]]);
      await sale.engine.close();
    });

    it('runs housekeeping at once when there is nothing else to do', async () => {
      expect(await shop.open().engine.runBetweenBatches(async () => 42)).toBe(42);
    });

    it('runs housekeeping between two batches, never beside one', async () => {
      const sale = shop.open();
      const release = shop.faulty.block();
      const seen: unknown[] = [];
      const holding = sale.hold(1);
      const job = sale.engine.runBetweenBatches(async () => {
        seen.push([shop.faulty.underWay, sale.committed.length]);
        return 42;
      });
      await turns(5);
      expect(seen).toEqual([]);
      release();
      await holding;
      expect(await job).toBe(42);
      expect(seen).toEqual([[0, 1]]);
      await expect(sale.engine.runBetweenBatches(() => Promise.reject(new Error('no')))).rejects.toThrow(
        'no',
      );
      await sale.hold(1);
    });
  });

  describe('deferred commands', () => {
    it('keep their place: nobody behind gets the units first', async () => {
      const ids = Array.from({ length: 1_100 }, (_, index) => index + 1);
      await write(shop.store, {
        products: [productRow({ id: 2, stock: 1_100, held: 1_100 })],
        stockChanges: [stockChangeRow({ id: 803, productId: 2, change: 1_100 })],
        holds: ids.map((id) => holdRow({ id, productId: 2, quantity: 1, expiresAtMs: longAgoMs })),
      });
      const sale = shop.open();
      const answered: number[] = [];
      const outcomes = await Promise.all(
        [1_050, 51, 50, 1].map(async (quantity) => {
          const outcome = await sale.tryHold(2, quantity);
          answered.push(quantity);
          return outcome;
        }),
      );
      expect(outcomes).toMatchObject([
        { kind: 'hold_created' },
        { kind: 'refused', code: 'insufficient_stock', availableStock: 50 },
        { kind: 'hold_created' },
        { kind: 'refused', code: 'insufficient_stock', availableStock: 0 },
      ]);
      expect(answered).toEqual([1_050, 51, 50, 1]);
      expect(shop.faulty.transactions).toBeGreaterThan(1);
    });
  });

  describe('bounds', () => {
    it('refuses holds when too many wait, and has room for all else', async () => {
      const sale = shop.open({ engine: { queueMax: 3 } });
      const release = shop.faulty.block();
      const first = sale.tryHold(1);
      await untilSo(() => shop.faulty.transactions === 1);
      const holds = Array.from({ length: 5 }, () => sale.tryHold(1));
      const others = Array.from({ length: 5 }, (_, index) =>
        sale.engine.submit({ kind: 'release_hold', holdId: 1000 + index }),
      );
      const overloaded = { kind: 'failed', code: 'overloaded' };
      expect(await Promise.all(holds.slice(3))).toEqual([overloaded, overloaded]);
      expect((await Promise.all(others.slice(3))).map(({ outcome }) => outcome)).toEqual([
        overloaded,
        overloaded,
      ]);
      release();
      expect((await Promise.all([first, ...holds.slice(0, 3)])).map(({ kind }) => kind)).toEqual(
        Array.from({ length: 4 }, () => 'hold_created'),
      );
      expect((await Promise.all(others.slice(0, 3))).map(({ outcome }) => outcome)).toMatchObject(
        Array.from({ length: 3 }, () => ({ code: 'hold_not_found' })),
      );
    });

    it('never runs a command that has waited too long', async () => {
      const sale = shop.open({ engine: { requestTimeoutMs: 30 } });
      const release = shop.faulty.block();
      const first = sale.tryHold(1);
      await untilSo(() => shop.faulty.transactions === 1);
      const submittedAt = performance.now();
      const late = [sale.tryHold(1), sale.tryHold(1)];
      await untilSo(() => performance.now() - submittedAt > 40);
      release();
      expect(await first).toMatchObject({ kind: 'hold_created' });
      expect(await Promise.all(late)).toEqual(late.map(() => ({ kind: 'failed', code: 'overloaded' })));
      expect(await shop.holds()).toHaveLength(1);
      expect(shop.faulty.transactions).toBe(1);
    });
  });

  describe('closing', () => {
    it('answers everything that was accepted, and takes nothing new', async () => {
      const sale = shop.open({ engine: { batchMax: 7 } });
      shop.faulty.plan(null, { kind: 'retryable', at: 'before_commit' });
      const holds = Array.from({ length: 45 }, () => sale.tryHold(1));
      const closed = sale.engine.close();
      expect(await sale.tryHold(1)).toEqual({ kind: 'failed', code: 'shutting_down' });
      await closed;
      expect(await shop.holds()).toHaveLength(45);
      expect((await Promise.all(holds)).every((outcome) => outcome.kind === 'hold_created')).toBe(true);
      await sale.engine.close();
    });

    it('lets housekeeping that was asked for finish', async () => {
      const sale = shop.open();
      const release = shop.faulty.block();
      const holding = sale.tryHold(1);
      const job = sale.engine.runBetweenBatches(async () => 'done');
      const closed = sale.engine.close();
      release();
      await closed;
      expect(await job).toBe('done');
      expect(await holding).toMatchObject({ kind: 'hold_created' });
    });
  });

  it('orders a hold whose payment came early as paid, in a single batch', async () => {
    await write(shop.store, {}, { products: [productRow({ held: 2, version: 2 })] });
    await write(shop.store, { holds: [holdRow()] });
    const sale = shop.open();
    const [, order] = await Promise.all([
      sale.pay({ holdId: 70, reference: 'pi_1' }),
      sale.order(70, { orderId: 500 }),
    ]);
    expect(order).toMatchObject({
      ...orderRow(),
      status: 'paid',
      createdAtMs: expect.any(Number),
      paymentDueAtMs: expect.any(Number),
    });
    expect(shop.faulty.transactions).toBe(1);
  });
});
