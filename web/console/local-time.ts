/** An instant as a field for date and time has it: in this browser's time zone, to the second. Empty for none. */
export function toLocal(instant: string | null): string {
  if (instant === null) {
    return '';
  }
  const date = new Date(instant);
  const aheadMs = date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - aheadMs).toISOString().slice(0, 19);
}

/** What such a field says as an instant of the API; null when it is empty. */
export function toInstant(local: string): string | null {
  return local === '' ? null : new Date(local).toISOString();
}
