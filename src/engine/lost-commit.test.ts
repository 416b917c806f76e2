import { describe, expect, it } from 'vitest';
import { engineUnderTest, holdCommand, untilSo } from '../../test/support/engine-under-test.ts';
import type { Fault } from '../../test/support/faulty-store.ts';
import type { Sale } from '../../test/support/sale.ts';
import { holdRow, longAgoMs, productRow, write } from '../../test/support/store-rows.ts';
import type { ApplyPaymentEvent, Command } from '../domain/commands.ts';
import type { DomainEvent } from '../domain/events.ts';
import { processScheduler } from './scheduler.ts';

/** What the engine reported to log and metrics: the kind of each event and the row that it is about. */
function reported(sale: Sale): string[] {
  return sale.committed.flatMap(({ happened }) => happened.map(nameOf)).sort();
}

function nameOf(event: DomainEvent): string {
  switch (event.kind) {
    case 'hold_created':
    case 'hold_expired':
    case 'hold_released':
      return `${event.kind} ${event.hold.id}`;
    case 'order_created':
    case 'order_paid':
    case 'order_expired':
    case 'order_cancelled':
    case 'order_failed':
    case 'payment_refused':
      return `${event.kind} ${event.order.id}`;
    case 'operator_decided':
      return `${event.kind} ${event.decision.id}`;
    case 'payment_event_duplicate':
      return `${event.kind} ${event.key}`;
    case 'refund_due':
    case 'refund_succeeded':
    case 'refund_reopened':
    case 'refund_postponed':
    case 'returned_money_came_back':
      return `${event.kind} ${event.refund.paymentName}`;
    case 'dispute_opened':
    case 'dispute_won':
    case 'dispute_lost':
      return `${event.kind} ${event.dispute.id}`;
    case 'payment_event_processed':
    case 'payment_event_parked':
    case 'payment_event_unmatched':
    case 'possible_second_payment':
      return `${event.kind} ${event.event.key}`;
  }
}

function payCommand(key: string, named: { orderId?: number; holdId?: number }): ApplyPaymentEvent {
  const { orderId = null, holdId = null } = named;
  const event = { key, orderId, holdId, amountMinor: null, currency: null, reference: null };
  return { kind: 'apply_payment_event', event: { ...event, status: 'paid' } };
}

const expire: Command = { kind: 'expire_holds', productId: 1, limit: 10 };
const stranger: Command = { kind: 'release_hold', holdId: 404 };
const lost = (at: NonNullable<Fault>['at']): Fault => ({ kind: 'outcome_unknown', at });

describe('what the engine reports after a commit of unknown outcome', () => {
  const shop = engineUnderTest();

  /** Puts two overdue holds of one unit each into the database. */
  const overdueHolds = () =>
    write(
      shop.store,
      { holds: [71, 72].map((id) => holdRow({ id, quantity: 1, expiresAtMs: longAgoMs })) },
      { products: [productRow({ held: 2, version: 2 })] },
    );

  /** A sale with a hold, and with an order that is to be paid. */
  async function begin(options: Parameters<typeof shop.open>[0] = {}) {
    const sale = shop.open(options);
    const hold = await sale.hold(1);
    const order = await sale.order((await sale.hold(1)).id);
    sale.committed.length = 0;
    return { sale, hold, order };
  }

  const submit = async (sale: Sale, ...commands: Command[]) =>
    (await Promise.all(commands.map((command) => sale.engine.submit(command)))).map(({ outcome }) => outcome);

  it.each(['before_commit', 'after_commit', 'late_commit'] as const)(
    'is each fact once, and the first answer to a payment event is not a replay, when the commit fell %s',
    async (at) => {
      const { sale, hold, order } = await begin();
      await sale.pay({ key: 'early', holdId: hold.id });
      sale.committed.length = 0;
      shop.faulty.plan(lost(at));
      const outcomes = await submit(
        sale,
        payCommand('evt', { orderId: order.id }),
        { kind: 'create_order', orderId: 502, holdId: hold.id, idempotencyKey: 'order key' },
        { kind: 'create_hold', holdId: 101, productId: 1, quantity: 1, idempotencyKey: 'hold key' },
      );
      expect(outcomes).toMatchObject([
        { kind: 'payment_event_answered', answer: { result: 'processed' }, replayed: false },
        { kind: 'order_created', replayed: false },
        { kind: 'hold_created', replayed: false },
      ]);
      expect(reported(sale)).toEqual(
        [
          'hold_created 101',
          'order_created 502',
          'order_paid 502',
          `order_paid ${order.id}`,
          'payment_event_processed early',
          'payment_event_processed evt',
        ].sort(),
      );
    },
  );

  it.each(['before_commit', 'after_commit', 'late_commit'] as const)(
    'is each decision of an operator once, and the first answer to its key is not a replay, when the commit fell %s',
    async (at) => {
      const { sale, order } = await begin();
      const paid = await sale.order((await sale.hold(1)).id);
      await sale.pay({ key: 'first', orderId: paid.id, reference: 'pi_1' });
      await sale.pay({ key: 'second', orderId: paid.id });
      sale.committed.length = 0;
      const decided = { reason: 'decided by hand' };
      const requestKey = { key: 'one key', fingerprint: 'the values' };
      const second = {
        key: 'second',
        orderId: paid.id,
        holdId: null,
        reference: null,
        status: 'paid',
      } as const;
      const commands: Command[] = [
        {
          kind: 'pay_order',
          decisionId: 901,
          orderId: order.id,
          amountMinor: order.totalMinor,
          currency: order.currency,
          reference: 'transfer',
          requestKey,
          ...decided,
        },
        {
          kind: 'refund_order',
          decisionId: 902,
          stockChangeId: 802,
          orderId: paid.id,
          amount: 1,
          restock: false,
          ...decided,
        },
        {
          kind: 'resolve_payment_event',
          decisionId: 903,
          event: second,
          choice: 'refund',
          requestKey,
          ...decided,
        },
        {
          kind: 'change_stock',
          stockChangeId: 801,
          productId: 1,
          change: 25,
          reason: 'delivery',
          requestKey,
        },
      ];
      shop.faulty.plan(lost(at));
      const outcomes = await submit(sale, ...commands);
      expect(outcomes).toMatchObject([
        { kind: 'order_paid', order: { status: 'paid' } },
        { kind: 'order_refund_due', order: { id: paid.id, status: 'paid' } },
        { kind: 'payment_event_resolved', resolution: { id: 903 } },
        { kind: 'stock_changed' },
      ]);
      expect(outcomes.filter((outcome) => 'replayed' in outcome)).toEqual([]);
      expect(reported(sale)).toEqual(
        [
          `order_paid ${order.id}`,
          'operator_decided 901',
          'operator_decided 902',
          'operator_decided 903',
          'refund_due ref:pi_1',
          'refund_due key:second',
        ].sort(),
      );
      expect((await shop.store.product(1))?.stock).toBe(50 + 25 - 2);
      const again = await submit(sale, commands[0] ?? expect.fail());
      expect(again).toMatchObject([{ kind: 'order_paid', replayed: true }]);
    },
  );

  it.each<[string, Fault[]]>([
    ['that all took place or not', [lost('before_commit'), lost('after_commit'), lost('after_commit')]],
    [
      'of which the last one took place',
      [lost('before_commit'), lost('before_commit'), lost('after_commit')],
    ],
    ['of which the last one took place late', [lost('before_commit'), lost('late_commit')]],
    ['of which none took place', [lost('before_commit'), lost('before_commit')]],
    ['with other failures in between', [lost('after_commit'), { kind: 'conflict', at: 'before_commit' }]],
    ['with a retry before them', [{ kind: 'retryable', at: 'before_commit' }, lost('after_commit')]],
  ])('is each fact once after several commits %s', async (_case, faults) => {
    const { sale, order } = await begin();
    shop.faulty.plan(...faults);
    const [paid] = await submit(sale, payCommand('evt', { orderId: order.id }), holdCommand(101));
    expect(paid).toMatchObject({ kind: 'payment_event_answered', replayed: false });
    expect(reported(sale)).toEqual([
      'hold_created 101',
      `order_paid ${order.id}`,
      'payment_event_processed evt',
    ]);
  });

  it.each(['before_commit', 'after_commit'] as const)(
    'names a second delivery of an event in the same batch a duplicate, once, when the commit fell %s',
    async (at) => {
      const { sale, order } = await begin();
      shop.faulty.plan(lost(at), lost(at));
      const pay = payCommand('evt', { orderId: order.id });
      expect(await submit(sale, pay, pay)).toMatchObject([{ replayed: false }, { replayed: true }]);
      expect(await submit(sale, pay)).toMatchObject([{ replayed: true }]);
      expect(reported(sale)).toEqual([
        `order_paid ${order.id}`,
        'payment_event_duplicate evt',
        'payment_event_duplicate evt',
        'payment_event_processed evt',
      ]);
    },
  );

  it('names an event a replay when another node has stored it meanwhile', async () => {
    const { sale, order } = await begin({
      listener: {
        failed: () => {
          // A row of the same millisecond counts as the command's own.
          const nextMs = performance.now() + 2;
          stored = untilSo(() => performance.now() > nextMs).then(() =>
            other.pay({ key: 'evt', orderId: order.id }),
          );
        },
      },
      // The second attempt comes after the other node's batch.
      scheduler: { ...processScheduler, pause: () => Promise.resolve(stored).then(() => {}) },
    });
    const other = shop.open();
    let stored: Promise<unknown> = Promise.resolve();
    shop.faulty.plan(lost('before_commit'));
    expect(await submit(sale, payCommand('evt', { orderId: order.id }))).toMatchObject([{ replayed: true }]);
    expect(reported(sale)).toEqual(['payment_event_duplicate evt']);
    expect(reported(other)).toContain('payment_event_processed evt');
  });

  it('contains an event that waits for an unknown order, so that its order is looked for again', async () => {
    const { sale } = await begin();
    shop.faulty.plan(lost('after_commit'));
    expect(await submit(sale, payCommand('evt', { orderId: 909 }))).toMatchObject([
      { answer: { result: 'parked' }, replayed: false },
    ]);
    expect(reported(sale)).toEqual(['payment_event_parked evt']);
  });

  it.each(['before_commit', 'after_commit'] as const)(
    'contains each hold that was released, when the commit fell %s',
    async (at) => {
      await overdueHolds();
      const { sale, hold, order } = await begin();
      shop.faulty.plan(lost(at));
      await submit(
        sale,
        expire,
        { kind: 'release_hold', holdId: hold.id },
        { kind: 'cancel_order', orderId: order.id },
      );
      expect(reported(sale)).toEqual(
        [
          'hold_expired 71',
          'hold_expired 72',
          `hold_released ${hold.id}`,
          `hold_released ${order.holdId}`,
          `order_cancelled ${order.id}`,
        ].sort(),
      );
    },
  );

  it.each(['before_commit', 'after_commit'] as const)(
    'contains a refused payment once, when the commit fell %s',
    async (at) => {
      const { sale, order } = await begin();
      shop.faulty.plan(lost(at));
      await submit(sale, {
        kind: 'refuse_payment',
        orderId: order.id,
        provider: 'stripe',
        reason: 'too small',
      });
      expect(reported(sale)).toEqual(
        [`hold_released ${order.holdId}`, `order_failed ${order.id}`, `payment_refused ${order.id}`].sort(),
      );
    },
  );

  it('leaves out what was not committed, when another node has done a part of it', async () => {
    await overdueHolds();
    const other = shop.open();
    let released: Promise<unknown> = Promise.resolve();
    const sale = shop.open({
      listener: {
        failed: () => {
          released = other.engine.submit({ kind: 'release_hold', holdId: 71 });
        },
      },
      scheduler: { ...processScheduler, pause: () => Promise.resolve(released).then(() => {}) },
    });
    shop.faulty.plan(lost('before_commit'));
    await submit(sale, expire);
    expect(reported(other)).toEqual(['hold_expired 71']);
    expect(reported(sale)).toEqual(['hold_expired 72']);
  });

  it.each(['before_commit', 'after_commit'] as const)(
    'comes with the next batch when its own commands were given up, and the commit fell %s',
    async (at) => {
      const { sale, order } = await begin();
      shop.faulty.plan(lost(at), { kind: 'unavailable', at: 'before_commit' });
      const given = [payCommand('evt', { orderId: order.id }), holdCommand(101)];
      expect(await submit(sale, ...given)).toMatchObject([{ kind: 'failed' }, { kind: 'failed' }]);
      expect(reported(sale)).toEqual([]);
      await submit(sale, stranger);
      const facts = ['hold_created 101', `order_paid ${order.id}`, 'payment_event_processed evt'];
      expect(reported(sale)).toEqual(at === 'after_commit' ? facts : []);
      await submit(sale, stranger);
      expect(reported(sale)).toEqual(at === 'after_commit' ? facts : []);
    },
  );

  it('carries the products as the lost commit left them, for the cache', async () => {
    const { sale } = await begin();
    shop.faulty.plan(lost('after_commit'), { kind: 'unavailable', at: 'before_commit' });
    await submit(sale, holdCommand(101, 5));
    await submit(sale, stranger);
    expect(sale.committed.at(-1)?.snapshots.get(1)).toMatchObject({ heldStock: 7 });
  });

  it('is each fact once when a defect makes the commands of the batch be decided one by one', async () => {
    const { sale } = await begin();
    shop.faulty.plan(lost('after_commit'), { kind: 'defect', at: 'before_commit' });
    await submit(sale, holdCommand(101), holdCommand(102));
    expect(reported(sale)).toEqual(['hold_created 101', 'hold_created 102']);
  });
});
