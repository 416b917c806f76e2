import { expect, it } from 'vitest';
import { holdStatusAt } from './hold.ts';
import { orderStatusAt } from './order.ts';
import { deadlineAfter, startOfSecond } from './time.ts';

it.each([
  [0, 120_000, 0],
  [1, 121_000, 0],
  [999, 121_000, 0],
  [1000, 121_000, 1000],
])(
  'rounds the deadline of %d ms up, and an early release down, to whole seconds',
  (nowMs, deadlineMs, secondMs) => {
    expect(deadlineAfter(nowMs, 120)).toBe(deadlineMs);
    expect(startOfSecond(nowMs)).toBe(secondMs);
  },
);

it.each([
  ['held', 'held', 'released'],
  ['ordered', 'ordered', 'released'],
  ['consumed', 'consumed', 'consumed'],
  ['released', 'released', 'released'],
] as const)('shows a %s hold exactly: %s before its deadline, %s from then on', (status, before, after) => {
  expect(holdStatusAt({ status, expiresAtMs: 1000 }, 999)).toBe(before);
  expect(holdStatusAt({ status, expiresAtMs: 1000 }, 1000)).toBe(after);
});

it.each([
  ['pending', 'pending', 'expired'],
  ['paid', 'paid', 'paid'],
  ['cancelled', 'cancelled', 'cancelled'],
] as const)('shows a %s order exactly: %s before its deadline, %s from then on', (status, before, after) => {
  expect(orderStatusAt({ status, paymentDueAtMs: 1000 }, 999)).toBe(before);
  expect(orderStatusAt({ status, paymentDueAtMs: 1000 }, 1000)).toBe(after);
});
