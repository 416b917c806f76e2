import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Command } from '../../src/domain/commands.ts';
import type { Order } from '../../src/domain/order.ts';
import type { FactStatus, IncomingPaymentEvent } from '../../src/domain/payment.ts';
import {
  aHold,
  anEvent,
  aProduct,
  createOrder,
  noonMs,
  orderedRows,
  rules,
} from '../support/domain-state.ts';
import { MemoryWorld } from '../support/memory-world.ts';
import { audit } from '../support/world-auditor.ts';
import { runProperty } from './run-property.ts';

const total = 239_998;

/** What the payment's order is when the first event arrives. For a hold the order may be made between two events. */
type Start = Order['status'] | 'hold' | 'hold ended';
const someStart = fc.constantFrom<Start>(
  ...(['pending', 'failed', 'cancelled', 'expired', 'paid', 'refund_due'] as const),
  ...(['hold', 'hold', 'hold ended'] as const),
);

type Fact = {
  readonly status: FactStatus;
  readonly amountMinor: number | null;
  readonly id: number | null;
  readonly atMs: number;
  readonly names: 'payment' | 'order' | 'hold' | 'all';
};

const aFact: fc.Arbitrary<Fact> = fc.record({
  status: fc.constantFrom<FactStatus>(
    ...(['refunded', 'refunded', 'refund_failed', 'refund_failed'] as const),
    ...(['disputed', 'dispute_won', 'dispute_lost'] as const),
  ),
  amountMinor: fc.constantFrom(null, null, 0, 1, 100_000, 139_998, total),
  id: fc.constantFrom(0, 0, 1, null),
  atMs: fc.integer({ min: 0, max: 3 }),
  names: fc.constantFrom('payment', 'payment', 'order', 'hold', 'all'),
});

/** A payment and facts about it, some of them delivered again, in two orders of arrival, each cut into batches. */
const someArrivals = fc
  .record({
    start: someStart,
    paid: fc.constantFrom(null, null, null, total, 5),
    facts: fc.array(aFact, { minLength: 1, maxLength: 5 }),
    again: fc.array(fc.nat(), { maxLength: 2 }),
  })
  .chain(({ start, paid, facts, again }) => {
    const commands = commandsOf(start, paid, facts);
    const repeated = again.flatMap((index) => commands[index % commands.length] ?? []);
    const sent = [...commands, ...repeated.filter(({ kind }) => kind === 'apply_payment_event')];
    const order = fc.shuffledSubarray(sent, { minLength: sent.length });
    const cuts = fc.array(fc.boolean(), { minLength: sent.length, maxLength: sent.length });
    return fc.tuple(fc.constant(start), order, cuts, order, cuts);
  });

function commandsOf(start: Start, paid: number | null, facts: readonly Fact[]): Command[] {
  const events: IncomingPaymentEvent[] = facts.map(({ status, amountMinor, id, atMs, names }, index) => ({
    key: `fact_${index}`,
    // An order or a hold alone is named where a provider does not know the payment by a reference.
    // An order that is made meanwhile is not named together with its hold before that: the two would contradict each other.
    orderId:
      start !== 'hold ended' && (names === 'order' || (names === 'all' && start !== 'hold')) ? 500 : null,
    holdId: names === 'hold' || names === 'all' || (names === 'order' && start === 'hold ended') ? 70 : null,
    reference: names === 'payment' || names === 'all' ? 'pi_1' : null,
    ...{ status, amountMinor, currency: amountMinor === null ? null : 'USD' },
    factId: status === 'refunded' || id === null ? null : `id_${id}`,
    occurredAtMs: atMs,
  }));
  const payment = anEvent({
    ...(start === 'hold' || start === 'hold ended' ? { orderId: null, holdId: 70 } : {}),
    ...{ amountMinor: paid, currency: paid === null ? null : 'USD' },
  });
  return [
    ...[...events, payment].map((event): Command => ({ kind: 'apply_payment_event', event })),
    ...(start === 'hold' ? [createOrder()] : []),
  ];
}

function worldOf(start: Start): MemoryWorld {
  const products = [aProduct({ stock: 1000 })];
  const rows =
    start === 'hold' || start === 'hold ended'
      ? { holds: [aHold({ status: start === 'hold' ? 'held' : 'released' })] }
      : orderedRows(start);
  return new MemoryWorld({ ...rows, products }, { rules: { ...rules, parkedMax: 100 } });
}

/** Runs the commands in this order, in batches that end at the cuts, and looks once more at what waits. */
function arrive(start: Start, commands: readonly Command[], cuts: readonly boolean[]): MemoryWorld {
  const world = worldOf(start);
  let batch: Command[] = [];
  for (const [index, command] of commands.entries()) {
    batch.push(command);
    if (cuts[index] || index === commands.length - 1) {
      world.submit(batch, noonMs);
      expect(audit(world, noonMs)).toEqual([]);
      batch = [];
    }
  }
  const waiting = [...world.events.values()].filter(({ result }) => result === 'parked');
  world.submit(
    waiting.map((event) => ({ kind: 'recheck_parked_event', event })),
    noonMs,
  );
  expect(audit(world, noonMs)).toEqual([]);
  return world;
}

/** All that a reader sees of the money. A refund row of 0 is one that no reader shows. */
function moneyOf(world: MemoryWorld) {
  const payments = [...world.payments.values()].map((row) => [
    ...[row.name, row.orderId, row.amountMinor, row.settlement],
  ]);
  const refunds = [...world.refunds.values()]
    .filter(({ amountMinor }) => amountMinor > 0)
    .map((row) => [
      ...[row.paymentName, row.orderId, row.reason, row.status],
      ...[row.amountMinor, row.owedMinor, row.returnedMinor, row.sentMinor],
    ]);
  const disputes = [...world.disputes.values()].map((row) => [
    ...[row.paymentName, row.orderId, row.id, row.status, row.amountMinor],
  ]);
  const [sortedPayments, sortedRefunds, sortedDisputes] = [payments, refunds, disputes].map((rows) =>
    rows.map((row) => row.join(' ')).sort(),
  );
  return { order: world.orders.get(500)?.status, sortedPayments, sortedRefunds, sortedDisputes };
}

it('comes to the same order, payment, refund and disputes in whatever order a payment and its facts arrive', () => {
  runProperty(
    fc.property(someArrivals, ([start, one, cutsOfOne, other, cutsOfOther]) => {
      const [first, second] = [arrive(start, one, cutsOfOne), arrive(start, other, cutsOfOther)];
      expect(moneyOf(second)).toEqual(moneyOf(first));
    }),
  );
});
