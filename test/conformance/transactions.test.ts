import { expect, it } from 'vitest';
import type { Product } from '../../src/domain/product.ts';
import type { Store, Transaction } from '../../src/store/store.ts';
import { databases, emptyDatabase, sharedDatabases } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  changes,
  eventRow,
  holdKeyRow,
  holdRow,
  kindOfError,
  loaded,
  longAgoMs,
  needs,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

describeEach(databases)('transactions on $name', (database) => {
  const db = emptyDatabase(database);

  it('refuses a product that is no longer as it was loaded: decide again', async () => {
    await write(db.store, { products: [productRow({ version: 7 })] });
    for (const version of [6, 7, 9]) {
      expect(await kindOfError(write(db.store, {}, { products: [productRow({ version, stock: 1 })] }))).toBe(
        'retryable',
      );
    }
    expect(await kindOfError(write(db.store, {}, { products: [productRow({ id: 2, version: 8 })] }))).toBe(
      'retryable',
    );
    expect((await db.store.product(1))?.stock).toBe(50);
    await write(db.store, {}, { products: [productRow({ version: 8, stock: 1 })] });
    expect((await db.store.product(1))?.stock).toBe(1);
  });

  it('calls every taken id and key a conflict, and writes nothing then', async () => {
    const rows = {
      products: [productRow()],
      holds: [holdRow({ status: 'ordered' }), holdRow({ id: 71 })],
      orders: [orderRow()],
      events: [eventRow()],
      payments: [paymentRow(), paymentRow({ name: 'ref:pi_2' })],
      refunds: [refundRow()],
      requestKeys: [holdKeyRow('taken')],
      stockChanges: [stockChangeRow()],
    };
    await write(db.store, rows);
    const free = holdRow({ id: 72 });
    for (const taken of [
      { products: [productRow()] },
      { holds: [free, holdRow()] },
      { holds: [free], orders: [orderRow({ holdId: 71 })] },
      { holds: [free], orders: [orderRow({ id: 501 })] },
      { holds: [free], events: [eventRow({ holdId: 71 })] },
      { holds: [free], payments: [paymentRow()] },
      { holds: [free], refunds: [refundRow({ paymentName: 'ref:pi_2' })] },
      { holds: [free], refunds: [refundRow({ id: 901 })] },
      { holds: [free], requestKeys: [holdKeyRow('taken', longAgoMs + 1)] },
      { holds: [free], stockChanges: [stockChangeRow()] },
    ]) {
      expect(await kindOfError(write(db.store, taken)), JSON.stringify(Object.keys(taken))).toBe('conflict');
      expect(await db.store.hold(72)).toBeNull();
    }
  });

  it('lets the database itself refuse more held than there is, a stock below 0 and rows without parents', async () => {
    await write(db.store, { products: [productRow({ held: 2 })], holds: [holdRow()] });
    const free = holdRow({ id: 72, status: 'ordered' });
    const updated = (over: Partial<Product>) => ({
      products: [productRow({ held: 2, version: 2, ...over })],
    });
    const refused: [Parameters<typeof write>[1], Parameters<typeof write>[2]][] = [
      [{ holds: [free] }, updated({ held: 51 })],
      [{ holds: [free] }, updated({ stock: 1 })],
      [{ holds: [free] }, updated({ stock: -1, held: -1 })],
      [{ holds: [free] }, updated({ held: -1 })],
      [{ holds: [free] }, updated({ priceMinor: 0 })],
      [{ holds: [free, holdRow({ id: 73, quantity: 0 })] }, {}],
      [{ holds: [free, holdRow({ id: 73, productId: 2 })] }, {}],
      [{ holds: [free, holdRow({ id: 73, status: 'released', releaseReason: null })] }, {}],
      [{ holds: [free], orders: [orderRow({ holdId: 74 })] }, {}],
      [{ holds: [free], refunds: [refundRow({ paymentName: 'ref:unknown' })] }, {}],
    ];
    for (const [inserted, replaced] of refused) {
      expect(
        await kindOfError(write(db.store, inserted, replaced)),
        JSON.stringify([inserted, replaced]),
      ).toBe('defect');
      expect(await db.store.hold(72)).toBeNull();
      expect(await db.store.product(1)).toMatchObject({ stock: 50, version: 1 });
    }
  });

  it('takes everything back when the work throws, and throws what the work threw', async () => {
    await write(db.store, { products: [productRow()] });
    const thrown = new Error('the work went wrong');
    const work = db.store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1] }));
      await transaction.apply(
        changes({ holds: [holdRow()] }, { products: [productRow({ held: 2, version: 2 })] }),
      );
      throw thrown;
    });
    await expect(work).rejects.toBe(thrown);
    expect(await db.store.hold(70)).toBeNull();
    expect(await db.store.product(1)).toMatchObject({ heldStock: 0, version: 1 });
    await write(db.store, { holds: [holdRow()] });
  });

  it('refuses a transaction that has ended, however it ended', async () => {
    await write(db.store, { products: [productRow()] });
    const ended: Transaction[] = [];
    await db.store.transact(async (transaction) => {
      ended.push(transaction);
      await transaction.load(needs({ productIds: [1] }));
    });
    await kindOfError(
      db.store.transact(async (transaction) => {
        ended.push(transaction);
        throw new Error('rolled back');
      }),
    );
    for (const transaction of ended) {
      expect(await kindOfError(transaction.load(needs({ productIds: [1] })))).toBe('defect');
      expect(await kindOfError(transaction.loadOverdue([{ productId: 1, rows: 1 }]))).toBe('defect');
      expect(await kindOfError(transaction.apply(changes({ holds: [holdRow()] })))).toBe('defect');
      expect(await kindOfError(transaction.nextReleases([1], longAgoMs, []))).toBe('defect');
    }
    expect(await db.store.hold(70)).toBeNull();
  });

  it('gives 40 transactions at once on one product their turn, without a lost update', async () => {
    await write(db.store, { products: [productRow({ stock: 100 })] });
    await Promise.all(Array.from({ length: 40 }, () => takeOne(db.store)));
    expect(await db.store.product(1)).toMatchObject({ stock: 60, version: 41 });
  });

  it('shows the race when the lock is left out: the second of two stale writers is refused', async () => {
    await write(db.store, { products: [productRow()] });
    const stale = (await loaded(db.store, { productIds: [1] })).products.get(1) ?? productRow();
    const sold = { ...stale, stock: stale.stock - 1, version: stale.version + 1 };
    const kinds = await Promise.all([1, 2].map(() => kindOfError(write(db.store, {}, { products: [sold] }))));
    expect(kinds.sort()).toEqual(['resolved', 'retryable']);
  });

  it('never shows what is not committed', async () => {
    await write(db.store, { products: [productRow()] });
    let reads: Promise<readonly unknown[]> | undefined;
    await kindOfError(
      db.store.transact(async (transaction) => {
        await transaction.load(needs({ productIds: [1] }));
        await transaction.apply(
          changes({ holds: [holdRow()] }, { products: [productRow({ held: 2, version: 2 })] }),
        );
        reads = Promise.all([db.store.hold(70), db.store.product(1)]);
        reads.catch(() => undefined);
        throw new Error('rolled back');
      }),
    );
    expect(await reads).toEqual([null, expect.objectContaining({ heldStock: 0, version: 1 })]);
  });
});

describeEach(sharedDatabases)('several handles on $name', (database) => {
  const db = emptyDatabase(database);

  it('lets readers read what was committed last while a transaction is under way', async () => {
    await write(db.store, { products: [productRow()] });
    const other = db.another();
    await db.store.transact(async (transaction) => {
      await transaction.load(needs({ productIds: [1] }));
      await transaction.apply(changes({}, { products: [productRow({ stock: 1, version: 2 })] }));
      expect((await db.store.product(1))?.stock).toBe(50);
      expect((await other.product(1))?.stock).toBe(50);
    });
    expect((await db.store.product(1))?.stock).toBe(1);
    expect((await other.product(1))?.stock).toBe(1);
  });
});

/** Takes a unit off the shelf as a batch does: lock, load, decide, write. Decided again as often as the store asks for it. */
async function takeOne(store: Store): Promise<void> {
  await store.transact(async (transaction) => {
    const state = await transaction.load(needs({ productIds: [1] }));
    const product = state.products.get(1) ?? productRow();
    await transaction.apply(
      changes({}, { products: [{ ...product, stock: product.stock - 1, version: product.version + 1 }] }),
    );
  });
}
