import { isCurrency } from '../../domain/money.ts';
import { fromStripeAmount } from './stripe-amounts.ts';
import { stripeMetadata } from './stripe-metadata.ts';

/** What an event is about: the fields depend on its type, and on the version of Stripe's API that the endpoint was made with. */
export type StripeObject = Readonly<Record<string, unknown>>;

/** A field that is not as Stripe has it: its path in the event, and what was expected. */
export type StripeFieldError = { readonly field: string; readonly message: string };

/** Our ids in the metadata of an object of Stripe. */
export type StripeIds = {
  readonly orderId: number | null;
  readonly holdId: number | null;
  readonly refundId: number | null;
};

export type StripeMoney = { readonly amountMinor: number; readonly currency: string };

/** Long enough to recognise a value by. */
const shownMax = 60;

export function isObject(value: unknown): value is StripeObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Our ids, each null where it is missing or not one of ours; null where the metadata has none of our names. */
export function idsIn({ metadata }: StripeObject): StripeIds | null {
  const names = Object.values(stripeMetadata);
  if (!isObject(metadata) || !names.some((name) => Object.hasOwn(metadata, name))) {
    return null;
  }
  return {
    orderId: idIn(metadata, stripeMetadata.orderId),
    holdId: idIn(metadata, stripeMetadata.holdId),
    refundId: idIn(metadata, stripeMetadata.refundId),
  };
}

/** Metadata is text, and a person can have written it by hand. */
function idIn(metadata: StripeObject, name: string): number | null {
  const text = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
  const id = typeof text === 'string' && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
  return Number.isSafeInteger(id) ? id : null;
}

/** A name as Stripe gives them to its objects: printable and short, so it can be stored. */
export function textIn(object: StripeObject, name: string): string | null {
  const text = object[name];
  return typeof text === 'string' && /^[!-~]{1,255}$/.test(text) ? text : null;
}

/** A name that has to be there. */
export function requiredText(
  object: StripeObject,
  name: string,
  expected: string,
): string | StripeFieldError {
  return textIn(object, name) ?? fieldError(name, expected, object[name]);
}

/** An amount of Stripe in minor units. @param least the smallest amount that makes sense, in Stripe's unit */
export function moneyIn(
  object: StripeObject,
  name: string,
  least: 0 | 1 = 1,
): StripeMoney | StripeFieldError {
  const currency = typeof object.currency === 'string' ? object.currency.toUpperCase() : '';
  if (!isCurrency(currency)) {
    return fieldError('currency', 'a currency code of ISO 4217 such as usd', object.currency);
  }
  const amount = object[name];
  const isWhole = typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= least;
  const amountMinor = isWhole ? fromStripeAmount(amount, currency) : null;
  return amountMinor === null
    ? fieldError(name, `an amount of ${currency} of at least ${least} in Stripe's smallest unit`, amount)
    : { amountMinor, currency };
}

export function fieldError(name: string, expected: string, got: unknown): StripeFieldError {
  return { field: `data.object.${name}`, message: `expected ${expected}, got ${shown(got)}` };
}

/** One line of printable ASCII. */
export function shown(value: unknown): string {
  if (value === undefined) {
    return 'nothing';
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'an array' : 'an object';
  }
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, shownMax) : value);
  return text.replaceAll(/[^ -~]/g, '?');
}
