import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { processScheduler } from './scheduler.ts';

/** A timer may come up to a millisecond early by another clock. */
const earlyMs = 1;

it('waits at least as long as it is told to', async () => {
  const beganMs = processScheduler.nowMs();
  await processScheduler.pause(20);
  expect(processScheduler.nowMs() - beganMs).toBeGreaterThanOrEqual(20 - earlyMs);
});

it('calls back later, and not before', async () => {
  const beganMs = processScheduler.nowMs();
  await new Promise<void>((resolve) => processScheduler.callLater(20, resolve));
  expect(processScheduler.nowMs() - beganMs).toBeGreaterThanOrEqual(20 - earlyMs);
});

it('lets everything that can run go first when it takes a turn', async () => {
  const ran: string[] = [];
  process.nextTick(() => ran.push('next tick'));
  setImmediate(() => ran.push('immediate'));
  await processScheduler.turn();
  expect(ran).toEqual(['next tick', 'immediate']);
});

/** A server and so many connections to it that wait to be accepted; how many were is counted. */
async function crowd(connections: number): Promise<{ readonly accepted: () => number }> {
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  // A turn that begins here looks at the sockets before it ends.
  await nextTurn();
  for (let nth = 0; nth < connections; nth += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
  }
  return { accepted: () => accepted };
}

it('lets in a crowd that came at once by a few turns', async () => {
  const { accepted } = await crowd(100);
  let turns = 0;
  while (accepted() < 100) {
    await processScheduler.turn();
    turns += 1;
  }
  expect(turns).toBeLessThan(30);
});

it('goes on although ever more want to come in', async () => {
  const { accepted } = await crowd(200);
  await processScheduler.turn();
  expect(accepted()).toBeLessThanOrEqual(32);
});

it('goes on after a time, however few came in each turn, when the turns are long', async () => {
  const { accepted } = await crowd(20);
  const busyMs = 12;
  let busy: NodeJS.Immediate;
  const takeLong = (): void => {
    const untilMs = performance.now() + busyMs;
    while (performance.now() < untilMs) {}
    busy = setImmediate(takeLong);
  };
  takeLong();
  onTestFinished(() => clearImmediate(busy));
  await processScheduler.turn();
  expect(accepted()).toBeLessThan(20);
});

it('draws numbers from 0 to 1', () => {
  const drawn = Array.from({ length: 100 }, () => processScheduler.random());
  expect(drawn.filter((number) => !(number >= 0 && number < 1))).toEqual([]);
  expect(new Set(drawn).size).toBeGreaterThan(90);
});
