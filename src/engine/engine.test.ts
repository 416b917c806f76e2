import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases, emptyDatabase } from '../../test/support/databases.ts';
import { FaultyStore } from '../../test/support/faulty-store.ts';
import { Sale, type SaleOptions } from '../../test/support/sale.ts';
import {
  holdRow,
  longAgoMs,
  orderRow,
  productRow,
  stockChangeRow,
  write,
} from '../../test/support/store-rows.ts';
import type { Command } from '../domain/commands.ts';
import { decide } from '../domain/decide.ts';
import { Defect } from '../domain/defect.ts';
import type { StoreErrorKind } from '../store/store-error.ts';
import type { Decide } from './batch.ts';

const memory = databases.filter((database) => database.name === 'SQLite in memory');

describe.each(memory)('the engine', (database) => {
  const db = emptyDatabase(database);
  let faulty: FaultyStore;
  let sales: Sale[] = [];
  const open = (options: SaleOptions = {}): Sale => {
    const sale = new Sale(faulty.store, options);
    sales.push(sale);
    return sale;
  };
  beforeEach(async () => {
    faulty = new FaultyStore(db.store);
    await write(db.store, { products: [productRow({ stock: 50 })], stockChanges: [stockChangeRow()] });
  });
  afterEach(async () => {
    await Promise.all(sales.map((sale) => sale.engine.close()));
    sales = [];
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
  });

  const times = (
    count: number,
    kind: StoreErrorKind,
    at: 'before_commit' | 'after_commit' = 'before_commit',
  ) => Array.from({ length: count }, () => ({ kind, at }));
  const holdsOf = async () => (await db.store.holds({}, { limit: 1000, cursor: null })).value.items;
  const hold = (holdId: number, over: { productId?: number; quantity?: number } = {}): Command => ({
    kind: 'create_hold',
    holdId,
    productId: 1,
    quantity: 1,
    idempotencyKey: null,
    ...over,
  });

  describe('batches', () => {
    it('decides what arrives together in one transaction, and gives each command its own answer', async () => {
      const sale = open();
      const outcomes = await Promise.all(Array.from({ length: 60 }, () => sale.tryHold(1)));
      expect(faulty.transactions).toBe(1);
      expect(outcomes.filter((outcome) => outcome.kind === 'hold_created')).toHaveLength(50);
      expect(outcomes.filter((outcome) => outcome.kind === 'refused')).toHaveLength(10);
      expect(sale.committed).toHaveLength(1);
    });

    it('takes at most as many commands as it may, all else before new holds', async () => {
      const sale = open({ engine: { batchMax: 4 } });
      const answered: number[] = [];
      const note = (id: number, command: Command) =>
        sale.engine.submit(command).then(() => answered.push(id));
      await Promise.all([
        ...[1, 2, 3, 4, 5].map((id) => note(id, hold(id))),
        ...[11, 12, 13].map((id) => note(id, { kind: 'release_hold', holdId: id })),
      ]);
      expect(faulty.transactions).toBe(2);
      expect(answered.slice(0, 4).sort((a, b) => a - b)).toEqual([1, 11, 12, 13]);
    });

    it('tells nothing before the commit', async () => {
      const sale = open();
      faulty.plan(...times(1, 'retryable'));
      const release = faulty.block();
      const holding = sale.hold(1);
      await turns(5);
      expect(sale.committed).toEqual([]);
      release();
      await holding;
      expect(sale.committed.map(({ happened }) => happened.map((event) => event.kind))).toEqual([
        ['hold_created'],
      ]);
    });

    it('answers with the product as the batch left it', async () => {
      const sale = open();
      const answers = await Promise.all(
        [hold(1, { quantity: 3 }), hold(2)].map((command) => sale.engine.submit(command)),
      );
      expect(answers.map((answer) => answer.snapshot)).toEqual([
        expect.objectContaining({ stock: 50, heldStock: 4, version: 2 }),
        expect.objectContaining({ stock: 50, heldStock: 4, version: 2 }),
      ]);
      const gone = await sale.engine.submit({ kind: 'release_hold', holdId: 1 });
      expect(gone.snapshot).toMatchObject({ heldStock: 1, nextReleaseAtMs: expect.any(Number) });
      expect(await db.store.product(1)).toMatchObject({ nextReleaseAtMs: gone.snapshot?.nextReleaseAtMs });
    });

    it('runs housekeeping between two batches, never beside one', async () => {
      const sale = open();
      const release = faulty.block();
      const seen: unknown[] = [];
      const holding = sale.hold(1);
      const job = sale.engine.runBetweenBatches(async () => {
        seen.push([faulty.underWay, sale.committed.length]);
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

  describe('retries', () => {
    it('decides again what can be decided again, until it is committed', async () => {
      const sale = open();
      faulty.plan(...times(4, 'retryable'));
      await sale.hold(1);
      expect(faulty.transactions).toBe(5);
      expect(sale.failed.map(({ willRetry, commands }) => [willRetry, commands])).toEqual(
        Array.from({ length: 4 }, () => [true, 1]),
      );
      expect(await holdsOf()).toHaveLength(1);
    });

    it('gives up when the time of a command is up', async () => {
      const sale = open({ engine: { requestTimeoutMs: 40 } });
      faulty.plan(...times(10_000, 'retryable'));
      expect(await sale.tryHold(1)).toEqual({ kind: 'failed', code: 'database_unavailable' });
      expect(faulty.transactions).toBeLessThan(100);
      expect(await holdsOf()).toEqual([]);
    });

    it('answers at once when the database cannot be written, and works again when it can', async () => {
      const sale = open();
      faulty.plan(...times(1, 'unavailable'));
      const outcomes = await Promise.all([sale.tryHold(1), sale.tryHold(1)]);
      expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'failed', code: 'database_unavailable' })));
      expect(sale.failed).toEqual([{ error: expect.anything(), commands: 2, willRetry: false }]);
      expect(await sale.tryHold(1)).toMatchObject({ kind: 'hold_created' });
      expect(await holdsOf()).toHaveLength(1);
    });

    it('makes ids anew when one is taken already', async () => {
      const sale = open();
      await sale.hold(1, 2, { holdId: 77 });
      const second = await sale.hold(1, 3, { holdId: 77 });
      expect(second.id).not.toBe(77);
      const other = await sale.hold(1);
      await sale.order(77, { orderId: 88 });
      expect((await sale.order(other.id, { orderId: 88 })).id).not.toBe(88);
      const changes = await Promise.all([1, 2].map(() => sale.engine.submit(changeStock(800, 1))));
      expect(changes.map(({ outcome }) => outcome.kind)).toEqual(['stock_changed', 'stock_changed']);
      expect(await db.store.product(1)).toMatchObject({ stock: 52, heldStock: 6 });
    });
  });

  describe('a commit whose outcome is unknown', () => {
    const changeStockBy5: Command = changeStock(801, 5);
    const newProduct: Command = {
      kind: 'create_product',
      stockChangeId: 802,
      name: 'New',
      priceMinor: 1,
      currency: 'USD',
      stock: 7,
      reason: 'first stock',
      opensAtMs: null,
      closesAtMs: null,
    };

    it.each(['before_commit', 'after_commit'] as const)(
      'is looked up: nothing is lost and nothing doubled when it fell %s',
      async (at) => {
        const sale = open();
        const first = await sale.hold(1, 4);
        const paid = await sale.order((await sale.hold(1, 2)).id);
        const gone = await sale.hold(1, 5);
        faulty.plan({ kind: 'outcome_unknown', at });
        const commands: Command[] = [
          hold(101, { quantity: 3 }),
          { ...hold(102), idempotencyKey: 'key' } as Command,
          { kind: 'create_order', orderId: 103, holdId: first.id, idempotencyKey: null },
          { kind: 'release_hold', holdId: gone.id },
          changeStockBy5,
          newProduct,
          {
            kind: 'apply_payment_event',
            event: {
              key: 'evt',
              orderId: paid.id,
              holdId: null,
              status: 'paid',
              amountMinor: null,
              currency: null,
              reference: null,
            },
          },
        ];
        const answers = await Promise.all(commands.map((command) => sale.engine.submit(command)));
        expect(answers.map(({ outcome }) => outcome)).toMatchObject([
          { kind: 'hold_created', hold: { id: 101, quantity: 3 } },
          { kind: 'hold_created', hold: { id: 102 } },
          { kind: 'order_created', order: { id: 103 } },
          { kind: 'hold_let_go' },
          { kind: 'stock_changed', product: { stock: 53 } },
          { kind: 'product_created', product: { id: 2, stock: 7 } },
          { kind: 'payment_event_answered', answer: { result: 'processed', stockDeducted: 2 } },
        ]);
        expect(await db.store.product(1)).toMatchObject({ stock: 53, heldStock: 8 });
        expect(await db.store.products()).toHaveLength(2);
        expect(await holdsOf()).toHaveLength(5);
        expect(sale.failed).toMatchObject([{ willRetry: true, commands: 7 }]);
      },
    );

    it('keeps the ids when a conflict follows, since they tell whether it took place', async () => {
      const sale = open();
      faulty.plan(
        { kind: 'outcome_unknown', at: 'after_commit' },
        { kind: 'conflict', at: 'before_commit' },
        { kind: 'retryable', at: 'before_commit' },
      );
      expect((await sale.hold(1, 2, { holdId: 55 })).id).toBe(55);
      expect(faulty.transactions).toBe(4);
      expect(await holdsOf()).toHaveLength(1);
      expect(await db.store.product(1)).toMatchObject({ heldStock: 2 });
    });
  });

  describe('defects', () => {
    /** Trips over every batch with a hold of 13 units in it. */
    const superstitious: Decide = (state, commands, ...rest) => {
      if (commands.some((command) => command.kind === 'create_hold' && command.quantity === 13)) {
        throw new Defect('thirteen');
      }
      return decide(state, commands, ...rest);
    };

    it('fails the one culprit in a batch of 200, and decides the others', async () => {
      await write(db.store, {
        products: [productRow({ id: 2, stock: 1000 })],
        stockChanges: [stockChangeRow({ id: 803, productId: 2, change: 1000 })],
      });
      const sale = open({ decide: superstitious });
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, index) => sale.tryHold(2, index === 120 ? 13 : 1)),
      );
      expect(outcomes[120]).toEqual({ kind: 'failed', code: 'internal_error' });
      expect(outcomes.filter((outcome) => outcome.kind === 'hold_created')).toHaveLength(199);
      expect(sale.defects).toEqual([{ error: expect.any(Defect), command: 'create_hold' }]);
      expect(await db.store.product(2)).toMatchObject({ heldStock: 199 });
      expect(await sale.tryHold(2)).toMatchObject({ kind: 'hold_created' });
    });

    it('takes an error that no store and no rule knows for a defect', async () => {
      const sale = open({
        decide: () => {
          throw new TypeError('a bug');
        },
      });
      expect(await sale.tryHold(1)).toEqual({ kind: 'failed', code: 'internal_error' });
      expect(await holdsOf()).toEqual([]);
    });

    it('does not decide a committed batch again because whoever is told of it fails', async () => {
      const sale = open();
      sale.committed.push = () => {
        throw new Error('the log is broken');
      };
      const outcomes = await Promise.all([sale.tryHold(1, 1), sale.tryHold(1, 1)]);
      expect(await holdsOf()).toHaveLength(2);
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['hold_created', 'hold_created']);
    });
  });

  describe('deferred commands', () => {
    it('keep their place: nobody behind gets the units first', async () => {
      const ids = Array.from({ length: 1_100 }, (_, index) => index + 1);
      await write(db.store, {
        products: [productRow({ id: 2, stock: 1_100, held: 1_100 })],
        stockChanges: [stockChangeRow({ id: 803, productId: 2, change: 1_100 })],
        holds: ids.map((id) => holdRow({ id, productId: 2, quantity: 1, expiresAtMs: longAgoMs })),
      });
      const sale = open();
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
      expect(faulty.transactions).toBeGreaterThan(1);
    });

    it('keep their order also when a defect in their batch made each be decided alone', async () => {
      const decided: number[] = [];
      let batches = 0;
      const sale = open({
        decide: (state, commands, ...rest) => {
          batches += 1;
          if (batches === 1) {
            throw new Defect('the batch as a whole');
          }
          const decision = decide(state, commands, ...rest);
          if (batches <= 4) {
            return {
              ...decision,
              changes: decide(state, [], ...rest).changes,
              outcomes: commands.map(() => ({ kind: 'deferred' })),
            };
          }
          decided.push(...commands.map((command) => (command.kind === 'create_hold' ? command.quantity : 0)));
          return decision;
        },
      });
      await Promise.all([1, 2, 3].map((quantity) => sale.hold(1, quantity)));
      expect(decided).toEqual([1, 2, 3]);
    });
  });

  describe('bounds', () => {
    it('refuses holds when too many wait, and has room for all else', async () => {
      const sale = open({ engine: { queueMax: 3 } });
      const release = faulty.block();
      const first = sale.tryHold(1);
      await until(() => faulty.transactions === 1);
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
      const sale = open({ engine: { requestTimeoutMs: 30 } });
      const release = faulty.block();
      const first = sale.tryHold(1);
      await until(() => faulty.transactions === 1);
      const submittedAt = performance.now();
      const late = [sale.tryHold(1), sale.tryHold(1)];
      await until(() => performance.now() - submittedAt > 40);
      release();
      expect(await first).toMatchObject({ kind: 'hold_created' });
      expect(await Promise.all(late)).toEqual(late.map(() => ({ kind: 'failed', code: 'overloaded' })));
      expect(await holdsOf()).toHaveLength(1);
      expect(faulty.transactions).toBe(1);
    });
  });

  describe('closing', () => {
    it('answers everything that was accepted, and takes nothing new', async () => {
      const sale = open({ engine: { batchMax: 7 } });
      faulty.plan(null, ...times(2, 'retryable'));
      const holds = Array.from({ length: 45 }, () => sale.tryHold(1));
      const closed = sale.engine.close();
      expect(await sale.tryHold(1)).toEqual({ kind: 'failed', code: 'shutting_down' });
      await closed;
      expect(await holdsOf()).toHaveLength(45);
      expect((await Promise.all(holds)).every((outcome) => outcome.kind === 'hold_created')).toBe(true);
      await sale.engine.close();
    });

    it('lets housekeeping that was asked for finish', async () => {
      const sale = open();
      const release = faulty.block();
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
    await write(db.store, {}, { products: [productRow({ held: 2, version: 2 })] });
    await write(db.store, { holds: [holdRow()] });
    const sale = open();
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
    expect(faulty.transactions).toBe(1);
  });
});

function changeStock(stockChangeId: number, change: number): Command {
  return { kind: 'change_stock', stockChangeId, productId: 1, change, reason: 'delivery' };
}

/** Waits for a condition, letting everything else run in between. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await turns(1);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
