import { expect, it } from 'vitest';
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

it('draws numbers from 0 to 1', () => {
  const drawn = Array.from({ length: 100 }, () => processScheduler.random());
  expect(drawn.filter((number) => !(number >= 0 && number < 1))).toEqual([]);
  expect(new Set(drawn).size).toBeGreaterThan(90);
});
