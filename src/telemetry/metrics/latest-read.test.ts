import { describe, expect, it } from 'vitest';
import { LatestRead } from './latest-read.ts';

const long = 1_000_000;

describe('a read that many ask for', () => {
  it('is made once for all who ask at the same time, and again only after a while', async () => {
    let reads = 0;
    const read = async () => {
      reads += 1;
      return reads;
    };
    const seldom = new LatestRead(read, { everyMs: long, waitMs: long });
    expect(await Promise.all([seldom.get(), seldom.get()])).toEqual([1, 1]);
    expect(await seldom.get()).toBe(1);
    const often = new LatestRead(read, { everyMs: 0, waitMs: long });
    expect([await often.get(), await often.get()]).toEqual([2, 3]);
  });

  it('is nothing when it fails, and is tried again', async () => {
    const answers = [Promise.reject(new Error('away')), Promise.resolve('there')];
    const read = new LatestRead(async () => answers.shift(), { everyMs: 0, waitMs: long });
    expect(await read.get()).toBeNull();
    expect(await read.get()).toBe('there');
  });

  it('is not waited for too long, and not begun again before it has ended', async () => {
    const answer = Promise.withResolvers<string>();
    let reads = 0;
    const read = new LatestRead(
      () => {
        reads += 1;
        return answer.promise;
      },
      { everyMs: 0, waitMs: 5 },
    );
    expect([await read.get(), await read.get()]).toEqual([null, null]);
    answer.resolve('at last');
    expect(await read.get()).toBe('at last');
    expect(reads).toBe(1);
  });
});
