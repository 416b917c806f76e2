/** A message of an event stream, made once for all who get it. JSON has no line breaks, so its data is one line. */
export function eventBytes(event: string, data: unknown, id?: number): Buffer {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return Buffer.from(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}

/** A comment: nothing for a client, a sign of life for whoever is in between. */
export const heartbeat = Buffer.from(':\n\n');

const retryMsMin = 1_000;
const retryMsSpread = 3_000;

/** How long a client waits until it comes back: different for each, so that not all of them do at once. */
export function retryText(): string {
  return `retry: ${retryMsMin + Math.floor(Math.random() * retryMsSpread)}\n\n`;
}
