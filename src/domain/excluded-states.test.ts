import { describe, expect, it } from 'vitest';
import {
  aHold,
  anOrder,
  aParkedEvent,
  aPayment,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  changeStock,
  createHold,
  createOrder,
  createProduct,
  noonMs,
  noonSecondMs,
  orderedRows,
  rules,
  worldOf,
} from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import type { Command } from './commands.ts';
import { decide } from './decide.ts';
import { Defect } from './defect.ts';
import { Draft } from './draft.ts';
import { claimUnits, expireHold, releaseHold } from './expiry.ts';
import { Overlay } from './overlay.ts';
import { settleForEndedHold } from './settlement.ts';
import type { State } from './state.ts';

type Rows = Parameters<typeof worldOf>[0];

const release: Command = { kind: 'release_hold', holdId: 70 };
const cancel: Command = { kind: 'cancel_order', orderId: 500 };
const expire: Command = { kind: 'expire_holds', productId: 1, limit: 5 };
/** The money of an order that ended as refunded before it was paid comes back. */
const back = reportFact('refund_failed');
const returnedBefore = {
  ...orderedRows('refunded'),
  payments: [aPayment({ decision: 'returned', settlement: 'refunded' })],
  refunds: [],
  events: [
    {
      ...aParkedEvent(),
      ...reportFact('refunded', { key: 'evt_all', holdId: 70 }).event,
      occurredAtMs: 1,
      result: 'processed' as const,
    },
  ],
};

const held = { products: [aProduct()], holds: [aHold()] };
const overdue = { products: [aProduct()], holds: [aHold({ status: 'ordered', expiresAtMs: noonSecondMs })] };
const parkedTwice = {
  products: [aProduct({ stock: 2 })],
  holds: [aHold({ parked: 'paid' })],
  events: [aParkedEvent({ key: 'evt_0', status: 'failed' }), aParkedEvent({ receivedAtMs: noonMs - 100 })],
};
/** More is held than there is, and all of that is said to be overdue. */
const overdueOnly = {
  products: new Map([[1, { ...aProduct({ stock: 2 }), held: 4 }]]),
  availability: new Map([[1, { overdueUnits: 2, nextReleaseAtMs: null }]]),
};
const noOrder: Partial<State> = { orders: new Map(), orderIdByHold: new Map() };

/** Decides a command on what a world loads for it, with some of it changed. */
function decideOn(rows: Rows, command: Command, over: Partial<State>): void {
  decide({ ...worldOf(rows).load([command], noonMs), ...over }, [command], rules, () => 1);
}

function draftOf(rows: Rows, over: Partial<State> = {}): Draft {
  return new Draft({ ...worldOf(rows).load([release], noonMs), ...over }, rules, () => 1);
}

describe('a state that the rules exclude', () => {
  it.each<[string, Rows, Command, Partial<State>, string]>([
    [
      'a hold to be released',
      orderedRows('pending'),
      release,
      noOrder,
      'hold 70 is ordered without an order',
    ],
    [
      'a hold to be ordered',
      orderedRows('pending'),
      createOrder(),
      noOrder,
      'hold 70 is ordered without an order',
    ],
    [
      'a hold that was paid early',
      orderedRows('pending'),
      applyEarlyEvent(),
      noOrder,
      'hold 70 is ordered without an order',
    ],
    [
      'the product of a hold to be ordered',
      held,
      createOrder(),
      { products: new Map() },
      'hold 70 has no product or no exact total',
    ],
    [
      'the total of an order',
      { products: [aProduct()], holds: [aHold({ priceMinor: Number.MAX_SAFE_INTEGER })] },
      createOrder(),
      {},
      'hold 70 has no product or no exact total',
    ],
    [
      'an order id that is taken',
      { ...held, orders: [anOrder({ holdId: 71 })] },
      createOrder(),
      { orders: new Map([[500, anOrder({ holdId: 71 })]]) },
      'row 500 is there already',
    ],
    [
      'the hold of an order to be cancelled',
      orderedRows('pending'),
      cancel,
      { holds: new Map([[70, aHold()]]) },
      'order 500 is not pending',
    ],
    [
      'the hold of an order that was paid',
      orderedRows('pending'),
      applyEvent(),
      { holds: new Map() },
      'the hold of order 500 was not loaded',
    ],
    [
      'the product of an order that was paid',
      orderedRows('pending'),
      applyEvent(),
      { products: new Map() },
      'product 1 was not locked',
    ],
    [
      'the product of an order that was paid late',
      orderedRows('failed'),
      applyEvent(),
      { products: new Map() },
      'product 1 was not locked',
    ],
    [
      'the units of an order that was paid',
      orderedRows('pending'),
      applyEvent(),
      { products: new Map([[1, { ...aProduct({ stock: 1 }), held: 2 }]]) },
      'product 1 has too few units for order 500',
    ],
    [
      'the units of an order that failed and was paid before it was made',
      parkedTwice,
      createOrder(),
      overdueOnly,
      'a parked event of order 500 cannot be deferred',
    ],
    [
      'the order of an overdue hold',
      { ...overdue, orders: [anOrder({ status: 'failed' })] },
      expire,
      {},
      'the order of hold 70 is not pending',
    ],
    [
      'a missing order of an overdue hold',
      { ...overdue, orders: [anOrder()] },
      expire,
      noOrder,
      'the order of hold 70 is not pending',
    ],
    [
      'the order of a payment that came back',
      returnedBefore,
      back,
      { orders: new Map([[500, anOrder({ status: 'cancelled' })]]) },
      'payment ref:pi_first was returned, its order is cancelled',
    ],
    [
      'a missing order of a payment that came back',
      returnedBefore,
      back,
      noOrder,
      'payment ref:pi_first was returned, its order is undefined',
    ],
    ['the id of a product', {}, createProduct(), { nextProductId: 0 }, 'the next product id was not loaded'],
  ])('stops the batch, and the log says why: %s', (_case, rows, command, over, message) => {
    expect(() => decideOn(rows, command, over)).toThrow(new Defect(message));
  });

  it('decides without a defect when nothing of that is so', () => {
    for (const [rows, command] of [
      [orderedRows('pending'), release],
      [held, createOrder()],
      [held, applyEarlyEvent()],
      [orderedRows('pending'), cancel],
      [orderedRows('pending'), applyEvent()],
      [orderedRows('failed'), applyEvent()],
      [parkedTwice, createOrder()],
      [{ ...overdue, orders: [anOrder()] }, expire],
      [returnedBefore, back],
      [{}, createProduct()],
      [held, createHold()],
      [held, changeStock(1)],
    ] satisfies [Rows, Command][]) {
      expect(() => decideOn(rows, command, {})).not.toThrow();
    }
  });

  it.each<[string, () => unknown, string]>([
    [
      'a hold is released twice',
      () => releaseHold(draftOf({}), aHold({ status: 'released' }), 'released'),
      'hold 70 is released, not open',
    ],
    [
      'a hold expires before its deadline',
      () => expireHold(draftOf(held), aHold({ expiresAtMs: noonMs + 1 })),
      'hold 70 is not overdue',
    ],
    [
      'units of a product are claimed that was not locked',
      () => claimUnits(draftOf(held), 2, 1),
      'product 2 was not locked',
    ],
    [
      'a hold has two orders',
      () => draftOf(orderedRows('pending')).insertOrder(anOrder({ id: 501 })),
      'hold 70 has an order already',
    ],
    [
      'a hold is made of a product that was not locked',
      () => draftOf(held).insertHold(aHold({ id: 71, productId: 2 })),
      'product 2 was not locked',
    ],
    [
      'money of a hold is owed while it is open',
      () => settleForEndedHold(draftOf(held), aHold(), aParkedEvent()),
      'hold 70 is held, not released',
    ],
    [
      'money of a hold is owed whose product was not locked',
      () => settleForEndedHold(draftOf({}), aHold({ status: 'released' }), aParkedEvent()),
      'product 1 was not locked',
    ],
    [
      'money of a hold is owed that nobody can count exactly',
      () =>
        settleForEndedHold(
          draftOf(held),
          aHold({ status: 'released', priceMinor: Number.MAX_SAFE_INTEGER }),
          aParkedEvent(),
        ),
      'the total of hold 70 is not exact',
    ],
    [
      'a row is changed that was not loaded',
      () => new Overlay<number, object>(new Map()).update(7, {}),
      'row 7 was not loaded',
    ],
    [
      'a row is written over another',
      () => new Overlay<number, object>(new Map([[7, {}]])).insert(7, {}),
      'row 7 is there already',
    ],
  ])('is no state in which a batch goes on: %s', (_case, act, message) => {
    expect(act).toThrow(new Defect(message));
  });
});
