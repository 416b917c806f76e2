import { describe, expect, it } from 'vitest';
import {
  aHold,
  aProduct,
  applyEarlyEvent,
  applyEvent,
  createOrder,
  noonMs,
  noonSecondMs,
  orderedRows,
  rules,
  worldOf,
} from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import type { MemoryWorld } from '../../test/support/memory-world.ts';
import { audit } from '../../test/support/world-auditor.ts';
import { factStatuses, type IncomingPaymentEvent } from './payment.ts';

const total = 239_998;
const heldRows = { products: [aProduct()], holds: [aHold()] };

const returned = (over: Partial<IncomingPaymentEvent> = {}) =>
  reportFact('refunded', { reference: 'pi_1', ...over });
const failed = (over: Partial<IncomingPaymentEvent> = {}) =>
  reportFact('refund_failed', { reference: 'pi_1', factId: 're_1', ...over });

const parked = { kind: 'payment_event_answered', answer: { result: 'parked' }, replayed: false };
const paymentOf = (world: MemoryWorld) => world.payments.get('ref:pi_1');
const refundsOf = (world: MemoryWorld) => [...world.refunds.values()];

describe('a fact about an unknown payment', () => {
  it.each([
    ['an order', orderedRows('pending'), { orderId: 500 }, { orderId: 500, holdId: 70, productId: 1 }],
    ['a hold', heldRows, { orderId: null, holdId: 70 }, { orderId: null, holdId: 70, productId: 1 }],
    ['an unknown order', heldRows, { orderId: 9 }, { orderId: 9, holdId: null, productId: null }],
    ['a reference alone', heldRows, { orderId: null }, { orderId: null, holdId: null, productId: null }],
  ] as const)('waits, and changes nothing else, when it names %s', (_case, rows, named, row) => {
    for (const status of factStatuses) {
      const world = worldOf(rows);
      const event = reportFact(status, { reference: 'pi_1', ...named });
      const { outcomes, happened, changes } = world.batch([event], noonMs);
      expect(outcomes).toEqual([parked]);
      const stored = {
        ...event.event,
        ...row,
        result: 'parked',
        answer: { result: 'parked' },
        receivedAtMs: noonMs,
      };
      expect(changes.events).toEqual({ inserted: [stored], updated: [] });
      expect(happened).toEqual([{ kind: 'payment_event_parked', event: stored }]);
      for (const unchanged of [changes.orders, changes.holds, changes.payments, changes.refunds]) {
        expect(unchanged).toEqual({ inserted: [], updated: [] });
      }
      expect(world.one(event, noonMs + 1)).toEqual({ ...parked, replayed: true });
    }
  });

  it('is refused when it names an order and a hold that do not belong together', () => {
    const world = worldOf(orderedRows('pending'));
    expect(world.one(returned({ holdId: 71 }), noonMs)).toEqual({
      ...{ kind: 'refused', code: 'invalid_request', field: 'hold_id' },
      message: 'expected the hold of order 500, got 71',
    });
    expect(world.events.size).toBe(0);
  });

  it('waits without an order under a bound that leaves the room of payments free', () => {
    const world = worldOf(orderedRows('pending'));
    for (let count = 0; count < rules.parkedMax; count += 1) {
      expect(world.one(returned({ orderId: null }), noonMs)).toEqual(parked);
    }
    const overloaded = { kind: 'refused', code: 'overloaded' };
    expect(world.one(returned({ orderId: null }), noonMs)).toEqual(overloaded);
    expect(world.one(returned({ orderId: 9 }), noonMs)).toEqual(overloaded);
    expect(world.one(returned(), noonMs)).toEqual(parked);
    for (let count = 0; count < rules.parkedMax; count += 1) {
      expect(world.one(applyEvent({ key: `evt_paid_${count}`, orderId: 9 }), noonMs)).toEqual(parked);
    }
    expect(world.one(applyEvent({ key: 'evt_paid', orderId: 9 }), noonMs)).toEqual(overloaded);
    // The payment of the facts that wait takes them in: there is room again.
    world.one(applyEvent(), noonMs);
    expect(world.parkedUnknown('facts')).toBe(0);
    expect(world.one(returned({ orderId: null, reference: 'pi_9' }), noonMs)).toEqual(parked);
  });
});

describe('a payment that was returned before it came', () => {
  it.each([
    ['pending', 10, 0],
    ['failed', 10, 0],
    ['cancelled', 10, 0],
    ['expired', 10, 0],
  ] as const)('never buys: a %s order ends refunded, its units are available', (status, stock, held) => {
    const world = worldOf(orderedRows(status));
    world.one(returned(), noonMs);
    const { outcomes, happened } = world.batch([applyEvent()], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'processed', orderStatus: 'refunded', stockDeducted: 0 } },
    ]);
    expect(happened.map(({ kind }) => kind)).not.toContain('order_paid');
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(world.holds.get(70)?.status).toBe('released');
    expect(world.products.get(1)).toMatchObject({ stock, held });
    expect(paymentOf(world)).toMatchObject({ decision: 'returned', settlement: 'refunded' });
    expect(refundsOf(world)).toMatchObject([
      { reason: 'returned', status: 'succeeded', amountMinor: total, returnedMinor: total, owedMinor: 0 },
    ]);
    expect([...world.events.values()].map(({ result }) => result)).toEqual(['processed', 'processed']);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('ends the order of a hold with the order itself', () => {
    const world = worldOf(heldRows);
    world.one(applyEarlyEvent(), noonMs);
    world.one(returned({ orderId: null }), noonMs);
    expect(world.one(createOrder(), noonMs)).toMatchObject({
      ...{ kind: 'order_created', order: { status: 'refunded' } },
      refunds: [{ reason: 'returned', status: 'succeeded', amountMinor: total }],
    });
    expect(world.products.get(1)).toMatchObject({ stock: 10, held: 0 });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('owes nothing any more when its hold ends without an order', () => {
    const world = worldOf({ ...heldRows, holds: [aHold({ status: 'released' })] });
    world.one(returned({ orderId: null }), noonMs);
    world.one(applyEarlyEvent(), noonMs);
    expect(refundsOf(world)).toMatchObject([
      { reason: 'hold_ended', status: 'succeeded', owedMinor: total, returnedMinor: total },
    ]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it.each([
    ['a wrong amount', 'pending', { amountMinor: 5 }, 'amount_mismatch', 'pending'],
    ['a second payment', 'paid', {}, 'second_payment', 'paid'],
  ] as const)('owes nothing any more as %s', (_case, status, over, reason, orderStatus) => {
    const world = worldOf(orderedRows(status));
    world.one(returned(), noonMs);
    const { happened } = world.batch([applyEvent(over)], noonMs);
    expect(happened.map(({ kind }) => kind)).not.toContain('refund_due');
    expect(refundsOf(world)).toMatchObject([{ reason, status: 'succeeded' }]);
    expect(world.orders.get(500)?.status).toBe(orderStatus);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('includes one that a lost dispute has taken', () => {
    const world = worldOf(orderedRows('pending'));
    world.one(reportFact('dispute_lost', { reference: 'pi_1', factId: 'dp_1' }), noonMs);
    world.one(applyEvent(), noonMs);
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(paymentOf(world)?.decision).toBe('returned');
    expect([...world.disputes.values()]).toMatchObject([{ id: 'dp_1', orderId: 500, status: 'lost' }]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is also found by a fact that names its order alone', () => {
    const world = worldOf(orderedRows('pending'));
    world.one(returned({ reference: null }), noonMs);
    world.one(applyEvent(), noonMs);
    expect(paymentOf(world)?.decision).toBe('returned');
    expect(audit(world, noonMs)).toEqual([]);
  });

  it.each<[string, IncomingPaymentEvent[], object[]]>([
    [
      'a part was returned',
      [returned({ amountMinor: 1, currency: 'USD' }).event],
      [{ reason: 'returned_in_part', amountMinor: 1, status: 'succeeded' }],
    ],
    ['the refund has failed', [returned().event, failed({ occurredAtMs: noonMs + 1 }).event], []],
    ['the refund is in another currency', [returned({ amountMinor: total, currency: 'EUR' }).event], []],
    ['a dispute is open', [reportFact('disputed', { reference: 'pi_1' }).event], []],
    ['a dispute was won', [reportFact('dispute_won', { reference: 'pi_1' }).event], []],
  ])('buys its order when %s', (_case, facts, refunds) => {
    const world = worldOf(orderedRows('pending'));
    for (const event of facts) {
      world.one({ kind: 'apply_payment_event', event }, noonMs);
    }
    expect(world.one(applyEvent(), noonMs)).toMatchObject({
      answer: { result: 'processed', orderStatus: 'paid', stockDeducted: 2 },
    });
    expect(refundsOf(world)).toMatchObject(refunds);
    expect(audit(world, noonMs)).toEqual([]);
  });
});

it('leaves a refunded order without a deadline', () => {
  const world = worldOf(orderedRows('pending'));
  world.one(returned(), noonMs);
  world.one(applyEvent(), noonMs);
  const expire = { kind: 'expire_holds', productId: 1, limit: 5 } as const;
  expect(world.one(expire, noonMs + 120_000)).toEqual({ kind: 'holds_expired', released: 0 });
  expect(world.orders.get(500)?.status).toBe('refunded');
});

describe('a payment that was returned and comes back', () => {
  const comeBack = failed({ occurredAtMs: noonMs + 1 });

  /** Order 500 is refunded, its payment was returned before it came. Two units of the stock are other buyers'. */
  function returnedWorld(stock: number, othersExpireAtMs: number, overdueRowsMax?: number): MemoryWorld {
    const others = [71, 72].map((id) => aHold({ id, quantity: 1, expiresAtMs: othersExpireAtMs }));
    const { products, holds, ...rest } = orderedRows('expired', { stock });
    const world = worldOf({ ...rest, products, holds: [...holds, ...others] }, overdueRowsMax);
    world.one(returned(), noonMs);
    world.one(applyEvent(), noonMs);
    expect(paymentOf(world)?.decision).toBe('returned');
    return world;
  }

  it('is a late payment: the order is paid while its units are available', () => {
    const world = returnedWorld(4, noonSecondMs + 60_000);
    const { outcomes, happened } = world.batch([comeBack], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'processed', orderId: 500, orderStatus: 'paid', stockDeducted: 2 } },
    ]);
    expect(happened.map(({ kind }) => kind)).toContain('order_paid');
    expect(paymentOf(world)).toMatchObject({ decision: 'fulfilled', settlement: 'fulfilled' });
    expect(world.holds.get(70)?.status).toBe('consumed');
    expect(world.products.get(1)).toMatchObject({ stock: 2, held: 2 });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('is owed when its units are gone', () => {
    const world = returnedWorld(3, noonSecondMs + 60_000);
    const { outcomes, happened } = world.batch([comeBack], noonMs);
    expect(outcomes).toMatchObject([
      { answer: { result: 'processed', orderStatus: 'refund_due', stockDeducted: 0 } },
    ]);
    expect(happened.map(({ kind }) => kind)).toContain('refund_due');
    expect(paymentOf(world)).toMatchObject({ decision: 'owed', settlement: 'refunded' });
    expect(refundsOf(world)).toMatchObject([{ reason: 'late_payment', status: 'due', owedMinor: total }]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('comes back in part when a part of the refund failed', () => {
    const world = returnedWorld(3, noonSecondMs + 60_000);
    const part = failed({ amountMinor: 1000, currency: 'USD', occurredAtMs: noonMs + 1 });
    world.one(part, noonMs);
    expect(refundsOf(world)).toMatchObject([
      { reason: 'late_payment', status: 'due', owedMinor: total, returnedMinor: total - 1000 },
    ]);
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('waits, and is not written, until enough overdue holds are released', () => {
    const world = returnedWorld(2, noonSecondMs, 1);
    const first = world.batch([comeBack], noonMs);
    expect(first.outcomes).toEqual([{ kind: 'deferred' }]);
    expect(first.changes.events).toEqual({ inserted: [], updated: [] });
    expect(first.changes.holds.updated).toMatchObject([{ id: 71, status: 'released' }]);
    expect(audit(world, noonMs)).toEqual([]);

    expect(world.batch([comeBack], noonMs).outcomes).toMatchObject([{ answer: { orderStatus: 'paid' } }]);
    expect(world.products.get(1)).toMatchObject({ stock: 0, held: 0 });
    expect(audit(world, noonMs)).toEqual([]);
  });

  it('stays returned while it is still gone', () => {
    const world = returnedWorld(4, noonSecondMs + 60_000);
    world.one(returned({ occurredAtMs: noonMs + 2 }), noonMs);
    expect(world.one(comeBack, noonMs)).toMatchObject({ answer: { result: 'ignored' } });
    expect(world.orders.get(500)?.status).toBe('refunded');
    expect(audit(world, noonMs)).toEqual([]);
  });
});
