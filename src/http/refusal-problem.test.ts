import { describe, expect, it } from 'vitest';
import type { Refusal } from '../domain/outcomes.ts';
import { errorEntry } from './error-catalogue.ts';
import { problemOf } from './refusal-problem.ts';

const instantMs = Date.UTC(2026, 10, 27, 9);

describe('a refusal becomes an error with exactly the fields that the catalogue names', () => {
  const refusals: readonly [Refusal, object][] = [
    [
      {
        kind: 'refused',
        code: 'insufficient_stock',
        availableStock: 1,
        requested: 3,
        nextReleaseAtMs: Date.UTC(2026, 10, 27, 9, 2),
      },
      { available_stock: 1, requested: 3, next_release_at: '2026-11-27T09:02:00Z' },
    ],
    [
      { kind: 'refused', code: 'sale_not_open', opensAtMs: instantMs, closesAtMs: null },
      { opens_at: '2026-11-27T09:00:00Z', closes_at: null },
    ],
    [{ kind: 'refused', code: 'hold_already_ordered', orderId: 77 }, { order_id: 77 }],
    [{ kind: 'refused', code: 'order_not_cancellable', orderStatus: 'paid' }, { order_status: 'paid' }],
    [
      { kind: 'refused', code: 'stock_below_held', stock: 5, heldStock: 4 },
      { stock: 5, held_stock: 4 },
    ],
    [{ kind: 'refused', code: 'version_mismatch', version: 'a1b2' }, { version: 'a1b2' }],
    [
      { kind: 'refused', code: 'invalid_request', field: 'price', message: 'expected less' },
      { errors: [{ field: 'price', message: 'expected less' }] },
    ],
  ];

  it.each(refusals)('%o', (refusal, fields) => {
    const problem = problemOf(refusal);
    expect(problem).toMatchObject({ code: refusal.code, fields });
    expect(Object.keys(problem.fields ?? {})).toEqual(errorEntry(refusal.code).fields);
  });

  it('has a null for the next release while no hold is active', () => {
    const refusal: Refusal = {
      kind: 'refused',
      code: 'insufficient_stock',
      availableStock: 0,
      requested: 1,
      nextReleaseAtMs: null,
    };
    expect(problemOf(refusal).fields).toMatchObject({ next_release_at: null });
  });

  it.each([
    'product_not_found',
    'hold_not_found',
    'order_not_found',
    'refund_not_found',
    'hold_consumed',
    'hold_expired',
    'hold_released',
    'idempotency_key_reused',
    'overloaded',
  ] as const)('%s has no fields of its own', (code) => {
    expect(problemOf({ kind: 'refused', code })).toEqual({ code });
    expect(errorEntry(code).fields).toEqual([]);
  });
});
