const counts = new Intl.NumberFormat();
const formats = new Map<string, Intl.NumberFormat>();

/** Of the currency that has most of them. */
const decimalsMax = 4;

/** `$2,399.98`, as the buyer's language writes it. Never rounded: some languages would leave out decimals that are asked for. */
export function moneyText(amount: number, currency: string): string {
  let format = formats.get(currency);
  if (format === undefined) {
    format = new Intl.NumberFormat(undefined, {
      style: 'currency',
      currency,
      maximumFractionDigits: decimalsMax,
    });
    formats.set(currency, format);
  }
  return format.format(amount);
}

/** What so many units cost. Prices have few enough digits for this to be exact when it is rounded to so many decimals. */
export function totalText(price: number, quantity: number, currency: string): string {
  return moneyText(price * quantity, currency);
}

/** `1,500` */
export function countText(count: number): string {
  return counts.format(count);
}
