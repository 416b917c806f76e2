import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { productSnapshot } from '../../test/support/product-snapshot.ts';
import { SnapshotOutbox } from './snapshot-outbox.ts';

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
    outbox.put(productSnapshot({ id: id, version: version }));
  }
  expect(sent).toEqual([]);
  await turn();
  const first = [
    [1, 3],
    [2, 1],
  ];
  expect(sent).toEqual([first]);

  for (let version = 4; version <= 100; version += 1) {
    outbox.put(productSnapshot({ id: 1, version: version }));
    await turn();
  }
  expect(sent).toEqual([first]);
  take();
  await expect.poll(() => sent).toEqual([first, [[1, 100]]]);

  take();
  outbox.put(productSnapshot({ id: 2, version: 2 }));
  await expect.poll(() => sent).toEqual([first, [[1, 100]], [[2, 2]]]);
});

it('forgets what was not sent yet', async () => {
  const { outbox, sent } = outboxUnderTest();
  outbox.put(productSnapshot({ id: 1, version: 1 }));
  outbox.clear();
  outbox.put(productSnapshot({ id: 2, version: 1 }));
  await turn();
  expect(sent).toEqual([[[2, 1]]]);
});
