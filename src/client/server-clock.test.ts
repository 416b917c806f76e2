import { describe, expect, it } from 'vitest';
import { DeviceAtHand } from '../../test/support/device-at-hand.ts';
import { ServerClock } from './server-clock.ts';

const secondMs = Date.UTC(2026, 10, 27, 9);
const header = (atMs: number) => new Date(atMs).toUTCString();

/** A device, a server whose clock is ahead of it, and what the device learns. */
function clocks(aheadMs: number) {
  let deviceMs = secondMs;
  const device = new DeviceAtHand();
  device.nowMs = () => deviceMs;
  const clock = new ServerClock(device);
  return {
    clock,
    errorMs: () => Math.abs(clock.nowMs() - (deviceMs + aheadMs)),
    passes: (ms: number) => {
      deviceMs += ms;
    },
    /** A request that takes 40 ms, answered in the middle. */
    asks: () => {
      const sentAtMs = deviceMs;
      deviceMs += 40;
      clock.answered(header(deviceMs - 20 + aheadMs), sentAtMs);
    },
  };
}

describe("the server's time", () => {
  it("is the device's as long as no answer told it", () => {
    const { clock, errorMs } = clocks(0);
    clock.answered(null, secondMs);
    clock.answered('soon', secondMs);
    clock.told('');
    expect(errorMs()).toBe(0);
  });

  it.each([-3_600_000, -300, 0, 77, 500, 90_000])(
    'is known to about half a second after one answer, and better with each (ahead by %d ms)',
    (aheadMs) => {
      const { asks, passes, errorMs } = clocks(aheadMs);
      asks();
      expect(errorMs()).toBeLessThanOrEqual(520);
      for (let nth = 0; nth < 60; nth += 1) {
        passes(517);
        const before = errorMs();
        asks();
        expect(errorMs()).toBeLessThanOrEqual(Math.max(before, 520));
      }
      expect(errorMs()).toBeLessThanOrEqual(40);
    },
  );

  it('follows the messages of a stream, which are never from the future', () => {
    const { clock, passes, errorMs } = clocks(5_000);
    passes(80);
    clock.told(new Date(secondMs + 5_000).toISOString());
    expect(errorMs()).toBe(80);
    passes(120);
    clock.told(new Date(secondMs + 5_000 + 190).toISOString());
    expect(errorMs()).toBe(10);
    passes(5_000);
    clock.told(new Date(secondMs + 5_000).toISOString());
    expect(errorMs()).toBe(10);
  });

  it('is learned anew when a clock was set', () => {
    const { asks, passes, errorMs } = clocks(0);
    asks();
    passes(-3_600_000);
    asks();
    expect(errorMs()).toBeLessThanOrEqual(520);
  });
});
