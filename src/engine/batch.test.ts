import { describe, expect, it } from 'vitest';
import { applyEvent, rules } from '../../test/support/domain-state.ts';
import { engineUnderTest, holdCommand, stockCommand } from '../../test/support/engine-under-test.ts';
import { holdRow, longAgoMs, productRow, stockChangeRow, write } from '../../test/support/store-rows.ts';
import type { Command } from '../domain/commands.ts';
import { decide } from '../domain/decide.ts';
import { Defect } from '../domain/defect.ts';
import type { State } from '../domain/state.ts';
import type { Transaction } from '../store/store.ts';
import { type BatchContext, BatchTimes, runBatch } from './batch.ts';
import { newId } from './new-id.ts';

const release: Command = { kind: 'release_hold', holdId: 70 };
const cancel: Command = { kind: 'cancel_order', orderId: 500 };
const settle: Command = { kind: 'settle_refund', refundId: 1 };
const returned = applyEvent({ status: 'refunded', orderId: null });
const rename: Command = {
  kind: 'update_product',
  productId: 1,
  name: 'New',
  price: undefined,
  opensAtMs: undefined,
  closesAtMs: undefined,
  expectedVersions: null,
};

describe('a batch', () => {
  const shop = engineUnderTest();

  /** Runs commands in one batch, and notes what the database was asked for. */
  async function run(
    commands: readonly Command[],
    over: Partial<BatchContext> = {},
    loaded = (state: State): State => state,
  ) {
    const asked: string[] = [];
    let productIds: readonly number[] = [];
    const noted = (transaction: Transaction): Transaction => {
      const note = <Done>(what: string, done: Done): Done => {
        asked.push(what);
        return done;
      };
      return {
        load: (needs, lastSeen) => {
          productIds = needs.productIds;
          return note('load', transaction.load(needs, lastSeen).then(loaded));
        },
        loadOverdue: (needs) => note('overdue holds', transaction.loadOverdue(needs)),
        apply: (changes) => note('apply', transaction.apply(changes)),
        nextReleases: (...given) => note('next releases', transaction.nextReleases(...given)),
      };
    };
    let clockMs = 0;
    const times = new BatchTimes({ nowMs: () => ++clockMs });
    const store: BatchContext['store'] = {
      locate: (rows) => {
        asked.push('locate');
        return shop.store.locate(rows);
      },
      transact: (work) => shop.store.transact((transaction) => work(noted(transaction))),
    };
    const committed = await runBatch({ store, decide, rules, newId, ...over }, commands, false, times);
    return { committed, asked, productIds, times };
  }

  const withHold = () =>
    write(shop.store, { holds: [holdRow()] }, { products: [productRow({ held: 2, version: 2 })] });

  it('notes when each of its phases ended, in their order', async () => {
    const { times } = await run([holdCommand(1)]);
    expect({ ...times }).toEqual({
      startedMs: 1,
      locatedMs: 2,
      begunMs: 3,
      loadedMs: 4,
      decidedMs: 5,
      appliedMs: 6,
      committedMs: 7,
    });
  });

  it.each<[string, Command[], string[]]>([
    ['a hold', [holdCommand(1)], ['load', 'apply']],
    ['a hold of a product that is not there', [{ ...holdCommand(1), productId: 9 } as Command], ['load']],
    ['a delivery', [stockCommand(900, 1)], ['load', 'apply']],
    ['letting a hold go that is not there', [release], ['locate', 'load']],
    ['cancelling an order that is not there', [cancel], ['locate', 'load']],
    ['settling a refund that is not there', [settle], ['locate', 'load']],
    ['a refund at the provider of a payment that is not there', [returned], ['locate', 'load', 'apply']],
  ])('asks the database for nothing that it need not know: %s', async (_case, commands, expected) => {
    expect((await run(commands)).asked).toEqual(expected);
  });

  it('asks for the next release when the earliest deadline has gone', async () => {
    await withHold();
    const { asked, committed } = await run([release]);
    expect(asked).toEqual(['locate', 'load', 'next releases', 'apply']);
    expect(committed.snapshots.get(1)).toMatchObject({ heldStock: 0, nextReleaseAtMs: null });
  });

  it('asks for overdue holds when the free units are not enough', async () => {
    await write(
      shop.store,
      { holds: [holdRow({ expiresAtMs: longAgoMs })] },
      { products: [productRow({ held: 2, version: 2 })] },
    );
    expect((await run([holdCommand(1, 48)])).asked).toEqual(['load', 'apply']);
    expect((await run([holdCommand(2, 2)])).asked).toEqual(['load', 'overdue holds', 'apply']);
  });

  it('locks its products in ascending order', async () => {
    await write(shop.store, {
      products: [productRow({ id: 9, stock: 5 }), productRow({ id: 10, stock: 5 })],
      stockChanges: [
        stockChangeRow({ id: 809, productId: 9, change: 5 }),
        stockChangeRow({ id: 810, productId: 10, change: 5 }),
      ],
    });
    const holds = [10, 1, 9].map((productId) => ({ ...holdCommand(productId), productId }) as Command);
    expect((await run(holds)).productIds).toEqual([1, 9, 10]);
  });

  const held = (units: number, state: State): State => ({
    ...state,
    products: new Map([...state.products].map(([id, product]) => [id, { ...product, held: units }])),
  });

  it('writes nothing when what it read cannot be right', async () => {
    await expect(run([rename], {}, (state) => held(51, state))).rejects.toThrow(
      new Defect('product 1: 51 held of a stock of 50'),
    );
  });

  it('writes nothing when what was decided cannot be right', async () => {
    const wrong: BatchContext['decide'] = (state, ...rest) => decide(held(5, state), ...rest);
    await expect(run([holdCommand(1)], { decide: wrong })).rejects.toThrow(
      new Defect('product 1: held 6, its holds give 1'),
    );
    expect(await shop.holds()).toEqual([]);
  });

  it('writes nothing when a command has no outcome', async () => {
    await expect(
      run([holdCommand(1)], { decide: (...given) => ({ ...decide(...given), outcomes: [] }) }),
    ).rejects.toThrow(new Defect('a command was left without an outcome'));
    expect(await shop.holds()).toEqual([]);
  });
});
