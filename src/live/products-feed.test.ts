import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { productSnapshot } from '../../test/support/product-snapshot.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { ProductsFeed } from './products-feed.ts';

const refreshMs = 5_000;

/** A feed whose reads are counted, and what it told. */
function feedOf(read: () => readonly ProductSnapshot[], restMs = 250) {
  const told: (readonly number[])[] = [];
  const reading = { count: 0, read };
  const feed = new ProductsFeed({
    read: async () => {
      reading.count += 1;
      return reading.read();
    },
    nowMs: Date.now,
    refreshMs,
  });
  feed.listen({
    changed: async (products) => {
      told.push(products.map(({ id, version }) => id * 1_000 + version));
    },
    restMs: () => restMs,
  });
  return { feed, told, reading };
}

/** What a commit left goes together at the end of the event loop's turn. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

describe('the feed of products', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 27, 9), toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  const product = (fields: Partial<ProductSnapshot>) => productSnapshot({ asOfMs: Date.now(), ...fields });

  it('reads nothing and has no timer while nobody watches', async () => {
    const { feed, told, reading } = feedOf(() => [product({})]);
    feed.put(product({ nextReleaseAtMs: Date.now() }));
    feed.forget();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reading.count, told.length, vi.getTimerCount()]).toEqual([0, 0, 0]);
    await feed.watch();
    feed.sleep();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([reading.count, told.length, vi.getTimerCount()]).toEqual([1, 0, 0]);
    expect(feed.products()).toEqual([]);
  });

  it('reads once for all who come, and again when what it knows may be old', async () => {
    const { feed, reading } = feedOf(() => [product({})]);
    await Promise.all([feed.watch(), feed.watch(), feed.watch()]);
    expect(reading.count).toBe(1);
    await vi.advanceTimersByTimeAsync(refreshMs - 1);
    expect(reading.count).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(reading.count).toBe(2);
    feed.forget();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(reading.count).toBe(3);
    feed.sleep();
  });

  it('reads soon after a deadline, and at most once a second however many there are', async () => {
    const startMs = Date.now();
    let version = 1;
    const { feed, reading, told } = feedOf(() => {
      version += 1;
      return [product({ version, heldStock: version, nextReleaseAtMs: Date.now() + 100 })];
    });
    await feed.watch();
    await vi.advanceTimersByTimeAsync(129);
    expect(reading.count).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(reading.count).toBe(2);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(Date.now() - startMs).toBe(3_130);
    expect(reading.count).toBeLessThanOrEqual(6);
    expect(told.length).toBeGreaterThan(0);
    feed.sleep();
  });

  it('tells of what has changed together, once for each rest, and never of something older', async () => {
    const { feed, told } = feedOf(() => [product({ id: 1, version: 5 }), product({ id: 2, version: 5 })]);
    await feed.watch();
    feed.put(product({ id: 1, version: 4, stock: 1 }));
    feed.put(product({ id: 1, version: 6, stock: 2 }));
    feed.put(product({ id: 2, version: 6, stock: 2 }));
    feed.put(product({ id: 1, version: 7 }));
    await endOfTurn();
    expect(told).toEqual([[1_007, 2_006]]);
    for (let version = 8; version < 20; version += 1) {
      feed.put(product({ id: 1, version, stock: version }));
    }
    await vi.advanceTimersByTimeAsync(249);
    expect(told).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(told).toEqual([[1_007, 2_006], [1_019]]);
    await vi.advanceTimersByTimeAsync(250);
    feed.put(product({ id: 1, version: 20, stock: 19 }));
    await endOfTurn();
    expect(told).toHaveLength(2);
    feed.sleep();
  });

  it('says nothing of what it cannot read, and tries again after a second', async () => {
    const { feed, told, reading } = feedOf(() => [product({ nextReleaseAtMs: Date.now() + 100 })]);
    await feed.watch();
    reading.read = () => {
      throw new Error('the database is away');
    };
    await vi.advanceTimersByTimeAsync(3_200);
    expect(reading.count).toBe(5);
    expect(told).toEqual([]);
    feed.sleep();
    await expect(feed.watch()).rejects.toThrow('the database is away');
    expect(vi.getTimerCount()).toBe(0);
  });
});
