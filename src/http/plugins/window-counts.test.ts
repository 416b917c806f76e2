import { describe, expect, it } from 'vitest';
import { type SharedWindowCounts, type WindowCount, WindowCounts } from './window-counts.ts';

const limit = { name: 'things', windowMs: 60_000 };

/** Nodes that answer with these counts, one after the other, and then not at all. */
function nodes(counts: readonly WindowCount[]): SharedWindowCounts {
  const left = [...counts];
  const next = async () => left.shift() ?? null;
  return { add: next, peek: next };
}

describe('the counts of a limit', () => {
  it('are apart for each key, and a look changes nothing', async () => {
    const counts = new WindowCounts(limit);
    expect(await counts.peek('a')).toEqual({ count: 0, ttlMs: 60_000 });
    await counts.add('a');
    await counts.add('a');
    await counts.add('b');
    const [a, again, b] = [await counts.peek('a'), await counts.peek('a'), await counts.peek('b')];
    expect([a.count, again.count, b.count]).toEqual([2, 2, 1]);
    expect(a.ttlMs).toBeLessThanOrEqual(60_000);
  });

  it('are those of all nodes where they can be had', async () => {
    const counts = new WindowCounts(limit, nodes([{ count: 7, ttlMs: 5_000 }]));
    expect(await counts.add('a')).toEqual({ count: 7, ttlMs: 5_000 });
  });

  it('keep what the nodes said last while nothing is heard of them, until that window ends', async () => {
    const counts = new WindowCounts(limit, nodes([{ count: 7, ttlMs: 5_000 }]));
    await counts.peek('a');
    const kept = await counts.peek('a');
    expect([kept.count, kept.ttlMs <= 5_000]).toEqual([7, true]);
    expect((await counts.add('a')).count).toBe(8);
    const ended = new WindowCounts(limit, nodes([{ count: 7, ttlMs: 0 }]));
    await ended.peek('a');
    expect((await ended.add('a')).count).toBe(1);
  });

  it('of a flood of keys forget the oldest and not the newest', async () => {
    const counts = new WindowCounts(limit);
    for (let key = 0; key < 50_001; key += 1) {
      await counts.add(String(key));
    }
    expect([(await counts.peek('0')).count, (await counts.peek('50000')).count]).toEqual([0, 1]);
  });
});
