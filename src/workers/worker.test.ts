import { describe, expect, it } from 'vitest';
import { Worker } from './worker.ts';

/** Rounds that the test ends by hand. */
function roundsUnderTest(restMsMax: number) {
  const rounds: PromiseWithResolvers<number>[] = [];
  const failures: unknown[] = [];
  const worker = new Worker(
    () => {
      const round = Promise.withResolvers<number>();
      rounds.push(round);
      return round.promise;
    },
    restMsMax,
    (error) => failures.push(error),
  );
  return { worker, rounds, failures };
}

const anHour = 3_600_000;

describe('a worker', () => {
  it('does one round after the other, and none beside another', async () => {
    const { worker, rounds } = roundsUnderTest(anHour);
    worker.start();
    worker.start();
    expect(rounds).toHaveLength(1);
    rounds[0]?.resolve(0);
    await expect.poll(() => rounds.length).toBe(2);
    const stopped = worker.stop();
    rounds[1]?.resolve(0);
    await stopped;
    expect(rounds).toHaveLength(2);
  });

  it('rests no longer than it may, whatever its round says', async () => {
    const { worker, rounds } = roundsUnderTest(1);
    worker.start();
    for (const [index, restMs] of [Number.POSITIVE_INFINITY, anHour, -5].entries()) {
      rounds[index]?.resolve(restMs);
      await expect.poll(() => rounds.length).toBe(index + 2);
    }
    const stopped = worker.stop();
    rounds.at(-1)?.resolve(0);
    await stopped;
  });

  it('reports a round that failed, and tries again', async () => {
    const { worker, rounds, failures } = roundsUnderTest(1);
    worker.start();
    rounds[0]?.reject(new Error('busy'));
    await expect.poll(() => rounds.length).toBe(2);
    expect(failures).toEqual([new Error('busy')]);
    const stopped = worker.stop();
    rounds[1]?.resolve(0);
    await stopped;
  });

  it('finishes its round when it is stopped, and begins no other', async () => {
    const { worker, rounds } = roundsUnderTest(anHour);
    worker.start();
    let stopped = false;
    const stopping = worker.stop().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(stopped).toBe(false);
    rounds[0]?.resolve(0);
    await stopping;
    expect(rounds).toHaveLength(1);
  });

  it('ends its rest at once when it is stopped', async () => {
    const { worker, rounds } = roundsUnderTest(anHour);
    worker.start();
    rounds[0]?.resolve(anHour);
    await new Promise((resolve) => setImmediate(resolve));
    await worker.stop();
    expect(rounds).toHaveLength(1);
  });

  it('that never started stops, and starts no more', async () => {
    const { worker, rounds } = roundsUnderTest(anHour);
    await worker.stop();
    worker.start();
    expect(rounds).toHaveLength(0);
  });
});
