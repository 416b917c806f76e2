import { describe, expect, it } from 'vitest';
import { pauseMs } from './order-watch.ts';

describe('how often an order is asked for', () => {
  it.each(['paid', 'refunded'] as const)('not at all when it is %s', (status) => {
    expect(pauseMs(status, 0, 0.5)).toBeNull();
  });

  it('each second at first while it is pending, and then more rarely, up to five', () => {
    const pauses = [0, 1, 2, 3, 4, 9].map((asked) => pauseMs('pending', asked, 0.5));
    expect(pauses).toEqual([1_000, 1_500, 2_250, 3_375, 5_000, 5_000]);
  });

  it('more rarely still when it has ended, since a late payment may change it', () => {
    expect(pauseMs('expired', 20, 0.5)).toBe(20_000);
  });

  it('not at the same time by everybody', () => {
    expect([pauseMs('pending', 0, 0), pauseMs('pending', 0, 1)]).toEqual([750, 1_250]);
  });
});
