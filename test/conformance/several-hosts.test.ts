import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { expect, it, type TestContext } from 'vitest';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { noObserver } from '../../src/store/store-observer.ts';
import { ownServerUrl } from '../support/database-on-server.ts';
import { createMigrated, serverDatabases } from '../support/databases.ts';
import { describeEach, describeNeeding } from '../support/needing.ts';
import { firstMissing } from '../support/programs.ts';
import { serverKinds } from '../support/servers.ts';
import { kindOfError, productRow, write } from '../support/store-rows.ts';
import { SwitchedHost } from '../support/switched-host.ts';
import { until } from '../support/until.ts';

/** Opens a store on several ports of the loopback address, and notes what becomes of them. */
function openOn(test: TestContext, url: string, ports: readonly (number | string)[]) {
  const told: string[] = [];
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  const store = openStore(url.replace(/127\.0\.0\.1:\d+/, hosts), Date.now, {
    ...noObserver,
    hostPassedOver: (host, reason) => told.push(`passed over ${host}: ${reason}`),
    hostIsBack: (host) => told.push(`back ${host}`),
  });
  test.onTestFinished(() => store.close());
  return { store, told };
}

/** Reads and writes once. What is to be tried again is. */
async function works(store: Store): Promise<void> {
  await until(async () => (await kindOfError(store.product(1))) === 'resolved');
  await until(async () => (await kindOfError(store.transact(async () => {}))) === 'resolved');
}

describeEach(serverDatabases)('several hosts of $name', { concurrent: true }, (database) => {
  /** A database on the real server, and another host that leads to it. */
  const open = async (test: TestContext) => {
    const db = await createMigrated(database);
    test.onTestFinished(() => db.close());
    await write(db.store, { products: [productRow()] });
    const port = Number(new URL(db.url).port);
    const first = await SwitchedHost.to(port);
    test.onTestFinished(() => first.off());
    return { ...db, port, first, ...openOn(test, db.url, [first.port, port]) };
  };

  it('uses the second when the first is away, and the first again as soon as it is back', async (test) => {
    const { store, told, first, port } = await open(test);
    await works(store);
    expect(told).toEqual([
      `passed over 127.0.0.1:${first.port}: connect ECONNREFUSED 127.0.0.1:${first.port}`,
    ]);

    await first.on('answering');
    await until(async () => {
      await works(store);
      return told.length > 1;
    });
    expect(told[1]).toBe(`back 127.0.0.1:${first.port}`);
    await works(store);
    expect(first.connections).toBeGreaterThan(1); // the look, and what is in use now

    await first.off();
    await works(store);
    expect(told.at(-1)).toMatch(`passed over 127.0.0.1:${first.port}: `);
    expect(told.join()).not.toContain(`127.0.0.1:${port}`);
  });

  it('waits once for one that does not answer, not with each request', async (test) => {
    const { store, told, first } = await open(test);
    await first.on('silent');
    await works(store);
    const waitedFor = first.connections;
    for (let times = 0; times < 20; times += 1) {
      await works(store);
    }
    expect(first.connections).toBe(waitedFor);
    expect(told).toHaveLength(1);
  });

  it('says of each host why not, when there is none', async (test) => {
    const { url, first } = await open(test);
    const second = await SwitchedHost.to(0);
    const { store } = openOn(test, url, [first.port, second.port]);
    await expect(store.product(1)).rejects.toMatchObject({
      kind: 'retryable',
      message: [first, second]
        .map(({ port }) => `127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}`)
        .join('; '),
    });
    const { store: stranger } = openOn(test, url.replace(/\/\/.*@/, '//stranger:wrong@'), [
      new URL(url).port,
      new URL(url).port,
    ]);
    if (database.name !== 'PostgreSQL') {
      // That server lets everybody in.
      expect(await kindOfError(stranger.product(1))).toBe('unavailable');
    }
  });

  it('opens no more connections than it may, over all hosts', async (test) => {
    const { store, first } = await open(test);
    await first.on('answering');
    await Promise.all(Array.from({ length: 100 }, () => store.product(1)));
    expect(first.connections).toBeLessThanOrEqual(8);
    await first.off();
    await Promise.all(Array.from({ length: 100 }, () => works(store)));
  });
});

const readOnlyKinds = [
  {
    name: 'MariaDB',
    setting: 'read-only=0',
    turn: async (url: string, isReadOnly: boolean) => {
      const connection = await createConnection(url);
      await connection.query(`set global read_only = ${isReadOnly ? 1 : 0}`);
      await connection.end();
    },
    create: async (url: string, name: string) => {
      const connection = await createConnection(url);
      await connection.query(`create database ${name}`);
      // The administrator may write where everybody else may only read.
      await connection.query(`create user if not exists app@'127.0.0.1'`);
      await connection.query(`grant all on *.* to app@'127.0.0.1'`);
      await connection.query(`revoke super, read only admin on *.* from app@'127.0.0.1'`);
      await connection.end();
      return `${url.replace('root@', 'app@')}/${name}`;
    },
  },
  {
    name: 'PostgreSQL',
    setting: 'log_statement=none', // on the command line the one that is turned could not be turned
    turn: async (url: string, isReadOnly: boolean) => {
      const client = new pg.Client(`${url}/postgres`);
      await client.connect();
      await client.query('set default_transaction_read_only = off');
      await client.query(`alter system set default_transaction_read_only = ${isReadOnly}`);
      await client.query('select pg_reload_conf()');
      await client.end();
    },
    create: async (url: string, name: string) => {
      const client = new pg.Client(`${url}/postgres`);
      await client.connect();
      await client.query(`create database ${name}`);
      await client.end();
      return `${url}/${name}`;
    },
  },
] as const;

for (const kind of readOnlyKinds) {
  describeNeeding(firstMissing(serverKinds[kind.name].program))(`a ${kind.name} that only reads`, () => {
    it('is passed over when there is another one, also when it turns so, and is used when it is the only one', async (test) => {
      const [one, other] = await Promise.all([
        ownServerUrl(kind.name, [kind.setting]),
        ownServerUrl(kind.name, [kind.setting]),
      ]);
      const name = `checkout_${randomUUID().replaceAll('-', '')}`;
      const [onlyOne, onlyOther] = [await kind.create(one, name), await kind.create(other, name)];
      const ports = [one, other].map((url) => new URL(url).port);
      const stores = [onlyOne, onlyOther].map((url) => openStore(url));
      test.onTestFinished(async () => {
        await Promise.all(stores.map((store) => store.close()));
      });
      const [first, second] = stores as [Store, Store];
      await Promise.all([first.migrate(), second.migrate()]);
      const { store, told } = openOn(test, onlyOne, ports);

      let id = 0;
      const writeNext = () => {
        id += 1;
        return kindOfError(write(store, { products: [productRow({ id })] }));
      };
      expect(await writeNext()).toBe('resolved');
      await kind.turn(one, true);
      // A server may take a moment until each of its sessions knows.
      await until(async () => (await writeNext()) === 'retryable');
      const firstElsewhere = id;
      expect(await kindOfError(write(store, { products: [productRow({ id })] }))).toBe('resolved');
      expect(told).toHaveLength(1);
      expect(told[0]).toMatch(new RegExp(`^passed over 127.0.0.1:${ports[0]}: .*read-only`));
      const afresh = openOn(test, onlyOne, ports);
      expect(await kindOfError(write(afresh.store, { products: [productRow({ id: id + 1 })] }))).toBe(
        'resolved',
      );
      expect(afresh.told).toEqual([`passed over 127.0.0.1:${ports[0]}: the server is read-only`]);

      const idsOf = async (one: Store) => (await one.products()).map((product) => product.id);
      expect(await idsOf(second)).toEqual([firstElsewhere, id + 1]);
      expect(await idsOf(first)).toHaveLength(firstElsewhere - 1);
      expect(await kindOfError(write(first, { products: [productRow({ id: 1_000 })] }))).toBe('unavailable');

      await kind.turn(one, false);
      await until(async () => {
        await store.products();
        return told.length === 2;
      });
      expect(told[1]).toBe(`back 127.0.0.1:${ports[0]}`);
      await write(store, { products: [productRow({ id: 1_000 })] });
      expect((await idsOf(first)).at(-1)).toBe(1_000);
    });
  });
}
