import { currencyDecimals, isCurrency, toMinor } from '../domain/money.ts';
import type { IncomingPaymentEvent, PaymentStatus } from '../domain/payment.ts';
import { type FieldError, invalidRequest, type Problem } from './problem.ts';
import type { PaymentEventBody } from './schemas/payments.ts';

/** The words of providers for the two things that can be said of a payment. */
const statusByWord: Readonly<Record<PaymentEventBody['status'], PaymentStatus>> = {
  paid: 'paid',
  succeeded: 'paid',
  success: 'paid',
  failed: 'failed',
  failure: 'failed',
};

/** A payment event as the domain knows it, or what is wrong with it beyond its schema. */
export function readPaymentEvent(body: PaymentEventBody): IncomingPaymentEvent | Problem {
  const errors: FieldError[] = [];
  if (body.order_id === undefined && body.hold_id === undefined) {
    errors.push({ field: 'order_id', message: 'expected order_id, hold_id or both, got neither' });
  }
  const money = readMoney('amount', body.amount, body.currency, errors);
  if (errors.length > 0) {
    return invalidRequest(errors);
  }
  return {
    key: body.idempotency_key,
    orderId: body.order_id ?? null,
    holdId: body.hold_id ?? null,
    status: statusByWord[body.status],
    amountMinor: money?.minor ?? null,
    currency: money?.currency ?? null,
    reference: body.payment_reference ?? null,
  };
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
