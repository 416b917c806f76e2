import { afterEach, beforeEach, expect } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import type { HoldWithOrder } from '../../src/store/store-reader.ts';
import { databases, emptyDatabase } from './databases.ts';
import { FaultyStore } from './faulty-store.ts';
import { Sale, type SaleOptions } from './sale.ts';
import { productRow, stockChangeRow, write } from './store-rows.ts';

/**
 * Engines on a real store whose transactions can be made to fail. Each test of the suite begins with product
 * 1, stock 50, and has to end with clean books.
 */
export function engineUnderTest() {
  const memory = databases.find((database) => database.name === 'SQLite in memory');
  if (memory === undefined) {
    throw new Error('the database in memory is always at hand');
  }
  const db = emptyDatabase(memory);
  let faulty: FaultyStore | undefined;
  let sales: Sale[] = [];
  beforeEach(async () => {
    faulty = new FaultyStore(db.store);
    await write(db.store, { products: [productRow({ stock: 50 })], stockChanges: [stockChangeRow()] });
  });
  afterEach(async () => {
    await Promise.all(sales.map((sale) => sale.engine.close()));
    sales = [];
    expect((await db.store.audit()).checks.filter((check) => !check.ok)).toEqual([]);
  });
  const faults = (): FaultyStore => {
    if (faulty === undefined) {
      throw new Error('the store is open only while tests run');
    }
    return faulty;
  };
  return {
    get store() {
      return db.store;
    },
    get faulty() {
      return faults();
    },
    open: (options: SaleOptions = {}): Sale => {
      const sale = new Sale(faults().store, options);
      sales.push(sale);
      return sale;
    },
    holds: async (): Promise<readonly HoldWithOrder[]> =>
      (await db.store.holds({}, { limit: 1000, cursor: null })).value.items,
  };
}

/** A command that holds units of product 1. */
export function holdCommand(holdId: number, quantity = 1): Command {
  return { kind: 'create_hold', holdId, productId: 1, quantity, idempotencyKey: null };
}

/** A command that changes the stock of product 1. */
export function stockCommand(stockChangeId: number, change: number): Command {
  return { kind: 'change_stock', stockChangeId, productId: 1, change, reason: 'delivery' };
}

/** Waits for a condition, letting everything else run in between. */
export async function untilSo(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await turns(1);
  }
}

/** Lets everything that can run by now run, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
