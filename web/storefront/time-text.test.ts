import { afterEach, describe, expect, it, vi } from 'vitest';
import { clockTime, spokenTimeLeft, timeLeft } from './time-text.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('times', () => {
  it.each([
    [0, '0:00'],
    [1, '0:01'],
    [1_000, '0:01'],
    [67_000, '1:07'],
    [119_001, '2:00'],
    [600_000, '10:00'],
    [3_600_000, '1:00:00'],
    [100_000_000, '27:46:40'],
    [300_000_000, '3 days'],
  ])('%i ms left are %s', (remainingMs, text) => {
    expect(timeLeft(remainingMs)).toBe(text);
  });

  it('name the day where it is another one', () => {
    const now = new Date(2026, 10, 27, 9, 0, 0);
    expect(clockTime(new Date(2026, 10, 27, 14, 32, 5).getTime(), now)).toBe('14:32:05');
    expect(clockTime(new Date(2026, 10, 28, 14, 32, 5).getTime(), now)).toMatch(/28.*14:32$/);
  });

  it('name the offset from UTC where the clocks change until then', async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    vi.resetModules();
    const inBerlin = await import('./time-text.ts');
    const now = new Date('2026-10-24T12:00:00Z');
    const times = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map((time) =>
      inBerlin.clockTime(time, now),
    );
    expect(times).toEqual([expect.stringMatching(/02:30$/), expect.stringMatching(/02:30 \(UTC\+1\)$/)]);
  });

  it('are spoken at some marks only', () => {
    const spoken = Array.from({ length: 130 }, (_, second) => spokenTimeLeft(second * 1_000));
    expect(spoken.filter((text) => text !== null)).toEqual([
      '10 seconds left',
      '30 seconds left',
      '60 seconds left',
    ]);
  });
});
