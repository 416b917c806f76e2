const minuteMs = 60_000;
const formats = new Map<string | undefined, Intl.DateTimeFormat>();

/** How far local clocks are ahead of UTC at an instant. @param timeZone the browser's own unless given */
export function utcOffsetMs(instantMs: number, timeZone?: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    // In English, whose form of the offset is known: `GMT-03:00`, and `GMT` alone for UTC.
    format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
  }
  const name = format.formatToParts(instantMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * minuteMs + Number(seconds) * 1_000;
  return sign === '-' ? -ms : ms;
}

/** `UTC+1`, `UTC-3`, `UTC+5:30`, `UTC`. */
export function offsetText(offsetMs: number): string {
  if (offsetMs === 0) {
    return 'UTC';
  }
  const minutesAll = Math.round(Math.abs(offsetMs) / minuteMs);
  const minutes = minutesAll % 60;
  const hours = `UTC${offsetMs < 0 ? '-' : '+'}${(minutesAll - minutes) / 60}`;
  return minutes === 0 ? hours : `${hours}:${String(minutes).padStart(2, '0')}`;
}
