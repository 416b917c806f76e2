/** An instant as RFC 3339 in UTC; milliseconds are shown only where there are any. */
export function timeText(instantMs: number): string {
  const text = new Date(instantMs).toISOString();
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text;
}

export function timeTextOrNull(instantMs: number | null): string | null {
  return instantMs === null ? null : timeText(instantMs);
}

/** The instant of an RFC 3339 text, or null when there is no such day or hour. */
export function instantOf(text: string): number | null {
  const instantMs = Date.parse(text);
  return Number.isNaN(instantMs) ? null : instantMs;
}
