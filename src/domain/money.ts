/**
 * Money is an integer of minor units (cents) everywhere inside; only the HTTP edge, a new price of a product
 * and the operator's SQL see decimals.
 *
 * ISO 4217 gives most currencies two decimals; these are the exceptions of its list one.
 */
const decimalsByCurrency: ReadonlyMap<string, number> = new Map([
  ...[
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF',
  ].map((currency) => [currency, 0] as const),
  ...['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'].map((currency) => [currency, 3] as const),
  ...['CLF', 'UYW'].map((currency) => [currency, 4] as const),
]);

/** Those that the runtime's locale data knows, and those of the list that it may leave out. */
const knownCurrencies: ReadonlySet<string> = new Set([
  ...Intl.supportedValuesOf('currency'),
  ...decimalsByCurrency.keys(),
  ...['BOV', 'CHE', 'CHW', 'COU', 'MXV', 'USN', 'VED', 'XCG', 'ZWG'],
]);

/** True for an ISO 4217 code in capitals, such as `USD`. */
export function isCurrency(code: string): boolean {
  return knownCurrencies.has(code);
}

/** How many decimals an amount in `currency` has. */
export function currencyDecimals(currency: string): number {
  return decimalsByCurrency.get(currency) ?? 2;
}

/** How many minor units make one major unit: 100 for `USD`, 1 for `JPY`. */
export function minorPerMajor(currency: string): number {
  return 10 ** currencyDecimals(currency);
}

/**
 * A decimal amount in minor units, or null when it has more decimals than the currency or is too large to be
 * exact. A double is the nearest one to its decimal, so dividing the rounded integer gives the same double
 * exactly when nothing was cut off.
 */
export function toMinor(amount: number, currency: string): number | null {
  const factor = minorPerMajor(currency);
  const minor = Math.round(amount * factor);
  return Number.isSafeInteger(minor) && minor / factor === amount ? minor : null;
}

/** Minor units as the decimal number that JSON shows: 239998 → 2399.98. */
export function toDecimal(minor: number, currency: string): number {
  return minor / minorPerMajor(currency);
}

/** The price of `quantity` units in minor units, or null when it is too large to be counted exactly. */
export function totalOf(priceMinor: number, quantity: number): number | null {
  const total = priceMinor * quantity;
  return Number.isSafeInteger(total) ? total : null;
}
