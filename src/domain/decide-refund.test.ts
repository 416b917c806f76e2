import { expect, it } from 'vitest';
import { aProduct, aRefund, noonMs, orderedRows, worldOf } from '../../test/support/domain-state.ts';

const settle = (refundId: number) => ({ kind: 'settle_refund', refundId }) as const;

it('settles a refund once, and with it the order that was owed', () => {
  const world = worldOf(orderedRows('refund_due'));
  const refund = aRefund({ status: 'succeeded' });
  const first = world.batch([settle(1)], noonMs);
  expect(first.outcomes).toEqual([{ kind: 'refund_settled', refund }]);
  expect(first.happened).toEqual([{ kind: 'refund_succeeded', refund }]);
  expect(world.orders.get(500)?.status).toBe('refunded');

  const again = world.batch([settle(1)], noonMs);
  expect(again.outcomes).toEqual(first.outcomes);
  expect(again.happened).toEqual([]);
  expect(again.changes.refunds).toEqual({ inserted: [], updated: [] });
});

it.each([
  ['a second payment leaves a paid order paid', 'paid', 'second_payment', 'paid'],
  ['a wrong amount leaves a pending order pending', 'pending', 'amount_mismatch', 'pending'],
  [
    'a wrong amount leaves an order whose own refund is still due',
    'refund_due',
    'amount_mismatch',
    'refund_due',
  ],
] as const)('refunding %s', (_case, status, reason, expected) => {
  const world = worldOf({
    ...orderedRows(status),
    refunds: [aRefund({ id: 3, paymentName: 'ref:pi_9', reason })],
  });
  expect(world.one(settle(3), noonMs)).toMatchObject({ refund: { status: 'succeeded' } });
  expect(world.orders.get(500)?.status).toBe(expected);
});

it('refuses a refund that does not exist', () => {
  expect(worldOf({ products: [aProduct()] }).one(settle(9), noonMs)).toEqual({
    kind: 'refused',
    code: 'refund_not_found',
  });
});
