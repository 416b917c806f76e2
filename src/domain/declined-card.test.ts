import { describe, expect, it } from 'vitest';
import {
  aHold,
  aProduct,
  applyEvent,
  noonMs,
  orderedRows,
  worldOf,
} from '../../test/support/domain-state.ts';

describe('a declined card', () => {
  it.each([
    ['an unknown order', { orderId: 999 }],
    ['an unknown hold', { orderId: null, holdId: 999 }],
    ['a hold without an order', { orderId: null, holdId: 70 }],
  ])('of %s is not kept: nothing would come of it later', (_case, named) => {
    const world = worldOf({ products: [aProduct()], holds: [aHold()] });
    const told = world.batch([applyEvent({ status: 'declined', ...named })], noonMs);
    expect(told.outcomes).toEqual([{ kind: 'payment_event_ignored' }]);
    expect(told.changes.events.inserted).toEqual([]);
    expect(told.changes.products.updated).toEqual([]);
    expect(world.holds.get(70)).toEqual(aHold());
  });

  it('is followed by another one, which pays the order', () => {
    const world = worldOf(orderedRows('pending'));
    world.one(applyEvent({ key: 'evt_declined', status: 'declined' }), noonMs);
    expect(world.one(applyEvent(), noonMs)).toMatchObject({ answer: { result: 'processed' } });
    expect(world.one(applyEvent({ key: 'evt_declined', status: 'declined' }), noonMs)).toMatchObject({
      answer: { result: 'ignored', orderStatus: 'pending' },
      replayed: true,
    });
  });
});
