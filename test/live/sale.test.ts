import { describe, expect, it } from 'vitest';
import { checkoutForTest } from '../support/checkout.ts';
import { databases } from '../support/databases.ts';
import { consolePath, type EventStream, openStream, watchSale } from '../support/event-stream.ts';
import { describeEach } from '../support/needing.ts';

/** What all seconds of a stream add up to. */
function totals(stream: EventStream) {
  const seconds = stream.events.flatMap(({ event, data }) => (event === 'seconds' ? data.seconds : []));
  const sum = (of: (second: (typeof seconds)[number]) => number) =>
    seconds.reduce((total, second) => total + of(second), 0);
  return {
    holds: sum(({ holds }) => holds),
    orders: sum(({ orders }) => orders),
    payments: sum(({ payments }) => payments),
    refusals: sum(({ refusals }) => refusals),
  };
}

/** The instants of all seconds of a stream, in s since 1970. */
function secondsOf(stream: EventStream): number[] {
  return stream.events.flatMap(({ event, data }) =>
    event === 'seconds' ? data.seconds.map(({ at }) => Date.parse(at) / 1000) : [],
  );
}

describeEach(databases)('the live sale on $name', (database) => {
  it('shows what becomes of units, what happens each second, and what to look after', async () => {
    const checkout = await checkoutForTest({ database });
    const productId = await checkout.createProduct({ stock: 10 });
    const operator = await watchSale(checkout);
    expect((await operator.until('attention')).data).toEqual({
      refunds_due: { count: 0, oldest_at: null },
      parked_events: 0,
      unmatched_events: 0,
      possible_second_payments: 0,
      open_disputes: { count: 0, oldest_at: null },
      refused_payments: { count: 0, oldest_at: null, product_ids: [] },
      dead_letters: 0,
      failing_deliveries: 0,
      switched_off_endpoints: 0,
      overdue_holds: { count: 0, oldest_at: null },
    });
    const { order_id } = await checkout.ordered(productId, 3);
    await checkout.ordered(productId, 2);
    await checkout.hold(productId, 1);
    await checkout.hold(productId, 9);
    await checkout.pay({ idempotency_key: 'paid', order_id });
    await checkout.pay({
      idempotency_key: 'wrong',
      order_id,
      amount: 1,
      currency: 'USD',
      payment_reference: 'pi_2',
    });
    const sold = await operator.until('products', ({ products }) => products[0]?.sold === 3);
    expect(sold.data.products[0]).toEqual({
      ...(await checkout.product(productId)).body,
      held_stock: 3,
      version: (await checkout.admin('GET', `/products/${productId}`)).body.version,
      ordered_stock: 2,
      sold: 3,
    });
    await operator.until('seconds', () => totals(operator).payments === 1);
    expect(totals(operator)).toEqual({ holds: 3, orders: 2, payments: 1, refusals: 1 });
    await operator.until('attention', ({ refunds_due }) => refunds_due.count === 1);
    const busy = await operator.until('seconds', ({ seconds }) => seconds.some(({ holds }) => holds > 0));
    const second = busy.data.seconds.find(({ holds }) => holds > 0);
    expect(second?.p50_ms).toBeGreaterThan(0);
    expect(second?.p99_ms).toBeGreaterThanOrEqual(second?.p50_ms ?? 0);
    expect(busy.data.processes).toBe(1);
  });

  it('tells what an audit found, at once and to whoever comes later', async () => {
    const checkout = await checkoutForTest({ database });
    const operator = await watchSale(checkout);
    const { data } = await operator.until('audit');
    expect([data.ok, data.failed]).toEqual([true, []]);
    const later = await watchSale(checkout);
    expect((await later.until('audit')).text).toBe((await operator.until('audit')).text);
  });
});

describe('the live sale', () => {
  it('goes on behind the last second that was seen, without a gap and without one twice', async () => {
    const checkout = await checkoutForTest();
    const whole = await watchSale(checkout);
    const before = await watchSale(checkout);
    const { id } = await before.until('seconds', () => secondsOf(before).length >= 2);
    before.leave();
    await whole.until('seconds', () => (secondsOf(whole).at(-1) ?? 0) >= Number(id) + 2);
    const after = await watchSale(checkout, id ?? '');
    await after.until('seconds', () => secondsOf(after).length >= 4);
    const seen = secondsOf(before).filter((second) => second <= Number(id));
    const resumed = [...seen, ...secondsOf(after)];
    expect(resumed).toEqual(resumed.map((_, index) => (resumed[0] ?? 0) + index));
    expect(whole.events.find(({ event }) => event === 'seconds')?.id).toMatch(/^\d+$/);
  });

  it('was counted before anybody watched', async () => {
    const checkout = await checkoutForTest();
    await checkout.hold(await checkout.createProduct());
    const first = await watchSale(checkout);
    await first.until('seconds', () => totals(first).holds === 1);
    const later = await watchSale(checkout);
    await later.until('products');
    expect(totals(later).holds).toBe(1);
  });

  it('takes an id that is none of its own for nothing', async () => {
    const checkout = await checkoutForTest();
    const first = await watchSale(checkout);
    await first.until('seconds');
    const odd = await watchSale(checkout, 'evt-7');
    await odd.until('seconds');
    expect(secondsOf(odd)[0]).toBe(secondsOf(first)[0]);
  });

  it('is for operators', async () => {
    const checkout = await checkoutForTest();
    expect((await openStream(checkout, consolePath)).status).toBe(401);
    expect((await openStream(checkout, consolePath, { authorization: 'Bearer guess' })).status).toBe(401);
  });
});
