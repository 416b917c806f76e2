import type { Command } from '../../src/domain/commands.ts';
import { type Decision, decide } from '../../src/domain/decide.ts';
import { isOpen } from '../../src/domain/hold.ts';
import type { Product } from '../../src/domain/product.ts';
import type { Changes, RowChanges, Rules, State } from '../../src/domain/state.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { each, eachRow } from './row-maps.ts';

/**
 * Rules with one defect each, made by hand, to show that a check can fail. They are the real rules, told something untrue or misquoted:
 * nothing in the service knows of them.
 */
export type HandMadeDefect = { readonly name: string; readonly decide: Decide };

type Given = { readonly state: State; readonly commands: readonly Command[]; readonly rules: Rules };

/** The rules are told something else than what is so. */
function misled(name: string, mislead: (given: Given) => Partial<Given>): HandMadeDefect {
  return {
    name,
    decide: (state, commands, rules, newId) => {
      const given = { state, commands, rules, ...mislead({ state, commands, rules }) };
      return decide(given.state, given.commands, given.rules, newId);
    },
  };
}

/** What the rules decided is changed before it is written. */
function misquoted(name: string, misquote: (decision: Decision, given: Given) => Decision): HandMadeDefect {
  return {
    name,
    decide: (state, commands, rules, newId) =>
      misquote(decide(state, commands, rules, newId), { state, commands, rules }),
  };
}

/** The rules see units of a product that has none left. */
function withUnitsOutOfNowhere(name: string, isFor: (command: Command) => boolean): HandMadeDefect {
  const units = 1000;
  return {
    name,
    decide: (state, commands, rules, newId) => {
      const short = commands.some(isFor)
        ? [...state.products.values()].filter(
            ({ id, stock, held }) => stock - held + (state.availability.get(id)?.overdueUnits ?? 0) <= 0,
          )
        : [];
      const add = (more: number) => (product: Product) =>
        short.some(({ id }) => id === product.id) ? { ...product, stock: product.stock + more } : product;
      const decision = decide(
        { ...state, products: each(state.products, add(units)) },
        commands,
        rules,
        newId,
      );
      return withChanges(decision, ({ products }) => ({ products: eachRow(products, add(-units)) }));
    },
  };
}

export const defects = {
  forgetsToRearm: misquoted('the order does not re-arm the deadline of its hold', (decision, { state }) => {
    const dues = new Map([...state.holds.values()].map((hold) => [hold.id, hold.expiresAtMs]));
    return withChanges(decision, ({ holds, orders }) => ({
      holds: eachRow(holds, (hold) =>
        hold.status === 'ordered' ? { ...hold, expiresAtMs: dues.get(hold.id) ?? hold.expiresAtMs } : hold,
      ),
      orders: eachRow(orders, (order) => ({
        ...order,
        paymentDueAtMs: dues.get(order.holdId) ?? order.paymentDueAtMs,
      })),
    }));
  }),
  releasesTwice: misled('a hold that has gone is released once more', ({ state, commands }) =>
    hasKind(commands, 'release_hold')
      ? {
          state: {
            ...state,
            holds: each(state.holds, (hold) =>
              hold.status === 'released'
                ? { ...hold, status: 'held', releaseReason: null, expiresAtMs: state.nowMs + 1000 }
                : hold,
            ),
          },
        }
      : {},
  ),
  countsReplays: {
    name: 'an event that was told before is counted again',
    decide: (state, commands, rules, newId) => {
      const keys = commands.flatMap((command) =>
        command.kind === 'apply_payment_event' && state.events.has(command.event.key)
          ? [command.event.key]
          : [],
      );
      if (keys.length === 0) {
        return decide(state, commands, rules, newId);
      }
      const events = new Map([...state.events].filter(([key]) => !keys.includes(key)));
      const decision = decide({ ...state, events, payments: new Map() }, commands, rules, newId);
      return withChanges(decision, (changes) => ({
        events: allUpdated(changes.events),
        payments: {
          inserted: changes.payments.inserted.filter(({ name }) => !state.payments.has(name)),
          updated: changes.payments.inserted.filter(({ name }) => state.payments.has(name)),
        },
      }));
    },
  },
  deductsAtOrder: misquoted('stock falls when the order is made', (decision) => {
    const units = new Map(
      decision.changes.orders.inserted
        .filter(({ status }) => status === 'pending')
        .map(({ productId, quantity }) => [productId, quantity]),
    );
    return withChanges(decision, ({ products }) => ({
      products: eachRow(products, (product) => ({
        ...product,
        stock: product.stock - (units.get(product.id) ?? 0),
      })),
    }));
  }),
  ignoresAmount: {
    name: 'the amount of a payment does not count',
    decide: (state, commands, rules, newId) => {
      const amounts = new Map(
        commands.flatMap((command) =>
          command.kind === 'apply_payment_event' && !state.events.has(command.event.key)
            ? [[command.event.key, command.event] as const]
            : [],
        ),
      );
      const blind = commands.map((command) =>
        command.kind === 'apply_payment_event' && amounts.has(command.event.key)
          ? { ...command, event: { ...command.event, amountMinor: null, currency: null } }
          : command,
      );
      return withChanges(decide(state, blind, rules, newId), ({ events }) => ({
        events: eachRow(events, (event) => ({ ...event, ...moneyOf(amounts.get(event.key)) })),
      }));
    },
  },
  fulfilsWithoutUnits: withUnitsOutOfNowhere(
    'a late payment is fulfilled without units',
    (command) => command.kind === 'apply_payment_event' && command.event.status === 'paid',
  ),
  forgetsHeldAtExpiry: misquoted('a hold that runs out stays counted as held', (decision, { state }) => {
    const expired = decision.changes.holds.updated.filter(
      ({ id, releaseReason }) =>
        releaseReason === 'expired' && isOpen(state.holds.get(id) ?? { status: 'released' }),
    );
    const unitsOf = (productId: number) =>
      expired.reduce((sum, hold) => sum + (hold.productId === productId ? hold.quantity : 0), 0);
    return withChanges(decision, ({ products }) => ({
      products: eachRow(products, (product) => ({ ...product, held: product.held + unitsOf(product.id) })),
    }));
  }),
  revivesRefunded: misled('an order whose money went back is paid with other money', ({ state, commands }) =>
    hasKind(commands, 'apply_payment_event')
      ? {
          state: {
            ...state,
            orders: each(state.orders, (order) =>
              order.status === 'refunded' ? { ...order, status: 'expired' } : order,
            ),
          },
        }
      : {},
  ),
  parksWithoutBound: misled('any number of events may wait for unknown orders', ({ rules }) => ({
    rules: { ...rules, parkedMax: Number.MAX_SAFE_INTEGER },
  })),
  oversells: withUnitsOutOfNowhere(
    'a hold does not look whether units are available',
    ({ kind }) => kind === 'create_hold',
  ),
  isLateByAMs: misled('a hold can still be ordered at its very deadline', ({ state, commands }) =>
    hasKind(commands, 'create_order') ? { state: { ...state, nowMs: state.nowMs - 1 } } : {},
  ),
  ignoresSecondPayment: misquoted('a second payment is kept, and nobody is owed it', (decision) => {
    const second = decision.changes.refunds.inserted.filter(({ reason }) => reason === 'second_payment');
    const names = second.map(({ paymentName }) => paymentName);
    const isOther = ({ name }: { readonly name: string }): boolean => !names.includes(name);
    return withChanges(decision, ({ refunds, payments }) => ({
      refunds: { ...refunds, inserted: refunds.inserted.filter((refund) => !second.includes(refund)) },
      payments: {
        inserted: payments.inserted.filter(isOther),
        updated: payments.updated.filter(isOther),
      },
    }));
  }),
  failsPaidOrder: {
    name: 'a failed payment ends an order that is paid',
    decide: (state, commands, rules, newId) => {
      const isFailure = commands.some(
        (command) => command.kind === 'apply_payment_event' && command.event.status === 'failed',
      );
      if (!isFailure) {
        return decide(state, commands, rules, newId);
      }
      const paid = new Map(
        [...state.orders.values()]
          .filter(({ status }) => status === 'paid')
          .map((row) => [row.productId, row]),
      );
      const unpaid: State = {
        ...state,
        orders: each(state.orders, (order) =>
          order.status === 'paid' ? { ...order, status: 'pending' } : order,
        ),
        holds: each(state.holds, (hold) =>
          hold.status === 'consumed' ? { ...hold, status: 'ordered', expiresAtMs: state.nowMs + 1000 } : hold,
        ),
      };
      return withChanges(decide(unpaid, commands, rules, newId), ({ products, orders }) => ({
        products: eachRow(products, (product) => {
          const units = orders.updated.length === 0 ? 0 : (paid.get(product.id)?.quantity ?? 0);
          return { ...product, stock: product.stock + units, held: product.held + units };
        }),
      }));
    },
  },
  forgetsParkedMoney: misled(
    'money that waits under a hold is forgotten when the hold ends',
    ({ state, commands }) =>
      hasKind(commands, 'create_order') ? {} : { state: { ...state, parkedKeysByHold: new Map() } },
  ),
  keepsUnitsOfCancelled: misquoted('a cancelled order keeps its units', (decision) => {
    const cancelled = decision.changes.orders.updated.filter(({ status }) => status === 'cancelled');
    return cancelled.length === 0
      ? decision
      : withChanges(decision, ({ holds, products }) => ({
          holds: { ...holds, updated: [] },
          products: eachRow(products, (product) => ({
            ...product,
            held: product.held + (cancelled[0]?.productId === product.id ? (cancelled[0]?.quantity ?? 0) : 0),
          })),
        }));
  }),
  rearmsAgainAndAgain: misled('every early payment gives its hold more time', ({ state, commands }) =>
    hasKind(commands, 'apply_payment_event')
      ? { state: { ...state, holds: each(state.holds, (hold) => ({ ...hold, parked: null })) } }
      : {},
  ),
  neverGivesUp: misled('an event for an unknown order waits for ever', ({ commands }) => ({
    commands: commands.map((command) =>
      command.kind === 'abandon_parked_event' ? { ...command, kind: 'recheck_parked_event' } : command,
    ),
  })),
  leavesOrderPending: misquoted('an order stays pending when its hold runs out', (decision) =>
    withChanges(decision, ({ orders }) => ({
      orders: { ...orders, updated: orders.updated.filter(({ status }) => status !== 'expired') },
    })),
  ),
  leavesRefundDue: misquoted('an order waits for its refund after the money went back', (decision) =>
    withChanges(decision, ({ orders }) => ({
      orders: { ...orders, updated: orders.updated.filter(({ status }) => status !== 'refunded') },
    })),
  ),
  ordersTwice: misled('a hold becomes an order a second time', ({ state, commands }) =>
    hasKind(commands, 'create_order')
      ? {
          state: {
            ...state,
            requestKeys: new Map(),
            orderIdByHold: new Map(),
            holds: each(state.holds, (hold) =>
              hold.status === 'ordered' ? { ...hold, status: 'held' } : hold,
            ),
          },
        }
      : {},
  ),
} as const satisfies Readonly<Record<string, HandMadeDefect>>;

export type DefectName = keyof typeof defects;

function hasKind(commands: readonly Command[], kind: Command['kind']): boolean {
  return commands.some((command) => command.kind === kind);
}

function withChanges(decision: Decision, change: (changes: Changes) => Partial<Changes>): Decision {
  return { ...decision, changes: { ...decision.changes, ...change(decision.changes) } };
}

function moneyOf(
  event: { readonly amountMinor: number | null; readonly currency: string | null } | undefined,
) {
  return event === undefined ? {} : { amountMinor: event.amountMinor, currency: event.currency };
}

function allUpdated<Row>({ inserted, updated }: RowChanges<Row>): RowChanges<Row> {
  return { inserted: [], updated: [...inserted, ...updated] };
}
