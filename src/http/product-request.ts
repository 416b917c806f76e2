import { shown } from './field-errors.ts';
import { readMoney } from './payment-event.ts';
import { type FieldError, invalidRequest, type Problem } from './problem.ts';
import { instantOf } from './time-text.ts';

type SaleWindowBody = {
  readonly opens_at?: string | null;
  readonly closes_at?: string | null;
};
type InstantMs = number | null | undefined;

/**
 * The price in minor units and the sale window of a new product, or what is wrong with them beyond their
 * schema.
 */
export function readNewProduct(body: SaleWindowBody & { readonly price: number; readonly currency: string }):
  | {
      readonly priceMinor: number;
      readonly currency: string;
      readonly opensAtMs: number | null;
      readonly closesAtMs: number | null;
    }
  | Problem {
  const errors: FieldError[] = [];
  const money = readMoney('price', body.price, body.currency, errors);
  const window = readSaleWindow(body, errors);
  if (money === null || errors.length > 0) {
    return invalidRequest(errors);
  }
  return {
    priceMinor: money.minor,
    currency: money.currency,
    opensAtMs: window.opensAtMs ?? null,
    closesAtMs: window.closesAtMs ?? null,
  };
}

/**
 * The instants of a sale window, undefined where nothing was said. Adds what is wrong with them to `errors`.
 */
export function readSaleWindow(
  body: SaleWindowBody,
  errors: FieldError[],
): { readonly opensAtMs: InstantMs; readonly closesAtMs: InstantMs } {
  const opensAtMs = readInstant('opens_at', body.opens_at, errors);
  const closesAtMs = readInstant('closes_at', body.closes_at, errors);
  if (typeof opensAtMs === 'number' && typeof closesAtMs === 'number' && closesAtMs <= opensAtMs) {
    errors.push({
      field: 'closes_at',
      message: `expected an instant after opens_at, got ${shown(body.closes_at)}`,
    });
  }
  return { opensAtMs, closesAtMs };
}

function readInstant(field: string, text: string | null | undefined, errors: FieldError[]): InstantMs {
  if (text === null || text === undefined) {
    return text;
  }
  const instantMs = instantOf(text);
  if (instantMs === null) {
    errors.push({ field, message: `expected an instant that exists, got ${shown(text)}` });
    return undefined;
  }
  return instantMs;
}
