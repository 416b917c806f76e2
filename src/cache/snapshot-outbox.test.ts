import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ProductSnapshot } from '../domain/product.ts';
import { SnapshotOutbox } from './snapshot-outbox.ts';

function snapshot(id: number, version: number): ProductSnapshot {
  return {
    asOfMs: version,
    id,
    name: 'Sneakers',
    priceMinor: 100,
    currency: 'USD',
    stock: 10,
    heldStock: 0,
    nextReleaseAtMs: null,
    opensAtMs: null,
    closesAtMs: null,
    version,
  };
}

/** An outbox whose messages are taken only when the test says so. */
function outboxUnderTest() {
  const sent: (readonly [id: number, version: number][])[] = [];
  let taken = Promise.withResolvers<void>();
  const outbox = new SnapshotOutbox((snapshots) => {
    sent.push(snapshots.map(({ id, version }) => [id, version]));
    taken = Promise.withResolvers();
    return taken.promise;
  });
  return { outbox, sent, take: () => taken.resolve() };
}

it('sends the newest of each product at the end of the turn, and waits until that is taken', async () => {
  const { outbox, sent, take } = outboxUnderTest();
  for (const [id, version] of [
    [1, 1],
    [1, 3],
    [2, 1],
    [1, 2],
  ] as const) {
    outbox.put(snapshot(id, version));
  }
  expect(sent).toEqual([]);
  await turn();
  const first = [
    [1, 3],
    [2, 1],
  ];
  expect(sent).toEqual([first]);

  for (let version = 4; version <= 100; version += 1) {
    outbox.put(snapshot(1, version));
    await turn();
  }
  expect(sent).toEqual([first]);
  take();
  await expect.poll(() => sent).toEqual([first, [[1, 100]]]);

  take();
  outbox.put(snapshot(2, 2));
  await expect.poll(() => sent).toEqual([first, [[1, 100]], [[2, 2]]]);
});

it('forgets what was not sent yet', async () => {
  const { outbox, sent } = outboxUnderTest();
  outbox.put(snapshot(1, 1));
  outbox.clear();
  outbox.put(snapshot(2, 1));
  await turn();
  expect(sent).toEqual([[[2, 1]]]);
});
