import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { countdown } from './countdown.ts';

const deadline = '2026-11-27T09:02:00Z';
const atMs = (beforeMs: number) => Date.parse(deadline) - beforeMs;

describe('a countdown', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Counts down with so much left on the server, whose clock is ahead of the device's. */
  function count(leftMs: number, aheadMs = 0) {
    vi.setSystemTime(atMs(leftMs) - aheadMs);
    const ticks: number[] = [];
    const stop = countdown(
      deadline,
      () => Date.now() + aheadMs,
      (remainingMs) => ticks.push(remainingMs),
    );
    return { ticks, stop };
  }

  it('ticks at once, at each whole second that is left, and once when the deadline has come', () => {
    const { ticks } = count(3_400);
    vi.advanceTimersByTime(10_000);
    expect(ticks).toEqual([3_400, 3_000, 2_000, 1_000, 0]);
  });

  it("goes by the server's clock", () => {
    const { ticks } = count(1_500, 90_000);
    vi.advanceTimersByTime(10_000);
    expect(ticks).toEqual([1_500, 1_000, 0]);
  });

  it('says 0 at once when the deadline is over', () => {
    const { ticks } = count(-5_000);
    vi.advanceTimersByTime(10_000);
    expect(ticks).toEqual([0]);
  });

  it('shows what is left after the device has slept', () => {
    const { ticks } = count(100_000);
    vi.setSystemTime(atMs(2_000));
    vi.advanceTimersByTime(1_000);
    expect(ticks).toEqual([100_000, 1_000]);
    vi.advanceTimersByTime(1_000);
    expect(ticks.at(-1)).toBe(0);
  });

  it('can be stopped', () => {
    const { ticks, stop } = count(3_000);
    vi.advanceTimersByTime(1_000);
    stop();
    vi.advanceTimersByTime(10_000);
    expect(ticks).toEqual([3_000, 2_000]);
  });
});
