import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AnswerFate, RefundLedger } from '../support/refund-ledger.ts';
import { audit } from '../support/world-auditor.ts';
import { runProperty } from './run-property.ts';

const daySeconds = 86_400;

type Step =
  | { readonly do: 'return by hand'; readonly amountMinor: number }
  | { readonly do: 'fail' | 'deliver'; readonly nth: number }
  | { readonly do: 'send'; readonly fate: AnswerFate }
  | { readonly do: 'deliver all' }
  | { readonly do: 'settle by operator' }
  | { readonly do: 'wait'; readonly seconds: number };

const stepsAtProvider: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('return by hand'),
      amountMinor: fc.constantFrom(1, 40_000, 40_000, 100_000, 239_998),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fail'), nth: fc.nat(9) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('deliver'), nth: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deliver all') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('send'),
      fate: fc.constantFrom<AnswerFate>('arrives', 'comes late', 'is lost'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(1, 30, 61, daySeconds) }),
  },
];
const settleByOperator: fc.WeightedArbitrary<Step> = {
  weight: 2,
  arbitrary: fc.record({ do: fc.constant('settle by operator') }),
};

function take(ledger: RefundLedger, step: Step): void {
  switch (step.do) {
    case 'return by hand':
      ledger.returnByHand(step.amountMinor);
      break;
    case 'fail':
      ledger.failRefund(step.nth);
      break;
    case 'deliver':
      ledger.deliverReport(step.nth);
      break;
    case 'deliver all':
      ledger.deliverAll();
      break;
    case 'send':
      ledger.send(step.fate);
      break;
    case 'settle by operator': {
      ledger.deliverAll();
      const { status, leasedUntilMs } = ledger.refund;
      const mayBeSending = status === 'due' && leasedUntilMs !== null && leasedUntilMs > ledger.nowMs;
      const outcome = ledger.settleByOperator();
      expect(outcome).toBe(mayBeSending ? 'refused' : 'refund_settled');
      break;
    }
    case 'wait':
      ledger.nowMs += step.seconds * 1000;
      break;
  }
}

/** @param pauseMs between two steps */
function expectExactSums(steps: readonly Step[], pauseMs: number): void {
  const ledger = new RefundLedger();
  for (const step of steps) {
    ledger.nowMs += pauseMs;
    take(ledger, step);
    expect(ledger.backMinor).toBeLessThanOrEqual(ledger.totalMinor);
    expect(audit(ledger.world, ledger.nowMs)).toEqual([]);
  }
  ledger.deliverAll();
  for (let rounds = 0; rounds < 5 && ledger.refund.status === 'due'; rounds += 1) {
    ledger.nowMs += daySeconds * 1000;
    ledger.send('arrives');
    ledger.deliverAll();
  }
  expect(audit(ledger.world, ledger.nowMs)).toEqual([]);
  expect(ledger.refund.status).toBe('succeeded');
  expect(ledger.backMinor).toBe(ledger.totalMinor);
}

const stepsOf = (...kinds: fc.WeightedArbitrary<Step>[]) =>
  fc.array(fc.oneof(...kinds), { minLength: 1, maxLength: 20, size: 'max' });

it('sends back what is owed and never more, with parts returned by hand, failures and late reports', () => {
  // Several facts of one second leave the order of them open: the worker's requests show the sum in the end.
  runProperty(fc.property(stepsOf(...stepsAtProvider), (steps) => expectExactSums(steps, 300)));
});

it('sends back what is owed and never more, with operators who send what is left past the provider', () => {
  // An operator has only the reports to go by, so these have to be of different seconds.
  runProperty(
    fc.property(stepsOf(...stepsAtProvider, settleByOperator), (steps) => expectExactSums(steps, 1000)),
  );
});
