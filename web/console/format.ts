/** Numbers, money and times as this browser's user writes them; times with seconds, because a sale has few minutes. */
const counts = new Intl.NumberFormat();
const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
/** Of the currency that has most of them. */
const decimalsMax = 4;
const moneyFormats = new Map<string, Intl.NumberFormat>();

export function countText(count: number): string {
  return counts.format(count);
}

/** `1 refund`, `2 refunds`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/**
 * Never rounded: some languages would leave out decimals that are asked for.
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

/** Milliseconds, with a decimal where it matters. */
export function msText(ms: number): string {
  return ms < 10 ? oneDecimal.format(ms) : counts.format(Math.round(ms));
}

/** The time of day; with the date unless it is today's. */
export function timeText(instant: string | number, nowMs: number = Date.now()): string {
  const date = new Date(instant);
  const isToday = date.toDateString() === new Date(nowMs).toDateString();
  return (isToday ? clock : dayAndClock).format(date);
}

/** How long ago in a few characters: `4 s`, `12 min`, `3 h`, `2 d`. */
export function agoText(instant: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(instant)) / 1_000));
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) {
    return `${minutes} min`;
  }
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
