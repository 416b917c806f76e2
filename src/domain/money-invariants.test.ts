import { describe, expect, it } from 'vitest';
import { aPayment, applyEvent, aRefund, orderedRows } from '../../test/support/domain-state.ts';
import { reportFact } from '../../test/support/fact-events.ts';
import {
  but,
  type Decided,
  decided,
  disputed,
  fulfilled,
  lost,
  owed,
  reopened,
  returned,
  returnedEarly,
  returnedFlagged,
  returnedInPart,
  returnedMore,
  settled,
  withLoaded,
  without,
  withRefund,
  withRows,
} from '../../test/support/money-changes.ts';
import { Defect } from './defect.ts';
import { checkChanges } from './invariants.ts';

describe('money that is about to be written', () => {
  it.each([
    ['a part that was returned', returnedInPart],
    ['a larger part', returnedMore],
    ['all of it', returned],
    ['a lost dispute', lost],
    ['an open dispute', disputed],
    ['a payment that buys', fulfilled],
    ['a payment that is owed', owed],
    ['a payment that was returned before it came', returnedEarly],
    ['a flagged payment that was returned', returnedFlagged],
    ['a refund that was settled', settled],
    ['one that failed afterwards', reopened],
    [
      'an owed refund that the provider reports in the same batch',
      () =>
        decided(orderedRows('pending'), [
          applyEvent({ amountMinor: 1, reference: 'pi_first' }),
          reportFact('refunded', { amountMinor: 1, currency: 'USD' }),
        ]),
    ],
  ])('is accepted for %s', (_case, given) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).not.toThrow();
  });

  it.each<[string, () => Decided, string]>([
    [
      'a payment has another refund',
      () => withRefund(returnedMore(), aRefund({ id: 2, reason: 'returned_in_part', amountMinor: 1000 })),
      'refund 2: payment ref:pi_first has another one',
    ],
    [
      'a fulfilled payment becomes owed',
      () => but(returned(), 'payments', { decision: 'owed' }),
      'payment ref:pi_first was fulfilled and is owed',
    ],
    [
      'an owed payment buys after all',
      () => withRows(settled(), 'payments', [aPayment()]),
      'payment ref:pi_first was owed and is fulfilled',
    ],
    [
      'a payment moves to another order',
      () => but(returned(), 'payments', { orderId: 501 }),
      'payment ref:pi_first: order, hold and money of a decided payment never change',
    ],
    [
      'a payment moves to another hold',
      () => but(returned(), 'payments', { holdId: 71 }),
      'payment ref:pi_first: order, hold and money of a decided payment never change',
    ],
    [
      'a payment gets smaller',
      () => but(returned(), 'payments', { amountMinor: 1 }),
      'payment ref:pi_first: order, hold and money of a decided payment never change',
    ],
    [
      'a payment changes its currency',
      () => but(returned(), 'payments', { currency: 'EUR' }),
      'payment ref:pi_first: order, hold and money of a decided payment never change',
    ],
    [
      'an owed payment has no refund',
      () => without(owed(), 'refunds'),
      'payment ref:pi_1 is owed, its refund owes undefined of 239998',
    ],
    [
      'a part of an owed payment is owed',
      () => but(owed(), 'refunds', { owedMinor: 1000 }),
      'payment ref:pi_1 is owed, its refund owes 1000 of 239998',
    ],
    [
      'a part is of a payment that is not there',
      () => but(returnedInPart(), 'refunds', { paymentName: 'ref:pi_9' }),
      'refund 1 is of no payment',
    ],
    [
      'a part is of another currency',
      () => but(returnedInPart(), 'refunds', { currency: 'EUR' }),
      'refund 1 is in EUR, not USD',
    ],
    [
      'a refund changes its currency',
      () => but(reopened(), 'refunds', { currency: 'EUR' }),
      'refund 1 is in EUR, not USD',
    ],
    [
      'a part becomes money that we owe',
      () => but(returnedMore(), 'refunds', { reason: 'requested' }),
      'refund 1 for requested owes 0 of 239998',
    ],
    [
      'owed money becomes a return',
      () => but(settled(), 'refunds', { reason: 'returned' }),
      'refund 1 for returned owes 239998 of 239998',
    ],
    [
      'less than nothing is owed',
      () => but(returnedInPart(), 'refunds', { owedMinor: -1, reason: 'requested' }),
      'refund 1 for requested owes -1 of 239998',
    ],
    [
      'more is owed than was paid',
      () => but(returnedInPart(), 'refunds', { owedMinor: 239_999, reason: 'requested' }),
      'refund 1 for requested owes 239999 of 239998',
    ],
    [
      'a payment that bought its order is owed for another reason than a request',
      () => but(returnedInPart(), 'refunds', { owedMinor: 1000, reason: 'second_payment' }),
      'refund 1 is for second_payment, its payment is fulfilled',
    ],
    [
      'a flagged payment is owed',
      () => but(returnedFlagged(), 'refunds', { owedMinor: 1000, reason: 'requested' }),
      'refund 1 is for requested, its payment is flagged',
    ],
    [
      'a part is more than the whole',
      () => but(returnedMore(), 'refunds', { amountMinor: 239_999 }),
      'refund 1 is of 239999 of 239998',
    ],
    [
      'a refund is of less than is owed',
      () => but(settled(), 'refunds', { amountMinor: 1 }),
      'refund 1 is of 1 of 239998',
    ],
    [
      'less than nothing was returned',
      () => but(returnedInPart(), 'refunds', { returnedMinor: -1 }),
      'refund 1: -1 returned and 0 sent of 239998',
    ],
    [
      'less than nothing was sent',
      () => but(returnedInPart(), 'refunds', { sentMinor: -1 }),
      'refund 1: 1000 returned and -1 sent of 239998',
    ],
    [
      'more went back than was paid',
      () => but(settled(), 'refunds', { returnedMinor: 1 }),
      'refund 1: 1 returned and 239998 sent of 239998',
    ],
    [
      'a part is still due',
      () => but(returnedInPart(), 'refunds', { status: 'due' }),
      'refund 1 is due: 1000 returned and 0 sent of 0 owed',
    ],
    [
      'a refund stays due whose money has gone',
      () => but(settled(), 'refunds', { status: 'due' }),
      'refund 1 is due: 0 returned and 239998 sent of 239998 owed',
    ],
    [
      'a refund succeeds before its money has gone',
      () => but(owed(), 'refunds', { status: 'succeeded' }),
      'refund 1 is succeeded: 0 returned and 0 sent of 239998 owed',
    ],
    [
      'a refund changes its payment',
      () =>
        withLoaded(
          but(settled(), 'refunds', { paymentName: 'ref:pi_9' }),
          aPayment({ name: 'ref:pi_9', decision: 'owed', settlement: 'refunded' }),
        ),
      'refund 1: payment, sent money, the sum owed and its reason never get lost',
    ],
    [
      'the sum owed shrinks',
      () => {
        const { state, changes } = returnedInPart();
        const before = aRefund({ reason: 'requested', amountMinor: 1000 });
        const after = { ...before, owedMinor: 999, returnedMinor: 1000, status: 'succeeded' } as const;
        return withRows({ state: { ...state, refunds: new Map([[1, before]]) }, changes }, 'refunds', [
          after,
        ]);
      },
      'refund 1: payment, sent money, the sum owed and its reason never get lost',
    ],
    [
      'a refund changes its reason',
      () => but(settled(), 'refunds', { reason: 'hold_ended' }),
      'refund 1: payment, sent money, the sum owed and its reason never get lost',
    ],
    [
      'money that was sent gets lost',
      () => but(reopened(), 'refunds', { sends: [] }),
      'refund 1: payment, sent money, the sum owed and its reason never get lost',
    ],
  ])('is refused, and the log says why, when %s', (_case, given, message) => {
    const { state, changes } = given();
    expect(() => checkChanges(state, changes)).toThrow(new Defect(message));
  });
});
