import type { Command } from '../../src/domain/commands.ts';
import { type IncomingPaymentEvent, referenceIn } from '../../src/domain/payment.ts';
import type { MemoryWorld } from '../support/memory-world.ts';
import { type Action, unknown } from './shop-actions.ts';

const unknownEvent = {
  key: 'evt_unknown',
  orderId: null,
  holdId: null,
  reference: null,
  status: 'paid',
} as const;

/** The provider never takes a payment that would have this number. An action of its own would change the cases of past seeds. */
const refusedReference = 9;

/**
 * Makes commands of actions. Ids count up, so that an event may name a hold or an order that only comes
 * later.
 */
export class CommandMaker {
  #nextHoldId = 100;
  #nextOrderId = 200;
  #nextStockChangeId = 1;
  #nextDecisionId = 50_000;
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
        if (action.reference === refusedReference) {
          return {
            kind: 'refuse_payment',
            orderId: orderId(action.order),
            provider: 'simulated',
            reason: 'too small',
          };
        }
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
      case 'operator settles':
      case 'postpone':
      case 'look':
        return refundCommand(action.do, nth([...world.refunds.keys()], action.refund) ?? 0, action.sent);
      case 'fact': {
        // References that payments have, or may have later.
        const references = [...world.payments.keys()].flatMap((name) => referenceIn(name) ?? []);
        const reference = nth(references, action.payment) ?? `pi_${action.payment}`;
        const { about, status, amountMinor, fact } = action;
        const prefix = status === 'refund_failed' ? 're' : 'dp';
        const content: Omit<IncomingPaymentEvent, 'key'> = {
          orderId: about === 'payment' || about === 'hold' ? null : orderId(action.row),
          holdId: about === 'hold' || about === 'order and a hold' ? holdId(action.row) : null,
          status,
          amountMinor,
          currency: amountMinor === null ? null : action.currency,
          reference: about === 'payment' || about === 'payment and order' ? reference : null,
          factId: status === 'refunded' || fact === null ? null : `${prefix}_${fact}`,
          occurredAtMs: action.at,
        };
        // The same report has the same key, so some come again.
        return { kind: 'apply_payment_event', event: { key: `fact_${JSON.stringify(content)}`, ...content } };
      }
      case 'refund order': {
        const fingerprint = `${orderId(action.order)}:${action.amount}`;
        return {
          kind: 'refund_order',
          decisionId: this.#nextDecisionId++,
          stockChangeId: this.#nextStockChangeId++,
          orderId: orderId(action.order),
          amount: action.amount,
          restock: action.amount === null && action.key !== null,
          reason: 'arrived broken',
          ...(action.key === null ? {} : { requestKey: { key: `refund_${action.key}`, fingerprint } }),
        };
      }
      case 'pay order':
        return {
          kind: 'pay_order',
          decisionId: this.#nextDecisionId++,
          orderId: orderId(action.order),
          amountMinor: action.amountMinor,
          currency: 'USD',
          reference: `pi_${action.reference}`,
          reason: 'paid by transfer',
        };
      case 'resolve': {
        // Those that wait are rare, so every other time one of them is decided about.
        const events = [...world.events.values()];
        const waiting = events.filter(
          ({ result }) => result === 'possible_second_payment' || result === 'unmatched',
        );
        const event = nth(action.event % 2 === 0 && waiting.length > 0 ? waiting : events, action.event);
        return {
          kind: 'resolve_payment_event',
          decisionId: this.#nextDecisionId++,
          event: event ?? unknownEvent,
          choice: action.choice,
          reason: 'looked up',
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
  what: 'begin' | 'settle' | 'operator settles' | 'postpone' | 'look',
  refundId: number,
  sent: number,
): Command {
  switch (what) {
    case 'begin':
      return { kind: 'begin_refund', refundId, leaseSeconds: 60 };
    case 'settle':
      return {
        kind: 'settle_refund',
        refundId,
        sent: { reference: `re_${sent}`, amountMinor: 500 + 500 * sent, atMs: 2 + sent },
      };
    case 'operator settles':
      return { kind: 'settle_refund', refundId };
    case 'postpone':
      return { kind: 'postpone_refund', refundId, error: 'timed out', delayMs: 500 };
    case 'look':
      return {
        kind: 'record_returned_sum',
        refundId,
        returnedMinor: 500 * sent,
        currency: 'USD',
        atMs: 3 + sent,
      };
  }
}

/** The latest rows have the lowest numbers. */
function nth<Row>(all: readonly Row[], index: number): Row | undefined {
  return index === unknown ? undefined : all.at(-1 - (index % Math.max(1, all.length)));
}
