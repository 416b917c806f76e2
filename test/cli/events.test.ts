import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventEndpointsOf } from '../../src/config/event-endpoints.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { Sale } from '../support/sale.ts';

const EVENT_WEBHOOK_URLS = 'https://hooks.shop.example/events?token=hunter2';
const [endpoint = ''] = eventEndpointsOf({ eventWebhookUrls: [EVENT_WEBHOOK_URLS] }).map(({ id }) => id);

let folder: string;
let store: Store;
let orderId: number;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flash-sale-events-'));
  store = openStore(`sqlite:${folder}/flash-sale.db`);
  await store.migrate();
  const sale = new Sale(store, { rules: { eventEndpoints: [endpoint] } });
  orderId = (await sale.order((await sale.hold(await sale.product())).id)).id;
  await sale.pay({ orderId });
  await sale.engine.close();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function events(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [resolve('src/main.ts'), 'events', ...args],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        DATABASE_URL: `sqlite:${folder}/flash-sale.db`,
        EVENT_WEBHOOK_URLS,
      },
      encoding: 'utf8',
    },
  );
  expect(stdout + stderr).not.toContain('hunter2');
  return { status, stdout, stderr };
}

async function dead(): Promise<void> {
  const { items } = await store.deliveries({}, { limit: 9, cursor: null });
  await store.recordDeliveries(
    items.map(({ delivery }) => ({ ...delivery, status: 'dead', attempts: 10, lastError: 'answered 500' })),
  );
}
const pending = async () => (await store.endpoints())[0]?.pending;

describe('flash-sale events', () => {
  it('lists deliveries, and of them those that were given up', async () => {
    const all = events('list');
    expect([all.status, all.stderr]).toEqual([0, '']);
    expect(all.stdout).toMatch(new RegExp(`order\\.paid +│ ${orderId} +│ ${endpoint} │ pending +│ 0 `));
    expect(all.stdout).toMatch(/order\.created [\s\S]*\n2 deliveries\.\n$/);
    expect(events('list', '--status', 'dead').stdout).toMatch(/\n0 deliveries\.\n$/);
    await dead();
    expect(events('list', '--status', 'dead', '--limit', '1').stdout).toMatch(
      /dead +│ 10 +│ +│ answered 500 │\n[\s\S]*\nThe newest 1 deliveries\.\n$/,
    );
  });

  it('shows the body of an event as its receivers get it', async () => {
    const [first] = (await store.outgoingEvents({ type: 'order.created' }, { limit: 1, cursor: null })).items;
    for (const name of [`${first?.id}`, `evt_${first?.id}`]) {
      const { status, stdout } = events('show', name);
      expect([status, JSON.parse(stdout.slice(0, stdout.indexOf('┌')))]).toMatchObject([
        0,
        { type: 'order.created', data: { order_id: orderId, status: 'pending' } },
      ]);
      expect(stdout).toContain(endpoint);
    }
  });

  it('has events sent again: by their ids, or all that were given up', async () => {
    await dead();
    const [event] = (await store.outgoingEvents({}, { limit: 1, cursor: null })).items;
    expect(events('resend', `evt_${event?.id}`)).toMatchObject({
      status: 0,
      stdout: '1 deliveries are on their way again\n',
    });
    expect(await pending()).toBe(1);
    expect(events('resend', '--dead-of', endpoint).status).toBe(0);
    expect(await pending()).toBe(2);
  });

  it('lists endpoints, and switches one on', async () => {
    await store.switchEndpoint(endpoint, 'off', 'answered 410 Gone');
    expect(events('endpoints').stdout).toMatch(
      new RegExp(`${endpoint} │ yes +│ 2 +│ 0 +│ \\S+Z │ answered 410 Gone │`),
    );
    expect(events('switch-on', endpoint)).toMatchObject({
      status: 0,
      stdout: `${endpoint} is on; 2 deliveries wait for it\n`,
    });
    expect((await store.endpoints())[0]?.switchedOffAtMs).toBeNull();
  });

  it.each([
    [['show', '77'], 1, 'There is no event 77: see bin/flash-sale events list'],
    [['show', 'order'], 1, 'Expected the id of an event such as 77 or evt_77, got "order"'],
    [['resend', '77'], 1, 'There is no event 77: see bin/flash-sale events list'],
    [['resend'], 1, 'Name events, or an endpoint with --dead-of'],
    [['switch-on', 'nowhere'], 1, 'There is no endpoint nowhere: see bin/flash-sale events endpoints'],
    [
      ['list', '--limit', '0'],
      2,
      "option '--limit <number>' argument '0' is invalid. Expected a whole number from 1 to 200. See bin/flash-sale --help",
    ],
  ])('refuses %j in one line', (args, status, line) => {
    expect(events(...args)).toEqual({ status, stdout: '', stderr: `flash-sale: ${line}\n` });
  });
});
