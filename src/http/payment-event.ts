import { currencyDecimals, isCurrency, toMinor } from '../domain/money.ts';
import { type IncomingPaymentEvent, isFact, type PaymentStatus } from '../domain/payment.ts';
import { type FieldError, invalidRequest, type Problem } from './problem.ts';
import type { PaymentEventBody } from './schemas/payments.ts';
import { instantOf } from './time-text.ts';

/** The words of providers for the status of a payment event. */
const statusByWord: Readonly<Record<PaymentEventBody['status'], PaymentStatus>> = {
  paid: 'paid',
  succeeded: 'paid',
  success: 'paid',
  failed: 'failed',
  failure: 'failed',
  refunded: 'refunded',
  refund_failed: 'refund_failed',
  disputed: 'disputed',
  dispute_won: 'dispute_won',
  dispute_lost: 'dispute_lost',
};

/** A payment event as the domain knows it, or what is wrong with it beyond its schema. */
export function readPaymentEvent(body: PaymentEventBody): IncomingPaymentEvent | Problem {
  const errors: FieldError[] = [];
  if (body.order_id === undefined && body.hold_id === undefined) {
    errors.push({ field: 'order_id', message: 'expected order_id, hold_id or both, got neither' });
  }
  const status = statusByWord[body.status];
  if (body.amount === 0 && status !== 'refunded') {
    errors.push({ field: 'amount', message: `expected an amount above 0 with ${body.status}, got 0` });
  }
  const money = readMoney('amount', body.amount, body.currency, errors);
  const about = isFact({ status }) ? factFieldsOf(body, status, errors) : {};
  if (errors.length > 0) {
    return invalidRequest(errors);
  }
  return {
    key: body.idempotency_key,
    orderId: body.order_id ?? null,
    holdId: body.hold_id ?? null,
    status,
    amountMinor: money?.minor ?? null,
    currency: money?.currency ?? null,
    reference: body.payment_reference ?? null,
    ...about,
  };
}

/** Adds to `errors` when the time cannot be. With an event that is not a fact these fields are the provider's own. */
function factFieldsOf(body: PaymentEventBody, status: PaymentStatus, errors: FieldError[]) {
  const occurredAtMs = body.occurred_at === undefined ? null : instantOf(body.occurred_at);
  if (body.occurred_at !== undefined && occurredAtMs === null) {
    errors.push({
      field: 'occurred_at',
      message: `expected an instant that exists, got ${body.occurred_at}`,
    });
  }
  return { factId: factIdOf(body, status), occurredAtMs };
}

/** The id that goes with a status. */
function factIdOf({ refund_id, dispute_id }: PaymentEventBody, status: PaymentStatus): string | null {
  switch (status) {
    case 'refund_failed':
      return refund_id ?? null;
    case 'disputed':
    case 'dispute_won':
    case 'dispute_lost':
      return dispute_id ?? null;
    default:
      return null;
  }
}

/**
 * An amount in minor units of its currency, or null when neither came. Adds to `errors` when one came without
 * the other, when there is no such currency, or when the amount has more decimals than the currency.
 *
 * @param field what the amount is called in the request
 */
export function readMoney(
  field: string,
  amount: number | undefined,
  currencyText: string | undefined,
  errors: FieldError[],
): { readonly minor: number; readonly currency: string } | null {
  if (amount === undefined || currencyText === undefined) {
    if (amount !== undefined) {
      errors.push({ field: 'currency', message: `expected the currency of ${field}, got nothing` });
    }
    if (currencyText !== undefined) {
      errors.push({ field, message: `expected an amount of ${currencyText}, got nothing` });
    }
    return null;
  }
  const currency = currencyText.toUpperCase();
  if (!isCurrency(currency)) {
    errors.push({
      field: 'currency',
      message: `expected a currency code of ISO 4217 such as USD, got ${JSON.stringify(currencyText)}`,
    });
    return null;
  }
  const minor = toMinor(amount, currency);
  if (minor === null) {
    const decimals = currencyDecimals(currency);
    errors.push({
      field,
      message: `expected an exact amount with at most ${decimals} decimals, as ${currency} has, got ${amount}`,
    });
    return null;
  }
  return { minor, currency };
}
