import { describe, expect, it } from 'vitest';
import { aParkedEvent, aPayment } from '../../test/support/domain-state.ts';
import type { FactStatus, PaymentEvent } from './payment.ts';
import { foldFacts, isFactOf, saysTheSame } from './payment-facts.ts';
import type { RefundSend } from './refund.ts';

const payment = aPayment({ amountMinor: 10_000 });

let keys = 0;

/** A report about a payment of 100.00 USD, at `second` by the provider's clock. */
function report(
  status: FactStatus,
  second: number,
  amountMinor: number | null,
  over: Partial<PaymentEvent> = {},
): PaymentEvent {
  keys += 1;
  return aParkedEvent({
    ...{ key: `evt_${keys}`, status, amountMinor, currency: amountMinor === null ? null : 'USD' },
    ...{ occurredAtMs: second * 1000, factId: null, result: 'processed' },
    ...over,
  });
}

const sum = (second: number, amountMinor: number | null, over: Partial<PaymentEvent> = {}) =>
  report('refunded', second, amountMinor, over);
const failed = (
  id: string | null,
  second: number,
  amountMinor: number | null,
  over: Partial<PaymentEvent> = {},
) => report('refund_failed', second, amountMinor, { factId: id, ...over });
const dispute = (
  status: 'disputed' | 'dispute_won' | 'dispute_lost',
  second: number,
  amountMinor: number | null = null,
  factId: string | null = 'dp_1',
) => report(status, second, amountMinor, { factId });
const send = (reference: string | null, second: number, amountMinor: number): RefundSend => ({
  ...{ reference, amountMinor, atMs: second * 1000 },
});

/** All orders of a list. Lists of the tests have at most four entries. */
function ordersOf<Row>(rows: readonly Row[]): Row[][] {
  return rows.length < 2
    ? [[...rows]]
    : rows.flatMap((row, index) => ordersOf(rows.toSpliced(index, 1)).map((rest) => [row, ...rest]));
}

function expectInEachOrder(
  facts: readonly PaymentEvent[],
  expected: object,
  records: { sends?: readonly RefundSend[]; lookedUp?: { minor: number; atMs: number } } = {},
): void {
  for (const order of ordersOf(facts)) {
    const folded = foldFacts(payment, order, {
      sends: records.sends ?? [],
      lookedUp: records.lookedUp ?? null,
    });
    expect(folded).toMatchObject(expected);
  }
}

describe('what was returned of a payment', () => {
  it.each<[string, PaymentEvent[], number]>([
    ['nothing is known', [], 0],
    ['a sum is known', [sum(1, 4000)], 4000],
    ['a sum without an amount is all', [sum(1, null)], 10_000],
    ['a sum is more than was paid', [sum(1, 10_001)], 10_000],
    ['the latest sum counts', [sum(1, 1000), sum(3, 3000), sum(2, 2000)], 3000],
    ['the latest sum counts, also when it is smaller', [sum(1, null), sum(2, 500)], 500],
    ['at equal times the larger sum counts', [sum(1, 1000), sum(1, 3000), sum(1, 2000)], 3000],
    ['a sum in another currency is ignored', [sum(1, 1000), sum(2, 3000, { currency: 'EUR' })], 1000],
    ['a refund failed after the sum', [sum(1, 4000), failed('re_1', 2, 1000)], 3000],
    ['a refund failed in the second of the sum', [sum(1, 4000), failed('re_1', 1, 1000)], 3000],
    ['a refund failed before the sum', [sum(2, 4000), failed('re_1', 1, 1000)], 4000],
    ['a failed refund without an amount was all', [sum(1, null), failed('re_1', 2, null)], 0],
    ['a failed refund counts once', [sum(1, 4000), failed('re_1', 2, 1000), failed('re_1', 3, 1000)], 3000],
    ['two refunds failed', [sum(1, 4000), failed('re_1', 2, 1000), failed('re_2', 2, 2000)], 1000],
    [
      'a refund without an id is one for each event',
      [sum(1, 4000), failed(null, 2, 1000), failed(null, 2, 1000)],
      2000,
    ],
    ['more failed than was returned', [sum(1, 1000), failed('re_1', 2, 4000)], 0],
    [
      'a failure in another currency is ignored',
      [sum(1, 4000), failed('re_1', 2, 1000, { currency: 'EUR' })],
      4000,
    ],
    ['only a failure is known', [failed('re_1', 1, 1000)], 0],
    ['a report of money that came in is ignored', [sum(1, 4000), aParkedEvent()], 4000],
    [
      'without a time of the provider the arrival counts',
      [sum(0, 1000, { occurredAtMs: null, receivedAtMs: 2000 }), sum(1, 3000)],
      1000,
    ],
  ])('%s', (_case, facts, returnedMinor) => {
    expectInEachOrder(facts, { returnedMinor, sentMinor: 0, goneMinor: returnedMinor, lostMinor: 0 });
  });

  it.each<[string, PaymentEvent[], RefundSend[], number, number]>([
    ['no sum is known', [], [send('re_1', 1, 4000)], 4000, 4000],
    ['the sum is from before the send', [sum(1, 1000)], [send('re_1', 2, 4000)], 5000, 4000],
    ['the sum is from after the send and has it', [sum(3, 5000)], [send('re_1', 2, 4000)], 5000, 4000],
    [
      'the smaller sum of the same second does not have it',
      [sum(2, 1000)],
      [send('re_1', 2, 4000)],
      5000,
      4000,
    ],
    [
      'the sum of the same second has it if it is large enough for all sends',
      [sum(2, 5000)],
      [send('re_1', 1, 4000), send('re_2', 2, 2000)],
      7000,
      6000,
    ],
    ['a smaller sum is from after the send', [sum(3, 1000)], [send('re_1', 2, 4000)], 4000, 4000],
    ['the sum of the same second has it', [sum(2, 5000)], [send('re_1', 2, 4000)], 5000, 4000],
    [
      'two sends, the sum is between them',
      [sum(2, 1000)],
      [send('re_1', 1, 1000), send('re_2', 3, 500)],
      1500,
      1500,
    ],
    ['an operator sent it: no sum has it', [sum(3, 1000)], [send(null, 2, 4000)], 5000, 4000],
    ['an operator sent two times', [], [send(null, 1, 1000), send(null, 2, 2000)], 3000, 3000],
    ['the send failed', [failed('re_1', 2, 4000)], [send('re_1', 1, 4000)], 0, 0],
    [
      'the send failed, the sum is from before it',
      [sum(1, 1000), failed('re_1', 3, 4000)],
      [send('re_1', 2, 4000)],
      1000,
      0,
    ],
    [
      'the send failed, the sum is between',
      [sum(2, 5000), failed('re_1', 3, 4000)],
      [send('re_1', 1, 4000)],
      1000,
      0,
    ],
    [
      'the send failed, the sum is from after that',
      [sum(3, 1000), failed('re_1', 2, 4000)],
      [send('re_1', 1, 4000)],
      1000,
      0,
    ],
    [
      'another refund failed than the one that was sent',
      [sum(1, 2000), failed('re_9', 3, 2000)],
      [send('re_1', 2, 4000)],
      4000,
      4000,
    ],
    ['more was sent than was paid', [sum(1, 8000)], [send('re_1', 2, 4000)], 10_000, 4000],
  ])('%s, and this service sent some of it', (_case, facts, sends, returnedMinor, sentMinor) => {
    expectInEachOrder(facts, { returnedMinor, sentMinor, goneMinor: returnedMinor }, { sends });
  });

  it('has the sum that was looked up, by its time', () => {
    const lookedUp = { minor: 3000, atMs: 2000 };
    expectInEachOrder([sum(1, 1000)], { returnedMinor: 3000 }, { lookedUp });
    expectInEachOrder([sum(3, 1000)], { returnedMinor: 1000 }, { lookedUp });
    expectInEachOrder([failed('re_1', 3, 500)], { returnedMinor: 2500 }, { lookedUp });
    expectInEachOrder([failed('re_1', 1, 500)], { returnedMinor: 3000 }, { lookedUp });
  });

  it('is the same for a payment without a refund', () => {
    expect(foldFacts(payment, [sum(1, 4000)], undefined)).toEqual({
      ...{ returnedMinor: 4000, sentMinor: 0, lostMinor: 0, goneMinor: 4000, disputes: [] },
    });
  });
});

describe('the disputes of a payment', () => {
  const open = { id: 'dp_1', amountMinor: 10_000, status: 'open' };
  const won = { ...open, status: 'won' };
  const lost = { ...open, status: 'lost' };

  it.each<[string, PaymentEvent[], object[], number]>([
    ['one was opened', [dispute('disputed', 1)], [open], 0],
    ['a part is disputed', [dispute('disputed', 1, 4000)], [{ ...open, amountMinor: 4000 }], 0],
    ['a won one is back', [dispute('disputed', 1), dispute('dispute_won', 2)], [won], 0],
    ['a lost one is gone', [dispute('disputed', 1), dispute('dispute_lost', 2)], [lost], 10_000],
    [
      'the end beats an opening of a later time',
      [dispute('dispute_lost', 1), dispute('disputed', 2)],
      [lost],
      10_000,
    ],
    ['won after it was lost', [dispute('dispute_lost', 1), dispute('dispute_won', 2)], [won], 0],
    ['lost after it was won', [dispute('dispute_won', 1), dispute('dispute_lost', 2)], [lost], 10_000],
    [
      'won and lost at one time is lost',
      [dispute('dispute_won', 1), dispute('dispute_lost', 1)],
      [lost],
      10_000,
    ],
    [
      'the amount of the latest report counts',
      [dispute('disputed', 1, 4000), dispute('disputed', 2, 3000)],
      [{ ...open, amountMinor: 3000 }],
      0,
    ],
    [
      'at one time the larger amount counts',
      [dispute('dispute_lost', 1, 3000), dispute('dispute_lost', 1, 4000)],
      [{ ...lost, amountMinor: 4000 }],
      4000,
    ],
    [
      'two are two',
      [
        dispute('dispute_lost', 1, 3000, 'dp_2'),
        dispute('dispute_won', 1, 4000),
        dispute('disputed', 1, 1, 'dp_3'),
      ],
      [
        { ...won, amountMinor: 4000 },
        { ...lost, id: 'dp_2', amountMinor: 3000 },
        { ...open, id: 'dp_3', amountMinor: 1 },
      ],
      3000,
    ],
    [
      'two lost ones take no more than was paid',
      [dispute('dispute_lost', 1, 8000), dispute('dispute_lost', 1, 3000, 'dp_2')],
      [
        { ...lost, amountMinor: 8000 },
        { ...lost, id: 'dp_2', amountMinor: 3000 },
      ],
      10_000,
    ],
    [
      'without an id the payment has one',
      [dispute('disputed', 1, null, null), dispute('dispute_lost', 2, 4000, null)],
      [{ id: 'ref:pi_first', amountMinor: 4000, status: 'lost' }],
      4000,
    ],
  ])('%s', (_case, facts, disputes, lostMinor) => {
    expectInEachOrder(facts, { disputes, lostMinor, goneMinor: lostMinor, returnedMinor: 0 });
  });

  it('add to what was returned, and together take no more than was paid', () => {
    expectInEachOrder([sum(1, 4000), dispute('dispute_lost', 1, 5000)], {
      ...{ returnedMinor: 4000, lostMinor: 5000, goneMinor: 9000 },
    });
    expectInEachOrder([sum(1, 4000), dispute('dispute_lost', 1)], {
      ...{ returnedMinor: 4000, lostMinor: 10_000, goneMinor: 10_000 },
    });
  });
});

describe('two folds', () => {
  const fold = (...facts: PaymentEvent[]) => foldFacts(payment, facts, undefined);

  it('say the same when sums and disputes are the same', () => {
    const facts = [sum(1, 4000), dispute('disputed', 1)];
    expect(saysTheSame(fold(...facts), fold(...facts, sum(0, 1)))).toBe(true);
    expect(saysTheSame(fold(), fold(sum(1, 0)))).toBe(true);
  });

  it.each([
    ['returned sum', sum(2, 4001)],
    ['lost sum', dispute('dispute_lost', 2)],
    ['status of a dispute', dispute('dispute_won', 2)],
    ['amount of a dispute', dispute('disputed', 2, 1)],
    ['number of disputes', dispute('disputed', 2, 1, 'dp_2')],
  ])('differ by the %s', (_case, more) => {
    const facts = [sum(1, 4000), dispute('disputed', 1)];
    expect(saysTheSame(fold(...facts), fold(...facts, more))).toBe(false);
  });

  it('differ by the id of a dispute', () => {
    const other = dispute('disputed', 1, null, 'dp_2');
    expect(saysTheSame(fold(dispute('disputed', 1)), fold(other))).toBe(false);
  });
});

it('is about money in the currency of the payment, or without an amount', () => {
  expect(isFactOf(sum(1, 4000), 'USD')).toBe(true);
  expect(isFactOf(sum(1, null), 'USD')).toBe(true);
  expect(isFactOf(sum(1, 4000), 'EUR')).toBe(false);
  expect(isFactOf(aParkedEvent(), 'USD')).toBe(false);
});
