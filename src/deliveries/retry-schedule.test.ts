import { describe, expect, it } from 'vitest';
import type { Delivery } from '../domain/outgoing-event.ts';
import { type Attempted, afterAttempt } from './retry-schedule.ts';

const nowMs = Date.UTC(2026, 10, 27, 9);
const fresh: Delivery = {
  id: 1,
  eventId: 2,
  endpoint: 'shop.example-00000000',
  status: 'pending',
  attempts: 0,
  nextAttemptAtMs: nowMs,
  lastError: null,
  chain: 3,
  productVersion: 8,
  position: 0,
};
const failed: Attempted = { kind: 'failed', error: 'answered 500', retryAfterMs: null };

/** The pauses between the attempts of a delivery that always fails, in ms. */
function pausesWith(random: () => number): number[] {
  const pauses: number[] = [];
  let delivery = fresh;
  for (;;) {
    delivery = afterAttempt(delivery, failed, nowMs, random);
    if (delivery.status === 'dead') {
      return pauses;
    }
    pauses.push(delivery.nextAttemptAtMs - nowMs);
  }
}

describe('a delivery that fails', () => {
  it('is tried ten times with growing pauses, and is dead then', () => {
    const minute = 60_000;
    const hour = 60 * minute;
    expect(pausesWith(() => 0)).toEqual([
      5_000,
      5 * minute,
      30 * minute,
      2 * hour,
      5 * hour,
      10 * hour,
      14 * hour,
      20 * hour,
      24 * hour,
    ]);
    expect(afterAttempt({ ...fresh, attempts: 9 }, failed, nowMs, () => 0)).toEqual({
      ...fresh,
      attempts: 10,
      status: 'dead',
      lastError: 'answered 500',
    });
  });

  it('waits up to a fifth longer, by chance', () => {
    const shortest = pausesWith(() => 0);
    expect(pausesWith(() => 1)).toEqual(shortest.map((pauseMs) => Math.round(pauseMs * 1.2)));
    expect(pausesWith(() => 0.5)).toEqual(shortest.map((pauseMs) => Math.round(pauseMs * 1.1)));
  });

  it.each([
    [60_000, 60_000],
    [1_000, 5_000],
    [0, 5_000],
  ])('is not tried before the receiver wants it: after %i ms', (retryAfterMs, pauseMs) => {
    const after = afterAttempt(fresh, { ...failed, retryAfterMs }, nowMs, () => 0);
    expect(after.nextAttemptAtMs - nowMs).toBe(pauseMs);
  });

  it('keeps as much of the error as fits', () => {
    const { lastError } = afterAttempt(fresh, { ...failed, error: 'x'.repeat(9_999) }, nowMs, () => 0);
    expect(lastError).toHaveLength(500);
  });
});

it('is over once it was delivered', () => {
  const tried = { ...fresh, attempts: 3, lastError: 'answered 500' };
  expect(afterAttempt(tried, { kind: 'delivered' }, nowMs, () => 0)).toEqual({
    ...fresh,
    status: 'delivered',
    attempts: 4,
    lastError: null,
  });
});

it('stays due for a receiver that is gone, so that switching it on again sends it', () => {
  const gone = { kind: 'gone', error: 'answered 410 Gone' } as const;
  expect(afterAttempt({ ...fresh, attempts: 9 }, gone, nowMs + 1, () => 0)).toEqual({
    ...fresh,
    attempts: 10,
    nextAttemptAtMs: nowMs + 1,
    lastError: 'answered 410 Gone',
  });
});
