import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { latencyBoundsMs } from '../telemetry/metrics/latency.ts';
import { SaleSeconds } from './sale-seconds.ts';
import { latencyAt, nothingHappened, type SecondCounts } from './second-counts.ts';
import { secondFrom, secondText } from './second-text.ts';
import type { SecondsLink } from './seconds-link.ts';
import { SecondsRing } from './seconds-ring.ts';

/** Counts of a second with so many holds, all of which took a time in the bucket. */
function counts(holds: number, bucket = 0): SecondCounts {
  const latencies = nothingHappened.latencies.map((_, index) => (index === bucket ? holds : 0));
  return { ...nothingHappened, holds, latencies };
}

describe('a second on its way to other processes', () => {
  it('arrives as it was sent', () => {
    const shared = { from: 'a', second: 1_790_000_000, counts: counts(3, 7) };
    expect(secondFrom(secondText(shared))).toEqual(shared);
  });

  it.each([
    'no JSON',
    'null',
    '[]',
    '{}',
    secondText({ from: 'a', second: -1, counts: counts(1) }),
    secondText({ from: 'a', second: 1.5, counts: counts(1) }),
    secondText({ from: 'a', second: 1, counts: { ...counts(1), orders: Number.NaN } }),
    secondText({ from: 'a', second: 1, counts: counts(1) }).replace('[0,1]', '[99999,1]'),
    secondText({ from: 'a', second: 1, counts: counts(1) }).replace('[0,1]', '"x"'),
    secondText({ from: 'a', second: 1, counts: counts(1) }).replace('[[0,1]]', '7'),
  ])('is let go when it is none: %s', (text) => {
    expect(secondFrom(text)).toBeNull();
  });
});

describe('the last five minutes', () => {
  it('add up what several processes tell of a second, and say how many did', () => {
    const ring = new SecondsRing();
    ring.add(100, counts(3, 1), 100);
    ring.add(100, counts(4, 2), 101);
    expect(ring.between(null, 100)).toEqual([
      { second: 100, counts: expect.objectContaining({ holds: 7 }), processes: 2, toldWith: 100 },
    ]);
    expect(ring.between(null, 100)[0]?.counts.latencies.slice(0, 4)).toEqual([0, 3, 4, 0]);
  });

  it('have no gap, and end where they are asked to', () => {
    const ring = new SecondsRing();
    ring.add(100, counts(1), 100);
    ring.add(103, counts(1), 103);
    ring.add(104, counts(1), 104);
    expect(ring.between(null, 103).map(({ second, processes }) => [second, processes])).toEqual([
      [100, 1],
      [101, 0],
      [102, 0],
      [103, 1],
    ]);
    expect(ring.between(102, 104).map(({ second }) => second)).toEqual([103, 104]);
    expect(ring.between(104, 104)).toEqual([]);
    expect(ring.between(900, 104)).toEqual(ring.between(null, 104));
  });

  it('have a second that changed late once more, with those behind it', () => {
    const ring = new SecondsRing();
    for (const second of [100, 101, 102]) {
      ring.add(second, counts(1), second);
    }
    ring.add(101, counts(5), 103, 103);
    ring.add(103, counts(1), 103);
    expect(ring.between(102, 102)).toEqual([]);
    expect(ring.between(102, 103).map(({ second, counts: { holds } }) => [second, holds])).toEqual([
      [101, 6],
      [102, 1],
      [103, 1],
    ]);
    expect(ring.between(103, 103)).toEqual([]);
  });

  it('are all that is kept, and nothing of a clock that is far ahead', () => {
    const ring = new SecondsRing();
    for (let second = 1; second <= 1_000; second += 1) {
      ring.add(second, counts(1), second);
    }
    ring.add(600, counts(1), 1_000);
    ring.add(9_000, counts(1), 1_000);
    const kept = ring.between(null, 9_999).filter(({ processes }) => processes > 0);
    expect([kept.length, kept[0]?.second, kept.at(-1)?.second]).toEqual([300, 701, 1_000]);
  });
});

describe('the seconds of several processes', () => {
  const beganMs = Date.UTC(2026, 10, 27, 9);
  beforeEach(() => {
    vi.useFakeTimers({ now: beganMs, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** What viewers are told, each message with its seconds from the beginning and their holds; and a way for another process to tell. */
  function watched() {
    let tell = (_text: string): void => expect.fail('nobody listens');
    const link: SecondsLink = {
      share: () => {},
      listen: (heard) => {
        tell = heard;
      },
    };
    const totals = {
      holdsCreated: 0,
      ordersCreated: 0,
      ordersPaid: 0,
      refusals: 0,
      holdLatency: nothingHappened.latencies,
      waiting: 0,
    };
    const seconds = new SaleSeconds({ totals: () => totals, nowMs: Date.now, link });
    const told: (readonly (readonly [number, number])[])[] = [];
    let sent: number | null = null;
    seconds.listen(() => {
      told.push(
        seconds.after(sent).map(({ second, counts: { holds } }) => [second - beganMs / 1000, holds] as const),
      );
      sent = seconds.newest;
    });
    seconds.start();
    onTestFinished(() => seconds.stop());
    return { told, tell: (shared: Parameters<typeof secondText>[0]) => tell(secondText(shared)) };
  }

  it('have one of which another process tells late once more, with the next one, and then no more', async () => {
    const { told, tell } = watched();
    await vi.advanceTimersByTimeAsync(1_500);
    tell({ from: 'another', second: beganMs / 1000, counts: counts(4) });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(told).toEqual([
      [[0, 0]],
      [
        [0, 4],
        [1, 0],
      ],
      [[2, 0]],
    ]);
  });

  it('go on when the clock is set back, with nothing of before', async () => {
    const { told } = watched();
    await vi.advanceTimersByTimeAsync(1_200);
    vi.setSystemTime(beganMs - 60_000);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(told.map((message) => message.map(([second]) => second))).toEqual([[0], [-61], [-60], [-59]]);
  });
});

describe('a latency of a second', () => {
  it('is at most a tenth away from the true one, and none where nothing was answered', () => {
    expect(latencyAt(0.5, nothingHappened.latencies)).toBeNull();
    for (const bucket of [1, 10, 40]) {
      const [from = 0, to = 0] = latencyBoundsMs.slice(bucket - 1);
      const shown = latencyAt(0.5, counts(9, bucket).latencies) ?? 0;
      expect(shown / from).toBeGreaterThan(1);
      expect(shown / from).toBeLessThan(1.1);
      expect(to / shown).toBeLessThan(1.1);
    }
  });

  it('of the median and of the slowest are told apart', () => {
    const latencies = nothingHappened.latencies.map((_, index) => ({ 12: 98, 28: 2 })[index] ?? 0);
    expect(latencyAt(0.5, latencies)).toBeLessThan(0.5);
    expect(latencyAt(0.99, latencies)).toBeGreaterThan(6);
    const endless = nothingHappened.latencies.map((_, index) => (index === latencyBoundsMs.length ? 1 : 0));
    expect(latencyAt(0.99, endless)).toBe(16_400);
  });
});
