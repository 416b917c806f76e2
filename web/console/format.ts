import { countText } from '../number-text.ts';
import { offsetText, utcOffsetMs } from '../utc-offset.ts';

const oneDecimal = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
/** Times are told with seconds, because a sale has few minutes. */
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const withDay = {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
} as const;
const dayAndClock = new Intl.DateTimeFormat(undefined, withDay);
const dateAndClock = new Intl.DateTimeFormat(undefined, { ...withDay, year: 'numeric' });

/** `1 refund`, `2 refunds`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** Milliseconds, with a decimal where it matters. */
export function msText(ms: number): string {
  return ms < 10 ? oneDecimal.format(ms) : countText(Math.round(ms));
}

/** The time of day. With the date unless it is today, with the year unless it is this year, and with the offset where it differs from today's. */
export function timeText(instant: string | number, nowMs: number = Date.now()): string {
  const date = new Date(instant);
  const hasOtherOffset = utcOffsetMs(date.getTime()) !== utcOffsetMs(nowMs);
  return hasOtherOffset ? saleTimeText(instant, nowMs) : plainTimeText(date, nowMs);
}

/** A time that an operator sets: always with its offset, `26 Oct, 02:30:00 (UTC+1)`. */
export function saleTimeText(instant: string | number, nowMs: number = Date.now()): string {
  const date = new Date(instant);
  return `${plainTimeText(date, nowMs)} (${offsetText(utcOffsetMs(date.getTime()))})`;
}

function plainTimeText(date: Date, nowMs: number): string {
  const now = new Date(nowMs);
  if (date.toDateString() === now.toDateString()) {
    return clock.format(date);
  }
  return (date.getFullYear() === now.getFullYear() ? dayAndClock : dateAndClock).format(date);
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
