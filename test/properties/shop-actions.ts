import fc from 'fast-check';
import type { Command } from '../../src/domain/commands.ts';
import { referenceIn } from '../../src/domain/payment.ts';
import type { MemoryWorld } from '../support/memory-world.ts';

/**
 * What somebody does in a random shop. Rows are named by small numbers, taken modulo what there is, so that
 * random actions meet the same rows often; `unknown` names a row that comes later or never. A key of null is
 * one that nobody has used before.
 */
type Action =
  | { readonly do: 'hold'; readonly product: number; readonly quantity: number; readonly key: number | null }
  | { readonly do: 'order'; readonly hold: number; readonly key: number | null }
  | { readonly do: 'release'; readonly hold: number }
  | { readonly do: 'cancel'; readonly order: number }
  | {
      readonly do: 'tell';
      readonly about: 'order' | 'hold' | 'order and its hold' | 'order and a hold';
      readonly row: number;
      readonly key: number | null;
      readonly status: 'paid' | 'failed' | 'declined';
      readonly amountMinor: number | null;
      readonly reference: number | null;
    }
  | { readonly do: 'recheck' | 'abandon'; readonly event: number }
  | { readonly do: 'expire'; readonly product: number; readonly limit: number }
  | { readonly do: 'stock'; readonly product: number; readonly change: number }
  | { readonly do: 'price'; readonly product: number; readonly price: number }
  | { readonly do: 'intend'; readonly order: number; readonly reference: number }
  | { readonly do: 'close intent'; readonly order: number }
  | {
      readonly do: 'begin' | 'settle' | 'postpone' | 'reopen';
      readonly refund: number;
      readonly sent: number;
    }
  | { readonly do: 'return'; readonly payment: number; readonly amountMinor: number }
  | { readonly do: 'product'; readonly stock: number };

/** Actions that wait together for one batch, `afterMs` after the one before. */
const unknownEvent = { key: 'evt_unknown', orderId: null, holdId: null, reference: null } as const;

export type Step = { readonly afterMs: number; readonly actions: readonly Action[] };

const unknown = 9;
const row = fc.integer({ min: 0, max: unknown });
const product = fc.integer({ min: 0, max: 3 });
const quantity = fc.integer({ min: 1, max: 3 });
const key = fc.option(fc.integer({ min: 0, max: 3 }), { nil: null, freq: 2 });

const anAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: fc.constant('hold'), product, quantity, key }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant('order'), hold: row, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release'), hold: row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel'), order: row }) },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constant('tell'),
      about: fc.constantFrom('order', 'order', 'hold', 'hold', 'order and its hold', 'order and a hold'),
      row,
      key,
      status: fc.constantFrom('paid', 'paid', 'paid', 'paid', 'failed', 'declined'),
      amountMinor: fc.constantFrom(null, null, null, 1000, 2000, 1),
      reference: fc.option(fc.integer({ min: 0, max: 9 }), { nil: null, freq: 4 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('recheck'), event: row }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abandon'), event: row }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire'), product, limit: quantity }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('stock'), product, change: fc.integer({ min: -4, max: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('price'), product, price: fc.constantFrom(10, 20, 0.01) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('intend'),
      order: row,
      reference: fc.integer({ min: 0, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close intent'), order: row }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('begin', 'settle', 'settle', 'postpone', 'reopen'),
      refund: row,
      sent: fc.integer({ min: 0, max: 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('return'),
      payment: row,
      amountMinor: fc.constantFrom(0, 1, 500, 1000, 2000, 6000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('product'), stock: quantity }) },
);

/** Pauses around each deadline. The clock also jumps back: that moves deadlines, and may do nothing worse. */
const aPause = fc.constantFrom(
  0,
  0,
  0,
  1,
  400,
  1000,
  30_000,
  119_000,
  121_000,
  600_000,
  700_000,
  -2000,
  -130_000,
);

export const someSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ afterMs: aPause, actions: fc.array(anAction, { minLength: 1, maxLength: 7, size: 'max' }) }),
  { minLength: 1, maxLength: 12, size: 'max' },
);

export const someStocks: fc.Arbitrary<readonly number[]> = fc.array(fc.integer({ min: 0, max: 5 }), {
  minLength: 1,
  maxLength: 3,
});

/**
 * Makes commands of actions. Ids count up, so that an event may name a hold or an order that only comes
 * later.
 */
export class CommandMaker {
  #nextHoldId = 100;
  #nextOrderId = 200;
  #nextStockChangeId = 1;
  #nextKey = 1000;

  /**
   * The commands of one batch. Rows of earlier batches are looked up in `world`; those of the same batch are
   * known by their ids.
   */
  commandsOf(actions: readonly Action[], world: MemoryWorld): Command[] {
    const commands: Command[] = [];
    for (const action of actions) {
      const holdIds = [...world.holds.keys()];
      const orderIds = [...world.orders.keys()];
      for (const command of commands) {
        if (command.kind === 'create_hold') {
          holdIds.push(command.holdId);
        } else if (command.kind === 'create_order') {
          orderIds.push(command.orderId);
        }
      }
      commands.push(this.#commandOf(action, world, { holdIds, orderIds }));
    }
    return commands;
  }

  #commandOf(
    action: Action,
    world: MemoryWorld,
    known: { readonly holdIds: readonly number[]; readonly orderIds: readonly number[] },
  ): Command {
    const holdId = (index: number) => nth(known.holdIds, index) ?? this.#nextHoldId + 1;
    const orderId = (index: number) => nth(known.orderIds, index) ?? this.#nextOrderId + 1;
    const productId = (index: number) => nth([...world.products.keys()], index) ?? 99;
    switch (action.do) {
      case 'hold':
        return {
          kind: 'create_hold',
          holdId: this.#nextHoldId++,
          productId: productId(action.product),
          quantity: action.quantity,
          idempotencyKey: action.key === null ? null : `hold_${action.key}`,
        };
      case 'order':
        return {
          kind: 'create_order',
          orderId: this.#nextOrderId++,
          holdId: holdId(action.hold),
          idempotencyKey: action.key === null ? null : `order_${action.key}`,
        };
      case 'release':
        return { kind: 'release_hold', holdId: holdId(action.hold) };
      case 'cancel':
        return { kind: 'cancel_order', orderId: orderId(action.order) };
      case 'tell': {
        const named = action.about === 'hold' ? null : orderId(action.row);
        const ownHoldId =
          (named === null ? undefined : world.orders.get(named)?.holdId) ?? holdId(action.row);
        return {
          kind: 'apply_payment_event',
          event: {
            key: `evt_${action.key ?? this.#nextKey++}`,
            orderId: named,
            holdId: {
              order: null,
              hold: holdId(action.row),
              'order and its hold': ownHoldId,
              'order and a hold': holdId(action.row),
            }[action.about],
            status: action.status,
            amountMinor: action.amountMinor,
            currency: action.amountMinor === null ? null : 'USD',
            reference: action.reference === null ? null : referenceOf(action.reference, named, world),
          },
        };
      }
      case 'recheck': {
        const parked = [...world.events.values()].filter((event) => event.result === 'parked');
        const event = nth(parked, action.event) ?? unknownEvent;
        return { kind: 'recheck_parked_event', event };
      }
      case 'abandon':
        return {
          kind: 'abandon_parked_event',
          event: nth([...world.events.values()], action.event) ?? unknownEvent,
        };
      case 'expire':
        return { kind: 'expire_holds', productId: productId(action.product), limit: action.limit };
      case 'stock':
        return {
          kind: 'change_stock',
          stockChangeId: this.#nextStockChangeId++,
          productId: productId(action.product),
          change: action.change,
          reason: 'counted',
        };
      case 'price':
        return {
          kind: 'update_product',
          productId: productId(action.product),
          name: undefined,
          price: action.price,
          opensAtMs: undefined,
          closesAtMs: undefined,
          expectedVersions: null,
        };
      case 'intend':
        return {
          kind: 'record_payment_intent',
          orderId: orderId(action.order),
          provider: 'simulated',
          // A provider names each order's payment differently, whatever else is told under that name.
          reference: `pi_${action.reference}_${orderId(action.order)}`,
          clientSecret: 'secret',
        };
      case 'close intent':
        return { kind: 'close_payment_intent', orderId: orderId(action.order) };
      case 'begin':
      case 'settle':
      case 'postpone':
      case 'reopen':
        return refundCommand(action.do, nth([...world.refunds.keys()], action.refund) ?? 0, action.sent);
      case 'return': {
        const references = [...world.payments.keys()].flatMap((name) => referenceIn(name) ?? []);
        return {
          kind: 'apply_provider_refund',
          reference: nth(references, action.payment) ?? 'pi_unknown',
          refundedMinor: action.amountMinor,
          currency: 'USD',
          providerReference: null,
        };
      }
      case 'product':
        return {
          kind: 'create_product',
          stockChangeId: this.#nextStockChangeId++,
          name: 'Other',
          priceMinor: 1000,
          currency: 'USD',
          stock: action.stock,
          reason: 'first stock',
          opensAtMs: null,
          closesAtMs: null,
        };
    }
  }
}

/** Every other time the reference of the order's own intent, if it has one. */
function referenceOf(number: number, orderId: number | null, world: MemoryWorld): string {
  const intent = orderId === null || number % 2 === 0 ? undefined : world.paymentIntents.get(orderId);
  return intent?.reference ?? `pi_${number}`;
}

/** @param sent which of the provider's own refunds it is about */
function refundCommand(
  what: 'begin' | 'settle' | 'postpone' | 'reopen',
  refundId: number,
  sent: number,
): Command {
  const providerReference = `re_${sent}`;
  switch (what) {
    case 'begin':
      return { kind: 'begin_refund', refundId, leaseSeconds: 60 };
    case 'settle':
      return { kind: 'settle_refund', refundId, providerReference };
    case 'postpone':
      return { kind: 'postpone_refund', refundId, error: 'timed out', delayMs: 500 };
    case 'reopen':
      return { kind: 'reopen_refund', refundId, providerReference, error: 'card closed' };
  }
}

/** The latest rows have the lowest numbers. */
function nth<Row>(all: readonly Row[], index: number): Row | undefined {
  return index === unknown ? undefined : all.at(-1 - (index % Math.max(1, all.length)));
}
