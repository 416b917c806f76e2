import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aPayment,
  aProduct,
  applyEvent,
  noonMs,
  worldOf,
} from '../../test/support/domain-state.ts';

const flagged = { decision: 'flagged', settlement: 'flagged' } as const;

/** Money without a reference paid order 500. `pi_1` was reported for it afterwards and is flagged. Order 501 is pending. */
const flaggedFor500 = {
  products: [aProduct()],
  holds: [aHold({ status: 'consumed' as const }), aHold({ id: 72, status: 'ordered' as const })],
  orders: [anOrder({ status: 'paid' as const }), anOrder({ id: 501, holdId: 72 })],
  payments: [aPayment({ name: 'key:evt_0' }), aPayment({ name: 'ref:pi_1', ...flagged })],
};
const withoutReference = (key: string, orderId: number) => applyEvent({ key, orderId, reference: null });

describe('a flagged payment', () => {
  it('settles once for the order that it turns out to be meant for', () => {
    const world = worldOf(flaggedFor500);
    expect(world.one(applyEvent({ key: 'evt_2', orderId: 501 }), noonMs)).toMatchObject({
      answer: { result: 'processed', orderStatus: 'paid' },
    });
    expect(world.payments.get('ref:pi_1')).toMatchObject({
      settlement: 'fulfilled',
      orderId: 501,
      holdId: 72,
    });
    expect(world.one(applyEvent({ key: 'evt_3', orderId: 500 }), noonMs)).toMatchObject({
      answer: { result: 'ignored' },
    });
  });

  it('counts for the order that it settled in whatever batch the next money without a reference comes', () => {
    const commands = [
      withoutReference('evt_1', 500),
      applyEvent({ key: 'evt_2', orderId: 501 }),
      withoutReference('evt_3', 501),
    ];
    const oneByOne = worldOf(flaggedFor500);
    const together = worldOf(flaggedFor500);
    const outcomes = commands.map((command) => oneByOne.one(command, noonMs));
    expect(outcomes).toMatchObject([
      { answer: { result: 'possible_second_payment' } },
      { answer: { result: 'processed' } },
      { answer: { result: 'possible_second_payment' } },
    ]);
    expect(together.submit(commands, noonMs)).toEqual(outcomes);
  });

  it('is refunded with the amount that its refund says', () => {
    const world = worldOf(flaggedFor500);
    world.one(applyEvent({ key: 'evt_2', amountMinor: 5 }), noonMs);
    expect(world.payments.get('ref:pi_1')).toMatchObject({ settlement: 'refunded', amountMinor: 5 });
    expect([...world.refunds.values()]).toMatchObject([{ paymentName: 'ref:pi_1', amountMinor: 5 }]);
  });
});
