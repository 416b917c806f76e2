import { minorPerMajor } from '../../domain/money.ts';

/**
 * Stripe counts in a currency's minor units as ISO 4217 does, but for these: how many of its units make a major one. The krona and the
 * shilling lost their decimals, and Stripe still wants two zeros behind each amount; of the ariary it knows whole units only. (The
 * forint and the Taiwan dollar are special in payouts only, which are not made here.)
 */
const unitsPerMajorAtStripe: ReadonlyMap<string, number> = new Map([
  ['ISK', 100],
  ['UGX', 100],
  ['MGA', 1],
]);

/** In these Stripe takes an amount only with a zero for its last digit. */
const endInZero: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** Minor units as the amount of a request to Stripe, or null when Stripe has no such amount. */
export function toStripeAmount(minor: number, currency: string): number | null {
  const amount = rescaled(minor, minorPerMajor(currency), unitsAtStripe(currency));
  return amount !== null && endInZero.has(currency) && amount % 10 !== 0 ? null : amount;
}

/** An amount of Stripe's in minor units, or null when the currency has no such amount. */
export function fromStripeAmount(amount: number, currency: string): number | null {
  return rescaled(amount, unitsAtStripe(currency), minorPerMajor(currency));
}

function unitsAtStripe(currency: string): number {
  return unitsPerMajorAtStripe.get(currency) ?? minorPerMajor(currency);
}

/** Both factors are powers of ten, so the smaller divides the larger and nothing is rounded. */
function rescaled(amount: number, from: number, to: number): number | null {
  const scaled = to >= from ? amount * (to / from) : amount / (from / to);
  return Number.isSafeInteger(scaled) ? scaled : null;
}
