import { describe, expect, it } from 'vitest';
import { saleTimeText, timeText } from './format.ts';
import type { Attention } from './sale-messages.ts';
import { agreeingAudit, aProduct, aSale, at, nothingToDo, sampleMs } from './sale-samples.ts';
import type { SaleState } from './sale-state.ts';
import { verdictOf } from './verdict.ts';

const selling = [aProduct()];
const allHeld = [aProduct({ held_stock: 50, available_stock: 0 })];
const soldOut = [aProduct({ stock: 0, available_stock: 0, sold: 50 })];
const words = (state: SaleState) => {
  const verdict = verdictOf(state, sampleMs);
  return [verdict.kind, verdict.words, verdict.beside];
};

describe('the verdict while nothing needs anybody', () => {
  it.each([
    ['units are free', selling, 'selling', 'Selling'],
    ['units may come back', allHeld, 'selling', 'All held: units may come back'],
    ['nothing is left', soldOut, 'quiet', 'Sold out'],
    ['some are sold out and some are not', [...soldOut, aProduct({ id: 2 })], 'selling', 'Selling'],
    ['it is over', [aProduct({ closes_at: at(0) })], 'quiet', 'Closed'],
    ['there is no product', [], 'quiet', 'Nothing is on sale yet'],
    [
      'it is still to come',
      [aProduct({ id: 1, opens_at: at(90) }), aProduct({ id: 2, opens_at: at(60) })],
      'quiet',
      `Opens at ${saleTimeText(at(60), sampleMs)}`,
    ],
  ])('%s', (_when, products, kind, expected) => {
    expect(words(aSale(products))).toEqual([kind, expected, '']);
  });
});

describe('the verdict names', () => {
  it.each<[Partial<Attention>, string]>([
    [{ refunds_due: { count: 1, oldest_at: at(-4) } }, '1 refund is due'],
    [{ refunds_due: { count: 3, oldest_at: at(-4) } }, '3 refunds are due'],
    [{ possible_second_payments: 2 }, '2 payments may be second ones'],
    [{ unmatched_events: 1 }, '1 payment matches no order'],
    [{ dead_letters: 2 }, '2 events were given up'],
    [{ refused_payments: { count: 2, oldest_at: at(-4), product_ids: [7] } }, '2 orders cannot be paid'],
    [{ switched_off_endpoints: 1 }, '1 endpoint is switched off'],
    [{ overdue_holds: { count: 4, oldest_at: at(-11) } }, '4 holds are not released'],
    [
      { dead_letters: 1, refunds_due: { count: 2, oldest_at: at(-1) } },
      '2 refunds are due, 1 event was given up',
    ],
  ])('what needs somebody, and how the sale goes: %j', (attention, expected) => {
    const state = aSale(selling, { attention: { ...nothingToDo, ...attention } });
    expect(words(state)).toEqual(['act', `Needs you: ${expected}`, 'Selling']);
  });

  it.each<[Partial<Attention>]>([
    [{ parked_events: 3 }],
    [{ failing_deliveries: 2 }],
    [{ overdue_holds: { count: 4, oldest_at: at(-2) } }],
  ])('nothing that ends by itself: %j', (attention) => {
    const state = aSale(selling, { attention: { ...nothingToDo, ...attention } });
    expect(words(state)).toEqual(['selling', 'Selling', '']);
  });
});

describe('what is worse comes first', () => {
  const attention = { ...nothingToDo, dead_letters: 1 };
  const audit = { ...agreeingAudit, ok: false, failed: ['products oversold', 'money in'] };

  it('an audit that differs before what needs somebody', () => {
    expect(words(aSale(selling, { attention, audit }))).toEqual([
      'wrong',
      'Audit differs: products oversold, money in',
      'Selling',
    ]);
  });

  it('no data before everything, because nothing else is known to be so now', () => {
    const stream = { kind: 'lost', sinceMs: sampleMs } as const;
    expect(words(aSale(selling, { attention, audit, stream }))).toEqual([
      'blind',
      `No data since ${timeText(sampleMs, sampleMs)}`,
      '',
    ]);
  });

  it('the wait for the first figures', () => {
    expect(words(aSale(selling, { attention: null }))).toEqual([
      'blind',
      'Waiting for the first figures',
      '',
    ]);
  });
});
