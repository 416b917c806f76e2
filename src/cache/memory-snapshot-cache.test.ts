import { describe, expect, it } from 'vitest';
import { productSnapshot } from '../../test/support/product-snapshot.ts';
import type { ProductSnapshot } from '../domain/product.ts';
import { MemorySnapshotCache } from './memory-snapshot-cache.ts';

const ttlMs = 5_000;

function snapshot(version: number, over: Partial<ProductSnapshot> = {}): ProductSnapshot {
  return productSnapshot({ version, ...over });
}

/** A cache in front of reads that the test answers by hand, under a clock that the test sets. */
function cacheUnderTest() {
  const reads: PromiseWithResolvers<ProductSnapshot | null>[] = [];
  const lookedUp: (readonly [number, boolean])[] = [];
  const clock = { nowMs: 0 };
  const cache = new MemorySnapshotCache({
    read: () => {
      const read = Promise.withResolvers<ProductSnapshot | null>();
      reads.push(read);
      return read.promise;
    },
    nowMs: () => clock.nowMs,
    ttlMs: () => ttlMs,
    lookedUp: (productId, hit) => lookedUp.push([productId, hit]),
  });
  return { cache, reads, lookedUp, clock };
}

describe('a cache of snapshots', () => {
  it('reads what it does not know, and serves it from then on', async () => {
    const { cache, reads, lookedUp } = cacheUnderTest();
    const first = cache.get(1);
    reads[0]?.resolve(snapshot(1));
    expect(await first).toEqual(snapshot(1));
    expect(await cache.get(1)).toEqual(snapshot(1));
    expect([reads.length, lookedUp]).toEqual([
      1,
      [
        [1, false],
        [1, true],
      ],
    ]);
  });

  it('reads one product once for all who ask meanwhile, and another one beside it', async () => {
    const { cache, reads } = cacheUnderTest();
    const asked = [cache.get(1), cache.get(1), cache.get(2), cache.get(1)];
    expect(reads).toHaveLength(2);
    reads[0]?.resolve(snapshot(1));
    reads[1]?.resolve(snapshot(1, { id: 2 }));
    expect((await Promise.all(asked)).map((each) => each?.id)).toEqual([1, 1, 2, 1]);
  });

  it.each([
    ['its time to live', {}, ttlMs],
    ['the first deadline', { nextReleaseAtMs: 1_234 }, 1_234],
    ['its time to live, when the deadline is later', { nextReleaseAtMs: 9_999 }, ttlMs],
    ['its time to live, counted from when it was read', { asOfMs: -1_000 }, 4_000],
  ])('serves a snapshot until %s, and not at that instant', async (_, over, untilMs) => {
    const { cache, reads, clock } = cacheUnderTest();
    cache.put(snapshot(1, over));
    clock.nowMs = untilMs - 1;
    expect((await cache.get(1))?.version).toBe(1);
    clock.nowMs = untilMs;
    const fresh = cache.get(1);
    reads[0]?.resolve(snapshot(2, { asOfMs: untilMs }));
    expect((await fresh)?.version).toBe(2);
    expect(reads).toHaveLength(1);
  });

  it('never replaces a newer snapshot by an older one', async () => {
    const { cache, reads } = cacheUnderTest();
    cache.put(snapshot(3, { asOfMs: 2 }));
    for (const older of [
      snapshot(2, { asOfMs: 9 }),
      snapshot(3, { asOfMs: 1 }),
      snapshot(3, { asOfMs: 2, stock: 0 }),
    ]) {
      cache.put(older);
      expect(await cache.get(1)).toEqual(snapshot(3, { asOfMs: 2 }));
    }
    cache.put(snapshot(3, { asOfMs: 3 }));
    expect((await cache.get(1))?.asOfMs).toBe(3);
    expect(reads).toHaveLength(0);
  });

  it('serves the commit that overtook a read, to everybody who waited for the read', async () => {
    const { cache, reads } = cacheUnderTest();
    const asked = [cache.get(1), cache.get(1)];
    cache.put(snapshot(2, { asOfMs: 1 }));
    reads[0]?.resolve(snapshot(1));
    expect((await Promise.all(asked)).map((each) => each?.version)).toEqual([2, 2]);
    expect((await cache.get(1))?.version).toBe(2);
  });

  it('reads again when what overtook the read is out of date by then', async () => {
    const { cache, reads, clock } = cacheUnderTest();
    const asked = cache.get(1);
    cache.put(snapshot(2, { nextReleaseAtMs: 100 }));
    clock.nowMs = 100;
    reads[0]?.resolve(snapshot(1));
    await expect.poll(() => reads.length).toBe(2);
    reads[1]?.resolve(snapshot(3, { asOfMs: 100 }));
    expect((await asked)?.version).toBe(3);
  });

  it('keeps nothing of a product that is not there', async () => {
    const { cache, reads } = cacheUnderTest();
    const first = cache.get(7);
    reads[0]?.resolve(null);
    expect(await first).toBeNull();
    const second = cache.get(7);
    reads[1]?.resolve(snapshot(1, { id: 7 }));
    expect((await second)?.id).toBe(7);
  });

  it('fails for those who waited for a read that failed, and reads again for the next', async () => {
    const { cache, reads } = cacheUnderTest();
    const asked = [cache.get(1), cache.get(1)];
    reads[0]?.reject(new Error('gone'));
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = cache.get(1);
    reads[1]?.resolve(snapshot(1));
    expect((await next)?.version).toBe(1);
  });

  it('forgets everything when it is cleared', async () => {
    const { cache, reads } = cacheUnderTest();
    cache.put(snapshot(5));
    cache.clear();
    const asked = cache.get(1);
    reads[0]?.resolve(snapshot(4));
    expect((await asked)?.version).toBe(4);
  });

  it('keeps nothing that was being read when it was cleared', async () => {
    const { cache, reads } = cacheUnderTest();
    const before = cache.get(1);
    cache.clear();
    const after = cache.get(1);
    reads[1]?.resolve(snapshot(1));
    expect((await after)?.version).toBe(1);
    reads[0]?.resolve(snapshot(9));
    expect((await before)?.version).toBe(9);
    expect((await cache.get(1))?.version).toBe(1);
    expect(reads).toHaveLength(2);
  });
});
