import { offsetText, utcOffsetMs } from '../utc-offset.ts';

const dayMs = 86_400_000;
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const clockAndDay = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/**
 * `14:32:05` by the buyer's own clock and with the day in front where that is another one. The offset
 * from UTC stands behind it where the clocks change until then: that night has an hour that comes twice.
 *
 * @param time RFC 3339, or ms since 1970
 */
export function clockTime(time: string | number, now: Date = new Date()): string {
  const date = new Date(time);
  const text = date.toDateString() === now.toDateString() ? clock.format(date) : clockAndDay.format(date);
  const offsetMs = utcOffsetMs(date.getTime());
  return offsetMs === utcOffsetMs(now.getTime()) ? text : `${text} (${offsetText(offsetMs)})`;
}

/** `1:07`, `2:00:00`, `3 days`: what is left, rounded up to whole seconds. */
export function timeLeft(remainingMs: number): string {
  if (remainingMs > 2 * dayMs) {
    return `${Math.floor(remainingMs / dayMs)} days`;
  }
  const all = Math.ceil(remainingMs / 1_000);
  const [hours, minutes, seconds] = [Math.floor(all / 3_600), Math.floor(all / 60) % 60, all % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** When a voice says what is left: often enough to hurry, and not so often that nothing else can be heard. */
const spokenSeconds: readonly number[] = [60, 30, 10];

/** What a voice says of a countdown at this second, or null at most of them. */
export function spokenTimeLeft(remainingMs: number): string | null {
  const seconds = Math.ceil(remainingMs / 1_000);
  return spokenSeconds.includes(seconds) ? `${seconds} seconds left` : null;
}
