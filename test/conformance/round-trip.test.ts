import { expect, it } from 'vitest';
import type { Dispute } from '../../src/domain/dispute.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { OrderStatus } from '../../src/domain/order.ts';
import { factStatuses, type PaymentResult } from '../../src/domain/payment.ts';
import { databases, emptyDatabase } from '../support/databases.ts';
import { describeEach } from '../support/needing.ts';
import {
  disputeRow,
  eventRow,
  farAheadMs,
  holdKeyRow,
  holdRow,
  largest,
  loaded,
  longAgoMs,
  orderKeyRow,
  orderRow,
  paymentRow,
  productRow,
  refundRow,
  stockChangeRow,
  write,
} from '../support/store-rows.ts';

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');

describeEach(databases)('values on $name', (database) => {
  const db = emptyDatabase(database);

  it('keeps products, with a sale window and without, at the limits of every field', async () => {
    const products = [
      productRow({ id: 1 }),
      productRow({ id: 2, opensAtMs: longAgoMs + 1, closesAtMs: farAheadMs + 999 }),
      productRow({ id: 3, opensAtMs: longAgoMs + 999 }),
      productRow({ id: 4, closesAtMs: farAheadMs + 1 }),
      productRow({
        id: largest,
        name: `It's "größer" \\ 📱; -- ${'n'.repeat(170)}`,
        priceMinor: 999_999_999_000,
        stock: 1_000_000_000,
        held: 1_000_000_000,
        version: largest,
      }),
      productRow({ id: 6, currency: 'JPY', priceMinor: 1, stock: 0 }),
      productRow({ id: 7, currency: 'BHD', priceMinor: 9_999_999_990 }),
    ];
    await write(db.store, { products });
    const state = await loaded(db.store, { productIds: products.map((product) => product.id) });
    expect([...state.products.values()]).toEqual(products.toSorted((a, b) => a.id - b.id));
  });

  it('keeps holds in every status, with every reason and every kind of waiting event', async () => {
    const each: Partial<Hold>[] = [
      { status: 'held' },
      { status: 'held', parked: 'failed' },
      { status: 'held', parked: 'paid' },
      { status: 'ordered' },
      { status: 'ordered', parked: 'paid' },
      { status: 'consumed' },
      { status: 'released', releaseReason: 'expired' },
      { status: 'released', releaseReason: 'released' },
      { status: 'released', releaseReason: 'order_ended', parked: 'failed' },
      {
        id: largest,
        quantity: 1_000_000,
        priceMinor: largest,
        expiresAtMs: longAgoMs,
        createdAtMs: longAgoMs,
      },
    ];
    const holds = each.map((hold, index) => holdRow({ id: 10 + index, ...hold }));
    await write(db.store, { products: [productRow()], holds });
    const state = await loaded(db.store, { productIds: [1], holdIds: holds.map((hold) => hold.id) });
    expect([...state.holds.values()].sort((a, b) => a.id - b.id)).toEqual(holds);
    for (const hold of holds) {
      expect((await db.store.hold(hold.id))?.value).toEqual({ hold, orderId: null });
    }
  });

  it('keeps orders in every status, and totals in currencies of 0, 2 and 3 decimals', async () => {
    const statuses: OrderStatus[] = [
      'pending',
      'paid',
      'failed',
      'cancelled',
      'expired',
      'refund_due',
      'refunded',
    ];
    const orders = [
      ...statuses.map((status, index) => orderRow({ id: 500 + index, holdId: 70 + index, status })),
      orderRow({ id: 600, holdId: 90, currency: 'JPY', totalMinor: 1_500 }),
      orderRow({ id: 601, holdId: 91, currency: 'BHD', totalMinor: 12_345 }),
      orderRow({ id: largest, holdId: largest, totalMinor: largest }),
    ];
    const holds = orders.map((order) => holdRow({ id: order.holdId, status: 'ordered' }));
    await write(db.store, { products: [productRow()], holds, orders });
    const state = await loaded(db.store, { productIds: [1], holdIds: holds.map((hold) => hold.id) });
    expect([...state.orders.values()].sort((a, b) => a.id - b.id)).toEqual(orders);
    for (const order of orders) {
      expect((await db.store.order(order.id))?.value).toEqual({
        order,
        refunds: [],
        disputes: [],
        paymentIntent: null,
      });
    }
    const totals = await db.run('select total from orders where id in (500, 600, 601) order by id');
    expect(totals.map((row) => Number(Object.values(row as object)[0]))).toEqual([2399.98, 1500, 12.345]);
  });

  it('keeps payment events, with nothing and with everything in them, by every result', async () => {
    const nothing = { orderId: null, holdId: null, productId: null, amountMinor: null, currency: null };
    const results: PaymentResult[] = [
      'parked',
      'processed',
      'ignored',
      'amount_mismatch',
      'refund_due',
      'possible_second_payment',
      'unmatched',
    ];
    const events = [
      ...results.map((result, index) => eventRow({ key: `result ${index}`, result })),
      eventRow({ key: 'declined', result: 'ignored', status: 'declined' }),
      eventRow({ key: 'bare', ...nothing, reference: null, status: 'failed' }),
      eventRow({
        key: 'full',
        orderId: largest,
        holdId: largest - 1,
        productId: largest - 2,
        amountMinor: largest,
        reference: printable,
        result: 'processed',
        answer: { result: 'processed', orderId: largest, orderStatus: 'paid', stockDeducted: 1_000_000 },
      }),
    ];
    await write(db.store, { events });
    const state = await loaded(db.store, { eventKeys: events.map((event) => event.key) });
    expect(Object.fromEntries(state.events)).toEqual(Object.fromEntries(events.map((e) => [e.key, e])));
  });

  it('keeps facts about payments, with the time and the id of the provider and without', async () => {
    const bare = { orderId: null, holdId: null, productId: null, amountMinor: null, currency: null } as const;
    const events = [
      ...factStatuses.map((status) => eventRow({ key: status, status, result: 'processed' })),
      ...factStatuses.map((status) => eventRow({ key: `parked ${status}`, status })),
      eventRow({ key: 'bare', status: 'refunded', ...bare }),
      eventRow({ key: 'in vain', status: 'disputed', result: 'unmatched' }),
      eventRow({
        key: 'full',
        status: 'dispute_lost',
        factId: printable + 'd'.repeat(160),
        occurredAtMs: longAgoMs + 1,
        receiptId: largest,
        result: 'processed',
        answer: { result: 'processed', orderId: null, orderStatus: null, stockDeducted: 0 },
      }),
      eventRow({ key: 'long ago', status: 'refunded', occurredAtMs: Date.UTC(1970, 0, 2), factId: 're_1' }),
      eventRow({ key: 'far ahead', status: 'refunded', occurredAtMs: Date.UTC(2100, 0, 1) + 999 }),
    ];
    await write(db.store, { events });
    const state = await loaded(db.store, { eventKeys: events.map((event) => event.key) });
    expect(Object.fromEntries(state.events)).toEqual(Object.fromEntries(events.map((e) => [e.key, e])));
  });

  it('keeps payments by every decision, and disputes in every status', async () => {
    const decisions = ['fulfilled', 'owed', 'returned', 'flagged', 'nothing_due'] as const;
    const payments = [
      ...decisions.map((decision) =>
        paymentRow({ name: `ref:${decision}`, decision, settlement: 'refunded', holdId: 70 }),
      ),
      paymentRow({ name: 'ref:here', decision: 'nothing_due', settlement: 'flagged' }),
    ];
    const disputes = [
      ...(['open', 'won', 'lost'] as const).map((status) =>
        disputeRow({ id: status, status, paymentName: 'ref:fulfilled' }),
      ),
      disputeRow({ paymentName: 'ref:here', id: 'ref:here', orderId: null, amountMinor: largest }),
    ];
    await write(db.store, {
      payments,
      disputes,
      events: [eventRow({ key: 'e', status: 'disputed', reference: 'here', result: 'processed' })],
    });
    const state = await loaded(db.store, { paymentNames: payments.map(({ name }) => name) });
    expect(new Set(state.payments.values())).toEqual(new Set(payments));
    expect(new Set(state.disputes.values())).toEqual(new Set(disputes));
    const [open, won] = disputes as [Dispute, Dispute];
    const closed = {
      ...open,
      status: 'lost',
      amountMinor: 7,
      orderId: null,
      holdId: 71,
      productId: 2,
    } as const;
    await write(db.store, {}, { disputes: [closed] });
    const after = await loaded(db.store, { paymentNames: payments.map(({ name }) => name) });
    expect(new Set(after.disputes.values())).toEqual(new Set([closed, won, ...disputes.slice(2)]));
  });

  it('keeps payments and refunds, with an order and without', async () => {
    const payments = [
      paymentRow({ name: 'ref:pi_1' }),
      paymentRow({ name: 'key:evt_2', orderId: null, settlement: 'flagged', currency: 'JPY' }),
      paymentRow({ name: `ref:${'r'.repeat(255)}`, settlement: 'refunded', amountMinor: largest }),
    ];
    const refunds = [
      refundRow({ id: largest, amountMinor: largest, status: 'succeeded', reason: 'second_payment' }),
      refundRow({ id: 1, paymentName: 'key:evt_2', orderId: null, reason: 'hold_ended', currency: 'JPY' }),
      refundRow({ id: 2, paymentName: `ref:${'r'.repeat(255)}`, reason: 'amount_mismatch' }),
    ];
    await write(db.store, { payments, refunds });
    const state = await loaded(db.store, {
      paymentNames: payments.map((payment) => payment.name),
      refundIds: refunds.map((refund) => refund.id),
    });
    expect(new Set(state.payments.values())).toEqual(new Set(payments));
    expect(new Set(state.refunds.values())).toEqual(new Set(refunds));
  });

  it('keeps the answers under request keys, and stock changes in both directions', async () => {
    const requestKeys = [holdKeyRow('one', longAgoMs + 7), orderKeyRow('two', longAgoMs + 8)];
    const stockChanges = [
      stockChangeRow({ id: largest, change: 1_000_000_000, reason: 'größte Lieferung 📦' }),
      stockChangeRow({ id: 2, change: -1_000_000_000 }),
    ];
    await write(db.store, { products: [productRow()], requestKeys, stockChanges });
    const state = await loaded(db.store, {
      requestKeys: ['holds:one', 'orders:two'],
      stockChangeIds: stockChanges.map((change) => change.id),
    });
    expect([...state.requestKeys.values()]).toEqual(expect.arrayContaining(requestKeys));
    expect(state.requestKeys.size).toBe(2);
    expect(new Set(state.stockChanges.values())).toEqual(new Set(stockChanges));
  });

  it('keeps apart keys that differ in case, in trailing and leading spaces, and finds any printable one', async () => {
    const keys = [
      'Key',
      'key',
      'key ',
      'key  ',
      ' key',
      '7',
      '007',
      '7.0',
      'null',
      printable,
      'x'.repeat(255),
    ];
    const events = keys.map((key, index) => eventRow({ key, amountMinor: index, reference: key }));
    const payments = keys.map((key, index) => paymentRow({ name: `key:${key}`, amountMinor: index }));
    const requestKeys = keys.map((key, index) => holdKeyRow(key, longAgoMs + index));
    await write(db.store, { events, payments, requestKeys });
    for (const [index, key] of keys.entries()) {
      const state = await loaded(db.store, {
        eventKeys: [key],
        paymentNames: [`key:${key}`],
        requestKeys: [`holds:${key}`],
      });
      expect([...state.events.values()]).toEqual([events[index]]);
      expect([...state.payments.values()]).toEqual([payments[index]]);
      expect([...state.requestKeys.values()]).toEqual([requestKeys[index]]);
    }
  });

  it('replaces what may change of each row, and leaves the rows beside it alone', async () => {
    const before = {
      products: [productRow({ held: 6 }), productRow({ id: 2 })],
      holds: [70, 71, 72].map((id) => holdRow({ id })),
      orders: [orderRow(), orderRow({ id: 501, holdId: 71 })],
      events: [eventRow(), eventRow({ key: 'evt_2', holdId: null, orderId: 501, productId: null })],
      payments: [paymentRow({ settlement: 'flagged' }), paymentRow({ name: 'ref:pi_2' })],
      refunds: [refundRow(), refundRow({ id: 901, paymentName: 'ref:pi_2' })],
    };
    await write(db.store, before);
    const product = productRow({
      name: 'Renamed',
      priceMinor: 1,
      stock: 9,
      held: 2,
      version: 2,
      opensAtMs: longAgoMs,
      closesAtMs: farAheadMs,
    });
    const holds = [
      holdRow({ id: 70, status: 'consumed', parked: 'paid', expiresAtMs: longAgoMs }),
      holdRow({ id: 71, status: 'released', releaseReason: 'order_ended', expiresAtMs: longAgoMs }),
    ];
    const order = orderRow({ status: 'paid' });
    const event = eventRow({ key: 'evt_2', holdId: 71, orderId: 501, result: 'processed' });
    const payment = paymentRow({
      orderId: 501,
      holdId: 71,
      productId: 2,
      amountMinor: 5,
      currency: 'JPY',
      settlement: 'refunded',
    });
    const refund = refundRow({ status: 'succeeded' });
    await write(
      db.store,
      {},
      {
        products: [product],
        holds,
        orders: [order],
        events: [event],
        payments: [payment],
        refunds: [refund],
      },
    );
    const state = await loaded(db.store, {
      productIds: [1, 2],
      holdIds: [70, 71, 72],
      eventKeys: ['evt_1', 'evt_2'],
      paymentNames: ['ref:pi_1', 'ref:pi_2'],
      refundIds: [900, 901],
      withPayments: true,
    });
    expect(new Set(state.products.values())).toEqual(new Set([product, before.products[1]]));
    expect(new Set(state.holds.values())).toEqual(new Set([...holds, before.holds[2]]));
    expect(new Set(state.orders.values())).toEqual(new Set([order, before.orders[1]]));
    expect(new Set(state.events.values())).toEqual(new Set([before.events[0], event]));
    expect(new Set(state.payments.values())).toEqual(new Set([payment, before.payments[1]]));
    expect(new Set(state.refunds.values())).toEqual(new Set([refund, before.refunds[1]]));
  });

  it('writes and loads more rows than one statement takes', async () => {
    const holds = Array.from({ length: 2_300 }, (_, index) => holdRow({ id: index + 1, quantity: 1 }));
    await write(db.store, { products: [productRow({ stock: 5_000, held: 2_300 })], holds });
    await write(
      db.store,
      {},
      { holds: holds.map((hold) => ({ ...hold, status: 'released', releaseReason: 'expired' })) },
    );
    const state = await loaded(db.store, { productIds: [1], holdIds: holds.map((hold) => hold.id) });
    expect(state.holds.size).toBe(2_300);
    expect([...state.holds.values()].every((hold) => hold.status === 'released')).toBe(true);
  });
});
