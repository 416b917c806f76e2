import { minorPerMajor, toDecimal } from '../../domain/money.ts';

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

/**
 * The smallest payments in minor units, as https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts names them. They apply
 * to an account that is paid out in the same currency. For any other account Stripe converts the amount first, at rates that only Stripe
 * knows, so it may refuse more than this.
 *
 * There is no list of maxima: cards take up to 12 digits, which is more than a price can have. The total of an order may be too large,
 * and other ways to pay take less; Stripe then refuses the payment of the order.
 *
 * There is no list of currencies either: those that Stripe takes depend on the country of the account.
 */
const smallestPayments: ReadonlyMap<string, number> = new Map([
  ...[
    'ARS',
    'AUD',
    'BRL',
    'CAD',
    'CHF',
    'COP',
    'EUR',
    'IDR',
    'ILS',
    'INR',
    'JPY',
    'KRW',
    'NZD',
    'PHP',
    'RUB',
    'SGD',
    'USD',
    'ZAR',
  ].map((currency) => [currency, 50] as const),
  ['AED', 200],
  ['CZK', 1500],
  ['DKK', 250],
  ['GBP', 30],
  ['HKD', 400],
  ['HUF', 17_500],
  ['MXN', 1000],
  ['MYR', 200],
  ['NOK', 300],
  ['PLN', 200],
  ['RON', 200],
  ['SEK', 300],
  ['THB', 1000],
]);

/** Why Stripe can never take a price of so many minor units, for an operator; null when it may. */
export function refusalOfStripePrice(minor: number, currency: string): string | null {
  const got = toDecimal(minor, currency);
  if (toStripeAmount(minor, currency) === null) {
    const step = toDecimal(stepAtStripe(currency), currency);
    return `expected a multiple of ${step} ${currency}, because Stripe takes only such amounts, got ${got}`;
  }
  const smallest = smallestPayments.get(currency) ?? 0;
  return minor < smallest
    ? `expected at least ${toDecimal(smallest, currency)} ${currency}, the smallest payment that Stripe takes, got ${got}`
    : null;
}

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

/** The smallest difference between two amounts, in minor units. */
function stepAtStripe(currency: string): number {
  const unit = Math.max(1, minorPerMajor(currency) / unitsAtStripe(currency));
  return endInZero.has(currency) ? unit * 10 : unit;
}

/** Both factors are powers of ten, so the smaller divides the larger and nothing is rounded. */
function rescaled(amount: number, from: number, to: number): number | null {
  const scaled = to >= from ? amount * (to / from) : amount / (from / to);
  return Number.isSafeInteger(scaled) ? scaled : null;
}
