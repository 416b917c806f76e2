import { describe, expect, it } from 'vitest';
import { engineUnderTest, holdCommand, stockCommand } from '../../test/support/engine-under-test.ts';
import type { Fault } from '../../test/support/faulty-store.ts';
import { productRow, stockChangeRow, write } from '../../test/support/store-rows.ts';
import type { Command } from '../domain/commands.ts';
import { decide } from '../domain/decide.ts';
import { Defect } from '../domain/defect.ts';
import type { StoreErrorKind } from '../store/store-error.ts';
import type { Decide } from './batch.ts';

function times(count: number, kind: StoreErrorKind): Fault[] {
  return Array.from({ length: count }, () => ({ kind, at: 'before_commit' }));
}

describe('the engine when something fails', () => {
  const shop = engineUnderTest();

  describe('retries', () => {
    it('decides again what can be decided again, until it is committed', async () => {
      const sale = shop.open();
      shop.faulty.plan(...times(4, 'retryable'));
      expect(await sale.hold(1, 1, { holdId: 77 })).toMatchObject({ id: 77 });
      expect(shop.faulty.transactions).toBe(5);
      expect(sale.failed.map(({ willRetry, commands }) => [willRetry, commands])).toEqual(
        Array.from({ length: 4 }, () => [true, 1]),
      );
      expect(await shop.holds()).toHaveLength(1);
    });

    it('gives up when the time of a command is up', async () => {
      const sale = shop.open({ engine: { requestTimeoutMs: 40 } });
      shop.faulty.plan(...times(10_000, 'retryable'));
      expect(await sale.tryHold(1)).toEqual({ kind: 'failed', code: 'database_unavailable' });
      expect(shop.faulty.transactions).toBeLessThan(100);
      expect(await shop.holds()).toEqual([]);
    });

    it('answers at once when the database cannot be written, and works again when it can', async () => {
      const sale = shop.open();
      shop.faulty.plan(...times(1, 'unavailable'));
      const outcomes = await Promise.all([sale.tryHold(1), sale.tryHold(1)]);
      expect(outcomes).toEqual(outcomes.map(() => ({ kind: 'failed', code: 'database_unavailable' })));
      expect(sale.failed).toMatchObject([{ error: expect.anything(), commands: 2, willRetry: false }]);
      expect(await sale.tryHold(1)).toMatchObject({ kind: 'hold_created' });
      expect(await shop.holds()).toHaveLength(1);
    });

    it('makes ids anew when one is taken already', async () => {
      const sale = shop.open();
      await sale.hold(1, 2, { holdId: 77 });
      const second = await sale.hold(1, 3, { holdId: 77 });
      expect(second.id).not.toBe(77);
      const other = await sale.hold(1);
      await sale.order(77, { orderId: 88 });
      expect((await sale.order(other.id, { orderId: 88 })).id).not.toBe(88);
      const changes = await Promise.all([1, 2].map(() => sale.engine.submit(stockCommand(800, 1))));
      expect(changes.map(({ outcome }) => outcome.kind)).toEqual(['stock_changed', 'stock_changed']);
      expect(await shop.store.product(1)).toMatchObject({ stock: 52, heldStock: 6 });
    });
  });

  describe('a commit whose outcome is unknown', () => {
    const changeStockBy5: Command = stockCommand(801, 5);
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
        const sale = shop.open();
        const first = await sale.hold(1, 4);
        const paid = await sale.order((await sale.hold(1, 2)).id);
        const gone = await sale.hold(1, 5);
        shop.faulty.plan({ kind: 'outcome_unknown', at });
        const commands: Command[] = [
          holdCommand(101, 3),
          { kind: 'create_hold', holdId: 102, productId: 1, quantity: 1, idempotencyKey: 'key' },
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
        expect(await shop.store.product(1)).toMatchObject({ stock: 53, heldStock: 8 });
        expect(await shop.store.products()).toHaveLength(2);
        expect(await shop.holds()).toHaveLength(5);
        expect(sale.failed).toMatchObject([{ willRetry: true, commands: 7 }]);
      },
    );

    it('is looked up under the lock: the last unit is not refused to the one who has it by then', async () => {
      const sale = shop.open();
      shop.faulty.plan({ kind: 'outcome_unknown', at: 'late_commit' });
      expect((await sale.hold(1, 50, { holdId: 55 })).id).toBe(55);
      expect(await shop.holds()).toHaveLength(1);
    });

    it('keeps the ids when a conflict follows, since they tell whether it took place', async () => {
      const sale = shop.open();
      shop.faulty.plan(
        { kind: 'outcome_unknown', at: 'after_commit' },
        { kind: 'conflict', at: 'before_commit' },
        { kind: 'retryable', at: 'before_commit' },
      );
      expect((await sale.hold(1, 2, { holdId: 55 })).id).toBe(55);
      expect(shop.faulty.transactions).toBe(4);
      expect(await shop.holds()).toHaveLength(1);
      expect(await shop.store.product(1)).toMatchObject({ heldStock: 2 });
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
      await write(shop.store, {
        products: [productRow({ id: 2, stock: 1000 })],
        stockChanges: [stockChangeRow({ id: 803, productId: 2, change: 1000 })],
      });
      const sale = shop.open({ decide: superstitious });
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, (_, index) => sale.tryHold(2, index === 120 ? 13 : 1)),
      );
      expect(outcomes[120]).toEqual({ kind: 'failed', code: 'internal_error', cause: expect.any(Defect) });
      expect(outcomes.filter((outcome) => outcome.kind === 'hold_created')).toHaveLength(199);
      expect(await shop.store.product(2)).toMatchObject({ heldStock: 199 });
      expect(await sale.tryHold(2)).toMatchObject({ kind: 'hold_created' });
    });

    it('takes an error that no store and no rule knows for a defect', async () => {
      const sale = shop.open({
        decide: () => {
          throw new TypeError('a bug');
        },
      });
      expect(await sale.tryHold(1)).toEqual({
        kind: 'failed',
        code: 'internal_error',
        cause: expect.any(TypeError),
      });
      expect(await shop.holds()).toEqual([]);
    });

    it('does not decide a committed batch again because whoever is told of it fails', async () => {
      const sale = shop.open();
      sale.committed.push = () => {
        throw new Error('the log is broken');
      };
      const outcomes = await Promise.all([sale.tryHold(1, 1), sale.tryHold(1, 1)]);
      expect(await shop.holds()).toHaveLength(2);
      expect(outcomes.map((outcome) => outcome.kind)).toEqual(['hold_created', 'hold_created']);
      expect(sale.defects).toEqual([{ error: new Error('the log is broken') }]);
    });

    it('leaves deferred commands in their order when each was decided alone', async () => {
      const decided: number[] = [];
      let batches = 0;
      const sale = shop.open({
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

    it('looks up rows of a lost commit also for commands that waited behind a deferred one', async () => {
      let batches = 0;
      const sale = shop.open({
        decide: (state, commands, ...rest) => {
          batches += 1;
          const isFirst = (command: Command) => command.kind === 'create_hold' && command.holdId === 1;
          if (batches === 2) {
            throw new Defect('the batch as a whole');
          }
          if (batches > 3) {
            return decide(state, commands, ...rest);
          }
          const decision = decide(
            state,
            commands.filter((command) => !isFirst(command)),
            ...rest,
          );
          const outcomes = [...decision.outcomes];
          return {
            ...decision,
            outcomes: commands.map((command) =>
              isFirst(command) ? { kind: 'deferred' } : (outcomes.shift() ?? { kind: 'deferred' }),
            ),
          };
        },
      });
      shop.faulty.plan({ kind: 'outcome_unknown', at: 'after_commit' });
      const holds = await Promise.all([1, 2, 3].map((holdId) => sale.hold(1, holdId, { holdId })));
      expect(await shop.holds()).toHaveLength(3);
      expect(holds.map((hold) => hold.id)).toEqual([1, 2, 3]);
    });
  });
});
