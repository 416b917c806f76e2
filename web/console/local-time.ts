import { offsetText, utcOffsetMs } from '../utc-offset.ts';

const dayMs = 86_400_000;

/** The value of a field for a local time. */
export type LocalTime = {
  /** The text of the field, such as `2026-10-25T02:30`; empty for an open end. */
  readonly text: string;
  /** The chosen instant where the clocks show the time twice; null: the first one. */
  readonly offsetMs: number | null;
};

export const noLocalTime: LocalTime = { text: '', offsetMs: null };

/** An instant as a field has it: to the second, in the browser's own time zone unless one is given. */
export function toLocalTime(instant: string | null, timeZone?: string): LocalTime {
  if (instant === null) {
    return noLocalTime;
  }
  const instantMs = Date.parse(instant);
  const offsetMs = utcOffsetMs(instantMs, timeZone);
  return { text: wallText(instantMs + offsetMs), offsetMs };
}

/**
 * The instants at which the clocks show this time, in order: one; two where the clocks were put back; none where they were put forward.
 * Two offsets are enough: those of the day before and the day after. No time zone changes twice within two days.
 */
export function instantsOf(text: string, timeZone?: string): readonly number[] {
  const wallMs = wallMsOf(text);
  if (Number.isNaN(wallMs)) {
    return [];
  }
  const offsets = [utcOffsetMs(wallMs - dayMs, timeZone), utcOffsetMs(wallMs + dayMs, timeZone)];
  return [...new Set(offsets.map((offsetMs) => wallMs - offsetMs))]
    .filter((instantMs) => instantMs + utcOffsetMs(instantMs, timeZone) === wallMs)
    .sort((a, b) => a - b);
}

/** The instant for the API; null for an open end. Only for a time that exists. */
export function toInstant({ text, offsetMs }: LocalTime, timeZone?: string): string | null {
  if (text === '') {
    return null;
  }
  const instants = instantsOf(text, timeZone);
  const meant = instants.find((instantMs) => utcOffsetMs(instantMs, timeZone) === offsetMs) ?? instants[0];
  if (meant === undefined) {
    throw new RangeError(`the local time ${text} does not exist`);
  }
  return `${new Date(meant).toISOString().slice(0, 19)}Z`;
}

/** The error of a local time that the clocks skip, with the time of the change; null for every other time. */
export function gapText(text: string, timeZone?: string): string | null {
  const wallMs = wallMsOf(text);
  if (Number.isNaN(wallMs) || instantsOf(text, timeZone).length > 0) {
    return null;
  }
  const [before, after] = [utcOffsetMs(wallMs - dayMs, timeZone), utcOffsetMs(wallMs + dayMs, timeZone)];
  const changeMs = changeBetween(wallMs - dayMs, wallMs + dayMs, timeZone);
  const from = `${shownText(wallText(changeMs + before))} (${offsetText(before)})`;
  const to = `${shownText(wallText(changeMs + after))} (${offsetText(after)})`;
  const zone = timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `Expected a time that exists, got ${shownText(text)}. The clocks of ${zone} go from ${from} to ${to}. Enter an earlier or a later time.`;
}

/** Whether two fields hold the same time, whether they write its seconds or not. */
export function isSameLocalTime(a: LocalTime, b: LocalTime): boolean {
  return a.text === '' || b.text === ''
    ? a.text === b.text
    : wallMsOf(a.text) === wallMsOf(b.text) && a.offsetMs === b.offsetMs;
}

/** The instant from which on another offset counts, to the second. */
function changeBetween(fromMs: number, toMs: number, timeZone?: string): number {
  const before = utcOffsetMs(fromMs, timeZone);
  let [low, high] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (utcOffsetMs(middle * 1_000, timeZone) === before) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high * 1_000;
}

/** The local time as if it were UTC, for calculations. NaN for an empty field, and for a year of five digits, which browsers let people type. */
function wallMsOf(text: string): number {
  return Date.parse(`${text}Z`);
}

/** Without seconds where they are 0, as browsers write it: another text for the same value would be put into the field again and again. */
function wallText(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 19).replace(/:00$/, '');
}

function shownText(text: string): string {
  return text.replace('T', ' ');
}
