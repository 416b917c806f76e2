import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import { isOpen } from '../../src/domain/hold.ts';
import type { Order } from '../../src/domain/order.ts';
import type { Outcome } from '../../src/domain/outcomes.ts';
import { isFact, noRow, paymentName } from '../../src/domain/payment.ts';
import { deepFreeze } from '../support/deep-freeze.ts';
import { aProduct, noonMs, rules } from '../support/domain-state.ts';
import { MemoryWorld } from '../support/memory-world.ts';
import { audit } from '../support/world-auditor.ts';
import { CommandMaker } from './command-maker.ts';
import { runProperty } from './run-property.ts';
import type { Step } from './shop-actions.ts';
import { someSteps, someStocks } from './shop-actions.ts';

/** How many overdue holds one batch releases: with few, commands are deferred often. */
const someRowsMax = fc.constantFrom(1, 2, Number.MAX_SAFE_INTEGER);

function shopOf(
  stocks: readonly number[],
  overdueRowsMax = Number.MAX_SAFE_INTEGER,
  parkedMax = 4,
  eventEndpoints: readonly string[] = ['shop'],
): MemoryWorld {
  const products = stocks.map((stock, index) => aProduct({ id: index + 1, stock, priceMinor: 1000 }));
  return new MemoryWorld({ products }, { rules: { ...rules, parkedMax, eventEndpoints }, overdueRowsMax });
}

/**
 * Runs the steps; `batch` decides how the commands of one step reach the world. Returns the instant of the
 * last one.
 */
function run(
  world: MemoryWorld,
  steps: readonly Step[],
  batch: (commands: readonly Command[], nowMs: number) => void,
): number {
  const maker = new CommandMaker();
  let nowMs = noonMs;
  for (const step of steps) {
    nowMs += step.afterMs;
    batch(maker.commandsOf(step.actions, world), nowMs);
  }
  return nowMs;
}

it('conserves units and money and never oversells, whatever comes in whatever batches at whatever time', () => {
  runProperty(
    fc.property(someStocks, someSteps, someRowsMax, (stocks, steps, overdueRowsMax) => {
      const world = shopOf(stocks, overdueRowsMax);
      run(world, steps, (commands, nowMs) => {
        world.submit(commands, nowMs);
        expect(audit(world, nowMs)).toEqual([]);
        expect(world.parkedUnknown()).toBeLessThanOrEqual(world.rules.parkedMax);
      });
    }),
  );
});

it('gives a hold its units exactly when they are available, whether or not a worker runs', () => {
  runProperty(
    fc.property(someStocks, someSteps, someRowsMax, (stocks, steps, overdueRowsMax) => {
      const world = shopOf(stocks, overdueRowsMax);
      run(world, steps, (commands, nowMs) => {
        for (const command of commands) {
          const product = command.kind === 'create_hold' ? world.products.get(command.productId) : undefined;
          const available = (product?.stock ?? 0) - (product ? world.activeUnits(product.id, nowMs) : 0);
          const outcome = world.one(command, nowMs);
          if (command.kind !== 'create_hold' || product === undefined) {
            continue;
          }
          if (outcome.kind === 'refused' && outcome.code === 'insufficient_stock') {
            expect(outcome.availableStock).toBe(available);
            expect(command.quantity).toBeGreaterThan(available);
          } else if (outcome.kind === 'hold_created' && !outcome.replayed) {
            expect(command.quantity).toBeLessThanOrEqual(available);
          }
        }
      });
    }),
  );
});

it('gives the same answer again for the same key, and changes nothing', () => {
  runProperty(
    fc.property(someStocks, someSteps, (stocks, steps) => {
      const world = shopOf(stocks);
      const answered: [Command, Outcome][] = [];
      const nowMs = run(world, steps, (commands, atMs) => {
        for (const [index, outcome] of world.submit(commands, atMs).entries()) {
          const command = commands[index];
          if (command !== undefined && isKept(outcome) && isKeyed(command)) {
            answered.push([command, outcome]);
          }
        }
      });
      const rows = structuredClone(rowsOf(world));
      for (const [command, outcome] of answered) {
        expect(world.one(sentAgain(command), nowMs + 1)).toEqual({ ...outcome, replayed: true });
      }
      expect(rowsOf(world)).toEqual(rows);
    }),
  );
});

it('decides a batch as it decides its commands one by one in the order of a batch', () => {
  runProperty(
    fc.property(someStocks, someSteps, (stocks, steps) => {
      // What others are told depends on the batch: a unit that goes and comes within one is no event.
      const together = shopOf(stocks, undefined, 1000, []);
      const apart = shopOf(stocks, undefined, 1000, []);
      run(together, steps, (given, nowMs) => {
        const commands = given.filter(isNotARecheck).map(withoutLimit);
        const outcomes = together.submit(commands, nowMs);
        const inOrder = [...commands.keys()].sort(
          (a, b) => rankOf(commands[a]) - rankOf(commands[b]) || a - b,
        );
        for (const index of inOrder) {
          const command = commands[index];
          if (command !== undefined) {
            const outcome = apart.one(command, nowMs);
            expect(withoutVersion(outcome)).toEqual(withoutVersion(outcomes[index]));
            expectFactsOf(apart, command, outcome, nowMs);
          }
        }
        expect(withoutVersion(rowsOf(apart))).toEqual(withoutVersion(rowsOf(together)));
      });
    }),
  );
});

it('changes nothing that it was given, and decides the same again', () => {
  runProperty(
    fc.property(someStocks, someSteps, someRowsMax, (stocks, steps, overdueRowsMax) => {
      const world = shopOf(stocks, overdueRowsMax);
      run(world, steps, (commands, nowMs) => {
        const state = deepFreeze(world.load(commands, nowMs));
        const first = world.decide(state, deepFreeze(commands));
        expect(world.decide(state, commands)).toEqual(first);
        world.apply(first.changes);
      });
    }),
  );
});

it('ends every payment as fulfilled, refunded, flagged or unmatched, and every hold as consumed or released', () => {
  runProperty(
    fc.property(someStocks, someSteps, someRowsMax, (stocks, steps, overdueRowsMax) => {
      const world = shopOf(stocks, overdueRowsMax);
      const lastMs = run(world, steps, (commands, nowMs) => world.submit(commands, nowMs));
      const endMs = lastMs + 86_400_000;
      const waiting = [...world.events.values()].filter((event) => event.result === 'parked');
      world.submit([...waiting.map((event) => ({ kind: 'recheck_parked_event', event }) as const)], endMs);
      world.submit([...waiting.map((event) => ({ kind: 'abandon_parked_event', event }) as const)], endMs);
      for (const productId of world.products.keys()) {
        while (world.openUnits(productId) > 0) {
          expect(world.one({ kind: 'expire_holds', productId, limit: 2 }, endMs)).not.toMatchObject({
            released: 0,
          });
        }
      }
      expect(audit(world, endMs)).toEqual([]);
      expect([...world.holds.values()].filter(isOpen)).toEqual([]);
      expect([...world.orders.values()].filter((order) => order.status === 'pending')).toEqual([]);
      for (const event of world.events.values()) {
        // A fact waits under a known order or hold for as long as its payment has not come.
        expect(event.result === 'parked' && !(isFact(event) && event.productId !== null)).toBe(false);
        const hasPayment = world.payments.has(paymentName(event));
        const isUnmatched = event.result === 'unmatched' || (event.productId === null && !hasPayment);
        if (event.status === 'paid' && !isUnmatched) {
          expect(world.payments.get(paymentName(event))?.settlement).toMatch(/fulfilled|refunded|flagged/);
        }
      }
    }),
  );
});

it('tells others what becomes of each order, refund and product, without a gap and in that order', () => {
  runProperty(
    fc.property(someStocks, someSteps, someRowsMax, (stocks, steps, overdueRowsMax) => {
      const world = shopOf(stocks, overdueRowsMax);
      run(world, steps, (commands, nowMs) => world.submit(commands, nowMs));
      const events = [...world.outgoingEvents.values()].sort(
        (a, b) => a.productVersion - b.productVersion || a.position - b.position,
      );
      for (const order of world.orders.values()) {
        // An event for an unknown order may have been given up before the order came.
        const own = events.filter(
          ({ type, orderId }) => orderId === order.id && type !== 'payment.unmatched',
        );
        expect(own[0]?.type).toBe('order.created');
        const told = own.flatMap((event) => ('order' in event.data ? event.data.order.status : []));
        expect(told).toContainEqual(toldStatusOf(order));
        expect(new Set(told).size).toBe(told.length);
      }
      for (const refund of world.refunds.values()) {
        const told = events.flatMap(({ data }) => ('reason' in data && data.id === refund.id ? data : []));
        const asItIs = { status: refund.status, amountMinor: refund.amountMinor };
        // Without a product there is no version that puts events of two batches into order.
        const last = refund.productId === noRow ? told : told.slice(-1);
        expect(last).toContainEqual(expect.objectContaining(asItIs));
      }
      for (const product of world.products.values()) {
        const turns = events.flatMap(({ data }) => ('held' in data && data.id === product.id ? data : []));
        for (const [index, turn] of turns.entries()) {
          expect(turn.stock > turn.held).not.toBe(
            index === 0 ? undefined : (turns[index - 1]?.stock ?? 0) > (turns[index - 1]?.held ?? 0),
          );
        }
        const last = turns.at(-1);
        if (last !== undefined) {
          expect(product.stock > product.held).toBe(last.stock > last.held);
        }
      }
      expect(world.deliveries.size).toBe(world.outgoingEvents.size);
    }),
  );
});

/**
 * An order whose money goes back was told of by how it had ended before. One whose payment was returned before it came has only begun:
 * its refund, or its lost dispute, tells the rest.
 */
function toldStatusOf({ status }: Order): unknown {
  return status === 'refund_due' || status === 'refunded'
    ? expect.stringMatching(/pending|paid|failed|cancelled|expired/)
    : status;
}

/**
 * Who sends a request again does not know the id that was made for it, and gets a new one that is not used.
 */
function sentAgain(command: Command): Command {
  switch (command.kind) {
    case 'create_hold':
      return { ...command, holdId: command.holdId + 5000 };
    case 'create_order':
      return { ...command, orderId: command.orderId + 5000 };
    default:
      return command;
  }
}

function isKept(outcome: Outcome): boolean {
  return outcome.kind !== 'refused' && outcome.kind !== 'payment_event_ignored';
}

function isKeyed(command: Command): boolean {
  return (
    command.kind === 'apply_payment_event' ||
    ('requestKey' in command && command.requestKey !== undefined) ||
    ((command.kind === 'create_hold' || command.kind === 'create_order') && command.idempotencyKey !== null)
  );
}

/**
 * A second look in the same millisecond as a parked event may come before or behind it, and giving up on one that is known by now is a
 * second look too.
 */
function isNotARecheck(command: Command): boolean {
  return command.kind !== 'recheck_parked_event' && command.kind !== 'abandon_parked_event';
}

/** With a limit it may depend on the batch which of the overdue holds were released by whom. */
function withoutLimit(command: Command): Command {
  return command.kind === 'expire_holds' ? { ...command, limit: 100 } : command;
}

/** Whatever an answer says of a product is what the rows say right after its command. */
function expectFactsOf(world: MemoryWorld, command: Command, outcome: Outcome, nowMs: number): void {
  if ('product' in outcome) {
    const { id, asOfMs, heldStock, nextReleaseAtMs, ...row } = outcome.product;
    const { held, ...expected } = world.products.get(id) ?? { held: 0 };
    expect({ id, ...row }).toEqual(expected);
    expect([asOfMs, heldStock]).toEqual([nowMs, world.activeUnits(id, nowMs)]);
    expect(nextReleaseAtMs).toBe(world.availability(id, nowMs).nextReleaseAtMs);
    expect(held).toBeGreaterThanOrEqual(heldStock);
  } else if (command.kind === 'create_hold' && 'nextReleaseAtMs' in outcome) {
    expect(outcome.nextReleaseAtMs).toBe(world.availability(command.productId, nowMs).nextReleaseAtMs);
  }
}

/** The order inside a batch: payments, then what gives units back, then orders, then holds. */
function rankOf(command: Command | undefined): number {
  switch (command?.kind) {
    case 'create_hold':
      return 3;
    case 'create_order':
      return 2;
    case 'apply_payment_event':
    case 'recheck_parked_event':
    case 'abandon_parked_event':
    case 'record_payment_intent':
    case 'close_payment_intent':
    case 'begin_refund':
    case 'postpone_refund':
    case 'settle_refund':
    case 'record_returned_sum':
    case 'refund_order':
    case 'pay_order':
    case 'resolve_payment_event':
      return 0;
    default:
      return 1;
  }
}

function rowsOf(world: MemoryWorld) {
  const { products, holds, orders, events, payments, refunds, disputes, requestKeys, stockChanges } = world;
  const { paymentIntents, outgoingEvents, deliveries, operatorDecisions } = world;
  return {
    ...{ products, holds, orders, events, payments, refunds, disputes, requestKeys, stockChanges },
    ...{ paymentIntents, outgoingEvents, deliveries, operatorDecisions },
  };
}

/** A version counts transactions, so it is the one thing that may differ between one batch and many. */
function withoutVersion(value: unknown): unknown {
  if (value instanceof Map) {
    return new Map([...value].map(([key, row]) => [key, withoutVersion(row)]));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => name !== 'version')
        .map(([name, field]) => [name, withoutVersion(field)]),
    );
  }
  return value;
}
