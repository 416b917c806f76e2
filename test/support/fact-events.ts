import type { ApplyPaymentEvent } from '../../src/domain/commands.ts';
import type { FactStatus, IncomingPaymentEvent } from '../../src/domain/payment.ts';
import { applyEvent, noonMs } from './domain-state.ts';

let keys = 0;

/**
 * Reports a fact about the payment that settled order 500, in all of its amount and at noon by the provider's clock. Each report has a
 * key of its own.
 */
export function reportFact(status: FactStatus, over: Partial<IncomingPaymentEvent> = {}): ApplyPaymentEvent {
  keys += 1;
  return applyEvent({
    ...{ key: `evt_fact_${keys}`, reference: 'pi_first', amountMinor: null, currency: null },
    ...{ occurredAtMs: noonMs, status },
    ...over,
  });
}
