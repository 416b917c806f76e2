const counts = new Intl.NumberFormat();
/** Of the currency that has most of them. */
const decimalsMax = 4;
const moneyFormats = new Map<string, Intl.NumberFormat>();

/** `1,500`, as the language of the browser writes it. */
export function countText(count: number): string {
  return counts.format(count);
}

/**
 * `$2,399.98`, as the language of the browser writes it. Never rounded: some languages would leave out decimals that are asked for.
 *
 * @param amount in major units, as the API has it
 */
export function moneyText(amount: number, currency: string): string {
  let format = moneyFormats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      maximumFractionDigits: decimalsMax,
    });
    moneyFormats.set(currency, format);
  }
  return format.format(amount);
}
