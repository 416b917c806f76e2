import { randomUUID } from 'node:crypto';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import type { CheckoutClient, Reply } from '../support/checkout-client.ts';
import { type CheckoutProcess, runCommand, startProcess } from '../support/checkout-process.ts';
import { type GaleraCluster, type GaleraNode, galeraMissing, startGalera } from '../support/galera.ts';
import { describeNeeding } from '../support/needing.ts';
import { Sale } from '../support/sale.ts';
import { until } from '../support/until.ts';

const buyers = 20;
/** Units of the product that is sold out, and of the one that is not. */
const scarce = 40;
const plenty = 1_000_000;
/** Acknowledged on each node before the kill, between the kill and the return, and behind it. */
const acknowledgedOnEach = 20;

/** For what hangs, on a machine with other work: three servers are started, and wait for each other. */
const timeout = 180_000;

describeNeeding(galeraMissing)('a cluster of three database nodes', { timeout }, () => {
  let cluster: GaleraCluster;

  beforeAll(async () => {
    cluster = await startGalera();
  }, timeout);
  afterAll(() => cluster?.remove());

  /** A new database with the schema. Resolves to its name. */
  async function migrated(): Promise<string> {
    const name = `checkout_${randomUUID().replaceAll('-', '')}`;
    await cluster.nodes[0].query(`create database ${name}`);
    const store = openStore(cluster.url(0, name));
    await store.migrate();
    await store.close();
    return name;
  }

  /** One node of the service for each database node, which it prefers. */
  async function threeNodes(database: string): Promise<readonly CheckoutProcess[]> {
    return Promise.all([0, 1, 2].map((first) => startProcess({ databaseUrl: cluster.url(first, database) })));
  }

  test('loses nothing and oversells nothing when one is killed in mid-sale, and the service goes on', async () => {
    const database = await migrated();
    const nodes = await threeNodes(database);
    const [first] = nodes as [CheckoutProcess, ...CheckoutProcess[]];
    const sale: SaleUnderWay = {
      productIds: [
        await first.createProduct({ stock: scarce }),
        await first.createProduct({ stock: plenty }),
      ],
      sent: [],
      isOver: false,
    };
    const load = Promise.all(nodes.flatMap((node) => Array.from({ length: buyers }, () => buy(node, sale))));
    const moreOnEach = async (): Promise<void> => {
      const before = nodes.map((node) => acknowledged(sale, node).length);
      await until(() =>
        nodes.every(
          (node, index) => acknowledged(sale, node).length >= (before[index] ?? 0) + acknowledgedOnEach,
        ),
      );
    };

    await moreOnEach();
    const [killed, ...others] = cluster.nodes;
    await killed.kill();
    await moreOnEach();
    await until(async () => (await others[0].status('wsrep_cluster_size')) === '2');
    await killed.join();
    await moreOnEach();
    sale.isOver = true;
    await load;

    const last = nodes[2] ?? first;
    const all = nodes.flatMap((node) => acknowledged(sale, node));
    for (const group of inGroups(all)) {
      await Promise.all(group.map((sent) => expectThere(last, sent)));
    }
    const { body: product } = await first.product(sale.productIds[0]);
    expect([product.stock, product.available_stock]).toEqual([0, 0]);
    expect(await soldOf(cluster, database, sale.productIds[0])).toBe(scarce);

    expect(runCommand('audit', cluster.url(0, database))).toMatchObject({ status: 0, stderr: '' });
    for (const node of cluster.nodes) {
      expect(await node.status('wsrep_local_state_comment')).toBe('Synced');
      expect(await node.status('wsrep_cluster_size')).toBe('3');
    }
    const [rows, ...rowsElsewhere] = await Promise.all(cluster.nodes.map((node) => allRows(node, database)));
    expect(rowsElsewhere).toEqual([rows, rows]);
    // The one that had preferred the killed node went to the next one, and back.
    await until(() => first.logged('Database host is back').length > 0);
    expect(first.logged('Database host is passed over')[0]).toMatchObject({
      host: `127.0.0.1:${killed.port}`,
    });
  });

  test('shows on every node at once what was done on another', async () => {
    const [first, second] = (await threeNodes(await migrated())) as [CheckoutProcess, CheckoutProcess];
    const productId = await first.createProduct({ stock: plenty });
    for (let times = 0; times < 40; times += 1) {
      const hold = await first.hold(productId);
      expect(hold.status).toBe(201);
      expect((await second.get(`/api/v1/holds/${hold.body.hold_id}`)).status).toBe(200);
      const order = await second.order(hold.body.hold_id);
      expect(order.status).toBe(201);
      expect(
        (await first.pay({ idempotency_key: randomUUID(), order_id: order.body.order_id })).body.result,
      ).toBe('processed');
    }
  });

  test('does not show it by itself: a plain session reads what is stale', async () => {
    const database = await migrated();
    const session = async (index: 0 | 1) => {
      const connection = await createConnection(cluster.url(index, database).replace(/,[^/]*/, ''));
      onTestFinished(() => connection.end());
      return connection;
    };
    const [writer, reader] = [await session(0), await session(1)];
    await writer.query('create table counted (id int primary key)');
    await until(() => reader.query('select 1 from counted').catch(() => false));
    let id = 0;
    await until(async () => {
      id += 1;
      await writer.query(`insert into counted values (${id})`);
      const [rows] = await reader.query<RowDataPacket[]>(`select 1 from counted where id = ${id}`);
      return rows.length === 0;
    });
  });

  test('leaves a node that has lost the others, and comes back to it', async () => {
    const database = await migrated();
    const told: string[] = [];
    const store = openStore(cluster.url(0, database), Date.now, {
      ...noObserver,
      hostPassedOver: (host, reason) => told.push(`passed over ${host}: ${reason}`),
      hostIsBack: (host) => told.push(`back ${host}`),
    });
    onTestFinished(() => store.close());
    const sale = new Sale(store);
    const productId = await sale.product({ stock: plenty });
    await sale.hold(productId);
    const [cutOff] = cluster.nodes;
    await cutOff.query(`set global wsrep_provider_options = 'gmcast.isolate=1'`);
    await until(async () => (await cutOff.status('wsrep_ready')) === 'OFF');

    const held = 10;
    for (let times = 0; times < held; times += 1) {
      await sale.hold(productId);
    }
    expect(told).toEqual([
      expect.stringMatching(`passed over 127.0.0.1:${cutOff.port}: .*(WSREP|wsrep_ready)`),
    ]);
    expect(await store.product(productId)).toMatchObject({ heldStock: held + 1 });

    await cutOff.query(`set global wsrep_provider_options = 'gmcast.isolate=0'`);
    await until(async () => {
      await store.product(productId);
      return told.length > 1;
    });
    expect(told).toEqual([expect.anything(), `back 127.0.0.1:${cutOff.port}`]);
    await sale.hold(productId);
    expect(await store.product(productId)).toMatchObject({ heldStock: held + 2 });
    await sale.engine.close();
  });

  test('answers both when two nodes commit to one product at the same time', async () => {
    const database = await migrated();
    const stores = [0, 1].map((first) => openStore(cluster.url(first, database)));
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
    });
    const sales = stores.map((store) => new Sale(store));
    const [one, other] = sales as [Sale, Sale];
    const productId = await one.product({ stock: plenty });
    const conflicts = () =>
      sales.flatMap(({ failed }) => failed).filter(({ error }) => numberOf(error) === 1213);
    let taken = 0;
    await until(async () => {
      await Promise.all([one.hold(productId), other.hold(productId)]);
      taken += 2;
      return conflicts().length > 0;
    });
    expect(conflicts().every(({ willRetry }) => willRetry)).toBe(true);
    expect(await other.hold(productId)).toMatchObject({ quantity: 1 });
    expect(await stores[0]?.product(productId)).toMatchObject({ heldStock: taken + 1 });
    await Promise.all(sales.map(({ engine }) => engine.close()));
  });
});

type SaleUnderWay = {
  readonly productIds: readonly [number, number];
  readonly sent: Sent[];
  isOver: boolean;
};

type Sent = {
  readonly node: CheckoutClient;
  readonly what: 'hold' | 'order' | 'payment';
  /** Null when there was none. */
  readonly reply: Reply | null;
};

/**
 * Holds, orders and pays, each event twice, over and over. What is not answered, or with 503, is asked for again, as a buyer and a
 * provider do: so every unit that was held is paid.
 */
async function buy(node: CheckoutClient, sale: SaleUnderWay): Promise<void> {
  const insist = (what: Sent['what'], send: () => Promise<Reply>): Promise<Reply> =>
    until(async () => {
      const reply = await send().catch(() => null);
      sale.sent.push({ node, what, reply });
      return reply !== null && reply.status < 500 && reply;
    }, 50);
  while (!sale.isOver) {
    for (const productId of sale.productIds) {
      const keys = [randomUUID(), randomUUID()].map((key) => ({ 'idempotency-key': key }));
      const hold = await insist('hold', () => node.hold(productId, 1, keys[0]));
      if (hold.status !== 201) {
        continue;
      }
      const order = await insist('order', () => node.order(hold.body.hold_id, keys[1]));
      const event = { idempotency_key: randomUUID(), order_id: order.body.order_id };
      const pay = () => insist('payment', () => node.pay(event));
      const both = [await pay(), await pay()];
      expect(both.map(({ status, text }) => [status, text])).toEqual(Array(2).fill([200, both[0]?.text]));
    }
  }
}

function acknowledged(sale: SaleUnderWay, node: CheckoutClient): readonly Sent[] {
  return sale.sent.filter((sent) => sent.node === node && sent.reply !== null && sent.reply.status < 300);
}

async function expectThere(node: CheckoutClient, { what, reply }: Sent): Promise<void> {
  if (what === 'hold') {
    expect((await node.get(`/api/v1/holds/${reply?.body.hold_id}`)).status).toBe(200);
    return;
  }
  const { body: order } = await node.get(`/api/v1/orders/${reply?.body.order_id}`);
  expect(order.status).toMatch(what === 'payment' ? /^paid$/ : /^(pending|paid)$/);
}

function inGroups<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / 100) }, (_, index) =>
    items.slice(index * 100, index * 100 + 100),
  );
}

async function soldOf(cluster: GaleraCluster, database: string, productId: number): Promise<number> {
  const [row] = await cluster.nodes[1].query(
    `select count(*) as units from holds where product_id = ${productId} and consumed`,
    database,
  );
  return row?.units;
}

const tables = [
  'products',
  'holds',
  'orders',
  'idempotency_keys',
  'payments',
  'refunds',
  'request_keys',
  'stock_changes',
];

async function allRows(node: GaleraNode, database: string): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for (const table of tables) {
    // After what the others have committed: a plain read would be stale for a moment.
    const read = `set statement wsrep_sync_wait = 1 for select * from ${table} order by 1, 2`;
    rows.push(await node.query(read, database));
  }
  return rows;
}

/** The database's number of what went wrong. */
function numberOf(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'errno' in cause ? cause.errno : undefined;
}
