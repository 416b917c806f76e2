import { isDeepStrictEqual } from 'node:util';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { createConnection } from 'mysql2/promise';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Order } from '../../src/domain/order.ts';
import type { Store } from '../../src/store/store.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

/** What operators type, character by character as their handbook has it. */
const stockStatus = `-- Check product inventory
SELECT 
  id,
  name,
  stock,
  (SELECT SUM(quantity) FROM holds 
   WHERE product_id = products.id 
   AND expires_at > NOW() 
   AND consumed = false) as held_stock,
  stock - COALESCE((SELECT SUM(quantity) FROM holds 
                    WHERE product_id = products.id 
                    AND expires_at > NOW() 
                    AND consumed = false), 0) as available_stock
FROM products;`;
const activeHolds = `SELECT COUNT(*), SUM(quantity) 
FROM holds 
WHERE expires_at > NOW() AND consumed = false;`;
const orderDistribution = `SELECT status, COUNT(*), SUM(total) 
FROM orders 
GROUP BY status;`;
const keyUsage = `SELECT COUNT(*) as total_webhooks,
       COUNT(DISTINCT order_id) as unique_orders
FROM idempotency_keys;`;

/** All that the four queries are about, as the service itself says it. */
type Said = Awaited<ReturnType<typeof said>>;

async function said(store: Store) {
  const page = { limit: 1_000, cursor: null };
  const products = await store.products();
  const holds = (
    await Promise.all([store.holds({ status: 'held' }, page), store.holds({ status: 'ordered' }, page)])
  )
    .flatMap(({ value }) => value.items)
    .map(({ hold }) => ({ id: hold.id, quantity: hold.quantity }));
  const orders = (await store.orders({}, page)).value.items.map(({ order }) => order);
  const events = (await store.paymentEvents({}, page)).items;
  return {
    products: products.map(({ asOfMs: _, nextReleaseAtMs: __, ...product }) => product),
    holds: holds.toSorted((a, b) => a.id - b.id),
    orders,
    events: events.map(({ key, orderId }) => ({ key, orderId })),
  };
}

/** Each query with what it has to return, numbers as numbers, rows in any order. */
const queries: readonly {
  readonly name: string;
  readonly text: string;
  readonly expected: (now: Said) => unknown[][];
}[] = [
  {
    name: 'current stock status',
    text: stockStatus,
    expected: ({ products }) =>
      products.map(({ id, name, stock, heldStock }) => [
        id,
        name,
        stock,
        heldStock === 0 ? null : heldStock,
        stock - heldStock,
      ]),
  },
  {
    name: 'active holds',
    text: activeHolds,
    expected: ({ holds }) => [
      [holds.length, holds.length === 0 ? null : sum(holds.map(({ quantity }) => quantity))],
    ],
  },
  {
    name: 'order status distribution',
    text: orderDistribution,
    expected: ({ orders }) => {
      const byStatus = Map.groupBy(orders, ({ status }: Order) => status);
      return [...byStatus].map(([status, those]) => [
        status,
        those.length,
        sum(those.map(({ totalMinor }) => totalMinor)) / 100,
      ]);
    },
  },
  {
    name: 'idempotency key usage',
    text: keyUsage,
    expected: ({ events }) => [
      [events.length, new Set(events.flatMap(({ orderId }) => (orderId === null ? [] : [orderId]))).size],
    ],
  },
];

const zones = ['+00:00', '+05:30', '-08:00'] as const;
const speakers = databases.filter(({ name }) => name === 'MariaDB' || name === 'MySQL');

describeEach(speakers)("the operators' SQL on $name", (database) => {
  const db = emptyDatabase(database);
  let sessions: readonly { readonly zone: string; readonly connection: Connection }[] = [];

  beforeEach(async () => {
    sessions = await Promise.all(
      zones.map(async (zone) => {
        const connection = await createConnection({ uri: db.url, rowsAsArray: true });
        await connection.query(`set time_zone = '${zone}'`);
        return { zone, connection };
      }),
    );
  });
  afterEach(async () => {
    await Promise.all(sessions.map(({ connection }) => connection.end()));
  });

  /** Compares every query in every session with what the service says at that instant: just before it and just after it. */
  const expectAgreement = async (): Promise<Said> => {
    for (const { zone, connection } of sessions) {
      for (const { name, text, expected } of queries) {
        await until(async () => {
          const before = await said(db.store);
          const [rows] = await connection.query<RowDataPacket[][]>(text);
          if (!isDeepStrictEqual(await said(db.store), before)) {
            return false; // something was sold, or a deadline came, in between: there is no one right answer
          }
          expect(inAnyOrder(rows.map(asNumbers)), `${name} at ${zone}`).toEqual(inAnyOrder(expected(before)));
          return true;
        });
      }
    }
    return said(db.store);
  };

  it('says what the service says before, during and after a sale, in a session of any time zone', async () => {
    const sale = new Sale(db.store);
    await expectAgreement();
    const phone = await sale.product({ stock: 40 });
    const cable = await sale.product({ stock: 500, priceMinor: 999, name: 'Cable, 2 m' });
    expect((await expectAgreement()).holds).toEqual([]);

    for (let round = 0; round < 4; round += 1) {
      // The sale goes on while the queries run.
      const buying = Promise.all(
        Array.from({ length: 12 }, async (_, buyer) => {
          const hold = await sale.tryHold(buyer % 2 === 0 ? phone : cable, 1 + (buyer % 3));
          if (hold.kind !== 'hold_created' || buyer % 6 === 0) {
            return;
          }
          if (buyer % 6 === 1) {
            await sale.engine.submit({ kind: 'release_hold', holdId: hold.hold.id });
            return;
          }
          const order = await sale.order(hold.hold.id);
          if (buyer % 6 === 2) {
            await sale.engine.submit({ kind: 'cancel_order', orderId: order.id });
          } else if (buyer % 6 > 3) {
            const event = { key: `pay ${order.id}`, orderId: order.id };
            await Promise.all([sale.pay(event), sale.pay(event)]);
          }
        }),
      );
      await expectAgreement();
      await buying;
    }
    const during = await expectAgreement();
    expect(during.holds.length).toBeGreaterThan(0);
    expect(new Set(during.orders.map(({ status }) => status))).toEqual(
      new Set(['pending', 'paid', 'cancelled']),
    );

    await sale.pay({ orderId: 12_345, reference: 'pi_unknown' });
    for (const order of during.orders.filter(({ status }) => status === 'pending')) {
      await sale.pay({ orderId: order.id, status: 'failed' });
    }
    for (const { id } of during.holds) {
      await sale.engine.submit({ kind: 'release_hold', holdId: id });
    }
    const after = await expectAgreement();
    expect(after.holds).toEqual([]);
    expect(after.products.map(({ heldStock }) => heldStock)).toEqual([0, 0]);
    await sale.engine.close();
  });

  it('leaves out a hold from the second of its deadline on, before any worker has released it', async () => {
    const sale = new Sale(db.store, { rules: { holdSeconds: 1, paymentSeconds: 1 } });
    const product = await sale.product({ stock: 10 });
    await sale.order((await sale.hold(product, 2)).id);
    await sale.hold(product, 3);
    const held = async (): Promise<number> => (await expectAgreement()).products[0]?.heldStock ?? 0;
    await until(async () => (await held()) === 0);
    expect((await db.run(`select * from holds where status in ('held', 'ordered')`)).length).toBe(2);
    await sale.engine.submit({ kind: 'expire_holds', productId: product, limit: 10 });
    expect((await expectAgreement()).orders.map(({ status }) => status)).toEqual(['expired']);
    await sale.engine.close();
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Sums come as decimal text. */
function asNumbers(row: readonly unknown[]): unknown[] {
  return row.map((value) =>
    typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value,
  );
}

function inAnyOrder(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return rows.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}
