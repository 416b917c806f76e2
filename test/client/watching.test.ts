import { describe, expect, it, onTestFinished } from 'vitest';
import { createCheckoutClient, type Product, type WatchState } from '../../src/client/checkout-client.ts';
import { DeviceAtHand } from '../support/device-at-hand.ts';
import { streamServerForTest } from '../support/stream-server.ts';
import { until } from '../support/until.ts';

/** The server's time as its messages tell it, an hour ahead of the device's. */
const now = new Date(Date.now() + 3_600_000).toISOString();

function product(id: number, availableStock: number): Product {
  return {
    id,
    name: `Product ${id}`,
    price: 10,
    currency: 'USD',
    stock: 50,
    held_stock: 50 - availableStock,
    available_stock: availableStock,
    next_release_at: null,
    opens_at: null,
    closes_at: null,
  };
}

/** A page that watches products of a server, and what it has been shown. */
async function page() {
  const server = await streamServerForTest();
  const device = new DeviceAtHand();
  const client = createCheckoutClient({ baseUrl: server.url }, device);
  const shown: (readonly Product[])[] = [];
  const states: WatchState[] = [];
  const watch = () => {
    const stop = client.watchProducts({
      products: (products) => shown.push(products),
      state: (state) => states.push(state),
    });
    onTestFinished(stop);
    return stop;
  };
  /** Waits for so many lists; resolves to what is available in the latest. */
  const available = async (lists: number) => {
    await until(() => shown.length >= lists);
    expect(shown).toHaveLength(lists);
    return shown.at(-1)?.map(({ id, available_stock }) => [id, available_stock]);
  };
  return { server, device, client, shown, states, watch, available };
}

describe('a page that watches products', () => {
  it('is shown all of them at first, and whenever some have changed', async () => {
    const { server, client, shown, states, watch, available } = await page();
    watch();
    await until(() => server.viewers === 1);
    server.write('retry: 2500\n: a sign of life\n\n');
    server.send('products', { now, products: [product(1, 5), product(2, 7)] });
    expect(await available(1)).toEqual([
      [1, 5],
      [2, 7],
    ]);
    server.send('products', { now, products: [product(2, 6)] });
    expect(await available(2)).toEqual([
      [1, 5],
      [2, 6],
    ]);
    expect(shown[1]?.[0]).toBe(shown[0]?.[0]);
    expect(states).toEqual(['live']);
    expect(server.polls).toBe(0);
    expect(client.nowMs()).toBe(Date.parse(now));
  });

  it('is shown what comes in pieces, in the middle of a character too', async () => {
    const { server, watch, shown } = await page();
    watch();
    await until(() => server.viewers === 1);
    const message = Buffer.from(
      `event: products\ndata: ${JSON.stringify({ now, products: [{ ...product(1, 5), name: 'Möbel' }] })}\n\n`,
    );
    const half = message.indexOf(0xc3) + 1;
    server.write(message.subarray(0, half));
    server.write(message.subarray(half));
    await until(() => shown.length === 1);
    expect(shown[0]?.[0]?.name).toBe('Möbel');
  });

  it('connects again after a break, when the server said, and forgets what is no longer there', async () => {
    const { server, device, states, watch, available } = await page();
    watch();
    await until(() => server.viewers === 1);
    server.write('retry: 1000\n');
    server.send('products', { now, products: [product(1, 5), product(2, 7)] });
    await available(1);
    server.cut();
    expect(await device.passPause()).toBe(500);
    await until(() => server.asked.length === 2 && server.viewers === 1);
    server.send('products', { now, products: [product(1, 4)] });
    expect(await available(2)).toEqual([[1, 4]]);
    expect(states).toEqual(['live']);
  });

  it('connects again when the server has gone silent', async () => {
    const { server, device, watch, available } = await page();
    watch();
    await until(() => server.viewers === 1);
    server.send('products', { now, products: [product(1, 5)] });
    await available(1);
    await device.passLimit(45_000);
    await device.passPause();
    await until(() => server.asked.length === 2);
  });

  it.each(['overloaded', 'page'] as const)(
    'is shown what it polls every 2 to 4 s where the stream is refused (%s), until it is there',
    async (reception) => {
      const { server, device, states, watch, available } = await page();
      server.reception = reception;
      server.listed = [product(1, 5)];
      watch();
      expect(await available(1)).toEqual([[1, 5]]);
      expect(states).toEqual(['polling']);
      server.listed = [product(1, 3)];
      const pauseMs = await device.passPause();
      expect([pauseMs >= 2_000, pauseMs <= 4_000]).toEqual([true, true]);
      await until(() => server.polls === 2);
      expect(await available(2)).toEqual([[1, 3]]);
      server.reception = 'stream';
      device.passPauses();
      await until(() => server.viewers === 1);
      const lists = server.polls;
      server.send('products', { now, products: [product(1, 2)] });
      await until(() => states.at(-1) === 'live');
      expect(await available(lists + 1)).toEqual([[1, 2]]);
    },
  );

  it('is shown what it polls where a proxy holds the stream back', async () => {
    const { server, device, states, watch, available } = await page();
    server.reception = 'silent';
    server.listed = [product(1, 5)];
    watch();
    await until(() => server.asked.length === 1);
    await device.passLimit(10_000);
    expect(await available(1)).toEqual([[1, 5]]);
    expect(states).toEqual(['polling']);
  });

  it.each([
    ['overloaded', 'at most every half minute', [2_000, 4_000, 8_000, 16_000, 16_000]],
    ['hung up', 'at most every few seconds', [2_000, 4_000, 4_000, 4_000, 4_000]],
  ] as const)('asks for a stream more and more rarely where it is %s, %s', async (reception, _, expected) => {
    const { server, device, watch } = await page();
    server.reception = reception;
    watch();
    const betweenMs: number[] = [];
    for (const asked of expected.keys()) {
      await until(() => server.asked.length === asked + 1 && device.isPausing);
      const askedAtMs = device.elapsedMs();
      do {
        await device.passPause();
        await until(() => server.asked.length > asked + 1 || device.isPausing);
      } while (server.asked.length === asked + 1);
      betweenMs.push(device.elapsedMs() - askedAtMs);
    }
    expect(betweenMs).toEqual(expected);
  });

  it('is told that the server is away, and when it is back', async () => {
    const { server, device, states, watch } = await page();
    server.reception = 'overloaded';
    server.listed = null;
    watch();
    await until(() => states.length === 1);
    expect(states).toEqual(['away']);
    server.listed = [product(1, 5)];
    await device.passPause();
    await until(() => states.length === 2);
    expect(states).toEqual(['away', 'polling']);
  });

  it('is shown nothing more once it has stopped, and its connection is closed', async () => {
    const { server, shown, watch, available } = await page();
    const stop = watch();
    await until(() => server.viewers === 1);
    server.send('products', { now, products: [product(1, 5)] });
    await available(1);
    stop();
    await until(() => server.viewers === 0);
    expect([shown.length, server.asked.length, server.polls]).toEqual([1, 1, 0]);
  });
});

describe("an operator's page", () => {
  it('follows a stream with the token, and goes on after the last message it had', async () => {
    const { server, device } = await page();
    const client = createCheckoutClient({ baseUrl: server.url, adminToken: 'let-me-in' }, device);
    const messages: unknown[] = [];
    const states: [string, string | undefined][] = [];
    const stop = client.watch('/admin/live', {
      message: (message) => messages.push(message),
      state: (state, error) => states.push([state, error?.message]),
    });
    onTestFinished(stop);
    await until(() => server.viewers === 1);
    server.send('seconds', { processes: 1 }, 'id: 1700000000\n');
    await until(() => messages.length === 1);
    expect(messages).toEqual([{ event: 'seconds', data: { processes: 1 } }]);
    server.reception = 'overloaded';
    server.cut();
    await device.passPause();
    await until(() => states.length === 2);
    server.reception = 'stream';
    device.passPauses();
    await until(() => server.viewers === 1);
    server.send('attention', {});
    await until(() => messages.length === 2);
    expect(states).toEqual([
      ['live', undefined],
      ['away', 'Too many viewers.'],
      ['live', undefined],
    ]);
    expect(server.asked[0]).toMatchObject({ authorization: 'Bearer let-me-in' });
    expect(server.asked[0]).not.toHaveProperty('last-event-id');
    expect(server.asked.at(-1)).toMatchObject({ 'last-event-id': '1700000000' });
  });
});
