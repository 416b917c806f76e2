import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import {
  createMigrated,
  databases,
  keepRows,
  type OpenDatabase,
  serverDatabases,
} from '../support/databases.ts';
import { describeEach, testEach } from '../support/needing.ts';
import { playEverything, Sale } from '../support/sale.ts';
import {
  farAheadMs,
  holdRow,
  orderRow,
  paymentRow,
  productRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

/** For each check a way to break what it checks, by statements that no rule of the service has seen. */
const tamperings: readonly {
  readonly check: string;
  readonly unconstrain?: Parameters<OpenDatabase['unconstrain']>[0];
  readonly statements: readonly string[];
}[] = [
  {
    check: 'stock + sold = stock changes',
    statements: ['update products set stock = stock + 1 where id = 1'],
  },
  { check: 'held = units of open holds', statements: ['update products set held = held - 1 where id = 1'] },
  {
    check: 'products whose stock differs from its changes',
    statements: [
      'update products set stock = stock + 1 where id = 1',
      'update stock_changes set units = units + 1 where product_id = 2',
    ],
  },
  {
    check: 'products whose held differs from its holds',
    statements: ["update holds set product_id = 2 where status = 'ordered'"],
  },
  {
    check: 'products oversold',
    unconstrain: 'products',
    statements: ['update products set held = stock + 1 where id = 1'],
  },
  {
    check: 'one order for each hold that has one',
    unconstrain: 'orders',
    statements: [
      "insert into orders select id + 1, hold_id, product_id, quantity, total_minor, minor_per_major, total, currency, status, payment_due_at, created_at from orders where status = 'paid'",
    ],
  },
  {
    check: 'orders that differ from their hold',
    statements: ["update orders set quantity = quantity + 1 where status = 'pending'"],
  },
  {
    check: 'orders whose hold is in another state',
    statements: ["update orders set status = 'failed' where status = 'pending'"],
  },
  {
    check: 'ordered or consumed holds without an order',
    statements: ["delete from orders where status = 'pending'"],
  },
  {
    check: 'paid orders have one fulfilled payment',
    statements: ["update payments set settlement = 'flagged' where name = 'ref:pi_paid'"],
  },
  {
    check: 'money fulfilled = totals of paid orders',
    statements: ["update payments set amount_minor = amount_minor - 1 where name = 'ref:pi_paid'"],
  },
  {
    check: 'money in = fulfilled + returned + lost + due + flagged',
    statements: ["update refunds set owed_minor = owed_minor - 1 where payment_name = 'ref:pi_second'"],
  },
  {
    check: 'currencies whose money in is not fulfilled + returned + lost + due + flagged',
    statements: ["update orders set currency = 'EUR' where status = 'paid'"],
  },
  {
    check: 'payments that are not kept + returned + lost + due + flagged',
    statements: [
      "update disputes set status = 'lost', amount_minor = -1 where payment_name = 'ref:pi_disputed'",
    ],
  },
  {
    check: 'payments whose settlement is not that of their decision and of what went back',
    statements: [
      "update disputes set status = 'lost', amount_minor = 119999 where payment_name = 'ref:pi_disputed'",
    ],
  },
  {
    check: 'owed payments without a refund of their amount',
    statements: ["update refunds set owed_minor = owed_minor - 1 where payment_name = 'ref:pi_second'"],
  },
  {
    check: 'one refund at most for each payment',
    unconstrain: 'refunds',
    statements: [
      "insert into refunds (id, payment_name, order_id, hold_id, product_id, amount_minor, currency, status, reason, created_at, attempts) select id + 1, payment_name, order_id, hold_id, product_id, amount_minor, currency, status, reason, created_at, attempts from refunds where payment_name = 'ref:pi_second'",
    ],
  },
  {
    check: 'refunds that are not of their payment',
    statements: ["update refunds set currency = 'EUR' where payment_name = 'ref:pi_second'"],
  },
  {
    check: 'refunds whose status is not that of their sums',
    statements: [
      "update refunds set returned_minor = returned_minor + 1 where payment_name = 'ref:pi_settled'",
      "update refunds set sent_minor = sent_minor - 2 where payment_name = 'ref:pi_settled'",
    ],
  },
  {
    check: 'returned parts of payments that are no such part',
    statements: [
      "update refunds set amount_minor = (select amount_minor from payments where name = 'ref:pi_partly') where payment_name = 'ref:pi_partly'",
    ],
  },
  {
    check: 'orders with a refund due and no refund',
    statements: ["update refunds set order_id = null where payment_name = 'ref:pi_late'"],
  },
  {
    check: 'refunded orders whose money is gone',
    statements: ["update payments set decision = 'returned' where name = 'ref:pi_returned'"],
  },
  {
    check: 'disputes that are not of their payment',
    statements: ["update disputes set currency = 'EUR' where payment_name = 'ref:pi_disputed'"],
  },
  {
    check: 'disputes whose status no event reports',
    statements: ["update disputes set dispute_id = 'dp_2' where payment_name = 'ref:pi_disputed'"],
  },
  {
    check: 'decisions of operators whose payment is not there',
    statements: ["update operator_decisions set payment_name = 'ref:nowhere' where choice = 'pay'"],
  },
  {
    check: 'events that an operator resolved and that still wait for one',
    statements: ["update idempotency_keys set result = 'unmatched' where idempotency_key = 'evt_of_nothing'"],
  },
  {
    check: 'one row for each payment event',
    unconstrain: 'idempotency_keys',
    statements: [
      "insert into idempotency_keys (id, idempotency_key, status, result, answer, received_at) select id + 1000, idempotency_key, status, result, answer, received_at from idempotency_keys where idempotency_key = 'evt_unknown'",
    ],
  },
  {
    check: 'events applied without a payment',
    statements: ["delete from payments where name = 'ref:pi_early'"],
  },
  {
    check: 'returned money without a refund',
    statements: ["delete from refunds where payment_name = 'ref:pi_partly'"],
  },
  {
    check: 'parked events that no order will find',
    statements: ["update idempotency_keys set result = 'parked' where payment_reference = 'pi_abandoned'"],
  },
  {
    check: 'facts that still wait although their payment is known',
    statements: [
      "update idempotency_keys set result = 'parked_fact', received_at = (select created_at from stock_changes where reason = 'long ago') where status = 'disputed'",
      "update payments set created_at = (select created_at from stock_changes where reason = 'long ago')",
    ],
  },
  {
    check: 'payment intents that are not of their order',
    statements: ["update payment_intents set hold_id = hold_id + 1 where reference = 'pi_partly'"],
  },
  {
    check: 'events for others that go nowhere',
    statements: [
      "delete from deliveries where event_id in (select id from outgoing_events where type = 'product.sold_out')",
    ],
  },
  {
    check: 'deliveries of events that are not there',
    unconstrain: 'outgoing_events',
    statements: ["delete from outgoing_events where type = 'product.sold_out'"],
  },
];

const failing = async ({ store }: OpenDatabase): Promise<readonly string[]> => {
  const { ok, checks } = await store.audit();
  const wrong = checks.filter((check) => !check.ok);
  expect(ok).toBe(wrong.length === 0);
  expect(wrong.every((check) => check.expected !== check.found)).toBe(true);
  return wrong.map((check) => check.name);
};

describeEach(databases)('the audit of one history on $name', (database) => {
  let played: OpenDatabase | undefined;
  let restore = async (): Promise<void> => {};
  const history = async (): Promise<OpenDatabase> => {
    if (played === undefined) {
      throw new Error('the history is there only while tests run');
    }
    await restore();
    return played;
  };
  beforeAll(async () => {
    played = await createMigrated(database);
    await playEverything(played.store);
    await write(played.store, { stockChanges: [stockChangeRow({ change: 0, reason: 'long ago' })] });
    restore = await keepRows(played);
  });
  afterAll(() => played?.close());

  it('finds nothing after everything has happened once', async () => {
    const { ok, checks } = await (await history()).store.audit();
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
    expect(checks.map((check) => check.name)).toEqual(tamperings.map(({ check }) => check));
  });

  it.each(tamperings.filter(({ unconstrain }) => unconstrain === undefined))(
    'finds: $check',
    async ({ check, statements }) => {
      const opened = await history();
      for (const statement of statements) {
        await opened.run(statement);
      }
      expect(await failing(opened)).toContain(check);
    },
  );

  it('finds a refund whose payment, and with it the refund itself, was deleted', async () => {
    const opened = await history();
    await opened.run("delete from refunds where payment_name = 'ref:pi_second'");
    await opened.run("delete from payments where name = 'ref:pi_second'");
    expect(await failing(opened)).toEqual(['events applied without a payment']);
  });

  // In one test, as what it takes away is gone for good.
  it('finds what the constraints of a table prevent, once they are gone', async () => {
    const opened = await history();
    for (const { check, unconstrain, statements } of tamperings) {
      if (unconstrain !== undefined) {
        await restore();
        await opened.unconstrain(unconstrain);
        expect(await failing(opened)).toEqual([]);
        for (const statement of statements) {
          await opened.run(statement);
        }
        expect(await failing(opened)).toContain(check);
        await opened.run(`delete from ${unconstrain}`);
      }
    }
  });
});

describeEach(databases)('the audit on $name', (database) => {
  let db: OpenDatabase | undefined;
  const open = async (): Promise<OpenDatabase> => {
    db = await createMigrated(database);
    return db;
  };
  afterEach(() => db?.close());

  it('finds nothing in an empty database', async () => {
    const { ok, checks } = await (await open()).store.audit();
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
  });

  it('adds up more money than a double can count', async () => {
    const opened = await open();
    const priceMinor = 999_999_999;
    const quantity = 1_000_000;
    const totalMinor = priceMinor * quantity;
    const ids = Array.from({ length: 12 }, (_, index) => index + 1);
    await write(opened.store, {
      products: [productRow({ priceMinor, stock: 0 })],
      stockChanges: [stockChangeRow({ change: ids.length * quantity })],
      holds: ids.map((id) =>
        holdRow({ id, quantity, priceMinor, status: 'consumed', expiresAtMs: farAheadMs }),
      ),
      orders: ids.map((id) => orderRow({ id, holdId: id, quantity, totalMinor, status: 'paid' })),
      payments: ids.map((id) =>
        paymentRow({ name: `ref:${id}`, orderId: id, holdId: id, amountMinor: totalMinor }),
      ),
    });
    expect(await failing(opened)).toEqual([]);
    await opened.run("update payments set amount_minor = amount_minor - 1 where name = 'ref:12'");
    expect(await failing(opened)).toContain('money fulfilled = totals of paid orders');
  });

  it('is clean when a flagged payment is told of again, for another amount or another order', async () => {
    const opened = await open();
    const sale = new Sale(opened.store);
    const product = await sale.product();
    const first = await sale.order((await sale.hold(product)).id);
    const second = await sale.order((await sale.hold(product)).id);
    await sale.pay({ orderId: first.id });
    expect(await sale.pay({ orderId: first.id, reference: 'pi_a' })).toMatchObject({
      result: 'possible_second_payment',
    });
    expect(await sale.pay({ orderId: first.id, reference: 'pi_b' })).toMatchObject({
      result: 'possible_second_payment',
    });
    const wrong = { reference: 'pi_a', amountMinor: 100, currency: 'USD' };
    expect(await sale.pay({ orderId: first.id, ...wrong })).toMatchObject({ result: 'amount_mismatch' });
    expect(await failing(opened)).toEqual([]);
    expect(await sale.pay({ orderId: second.id, reference: 'pi_b' })).toMatchObject({ result: 'processed' });
    expect(await failing(opened)).toEqual([]);
  });
});

testEach(serverDatabases)(
  'takes turns on $name when several are asked for at once: each more would be a connection more',
  async (database) => {
    const opened = await createMigrated(database);
    onTestFinished(() => opened.close());
    const statements: string[] = [];
    const store = openStore(opened.url, Date.now, {
      ...noObserver,
      query: (statement) => void statements.push(statement),
    });
    onTestFinished(() => store.close());
    const audits = await Promise.all([store.audit(), store.audit(), store.audit()]);
    expect(audits.map(({ ok }) => ok)).toEqual([true, true, true]);
    const ends = statements.filter((statement) => statement === 'begin' || statement === 'commit');
    expect(ends).toEqual(Array(3).fill(['begin', 'commit']).flat());
  },
);
