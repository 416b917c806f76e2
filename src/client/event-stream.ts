import { createParser } from 'eventsource-parser';
import { CheckoutError, UnreachableError } from './errors.ts';
import { errorOf, type Sender } from './retrying-request.ts';

/** The first message is sent at once; what does not come by then is held back on its way, by a proxy that buffers. */
const firstMessageMsMax = 10_000;
/** The server sends a sign of life every 15 s; after three that did not come the connection is a dead one. */
const silenceMsMax = 45_000;
/** How long to wait before connecting again, as long as the server has not said. */
const reconnectMsDefault = 2_000;
/** A stream that is refused is asked for more and more rarely, because whoever refuses it has enough to do. */
const refusedMsMax = 30_000;
/** Where nobody answers there is nobody to spare, and a network that is back is noticed soon. */
const unansweredMsMax = 5_000;
/** What is done in the place of a stream is done this often, at random in between. */
const meanwhileMsMin = 2_000;
const meanwhileMsMax = 4_000;

const ended = new UnreachableError('The stream has ended.', null);

export type StreamMessage = {
  readonly event: string;
  /** The message's JSON. */
  readonly data: unknown;
};

export type StreamHandlers = {
  /** @param isFirst whether it is the first one of its connection */
  message(message: StreamMessage, isFirst: boolean): void;
  /** The stream cannot be had. Called again and again until it is there. */
  meanwhile(error: Error, signal: AbortSignal): Promise<void>;
};

type Connection = {
  readonly sender: Sender;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** What to go on after, and how long to wait before; both as the server said last. */
  lastEventId: string;
  reconnectMs: number;
  /** Why the last one ended or was not to be had. */
  failure: CheckoutError | UnreachableError;
};

/**
 * Follows a stream of server-sent events and connects again after each break, with the id of the last message. Read with fetch, not with
 * an EventSource: that is missing in Node, sends no token, and does not say why a stream was refused. What a handler throws ends it and
 * is an unhandled rejection.
 *
 * @returns stops it
 */
export function followStream(
  sender: Sender,
  url: string,
  headers: Readonly<Record<string, string>>,
  handlers: StreamHandlers,
): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const connection: Connection = {
    sender,
    url,
    headers,
    signal,
    lastEventId: '',
    reconnectMs: reconnectMsDefault,
    failure: ended,
  };
  follow(connection, handlers).catch((error: unknown) => {
    if (!signal.aborted) {
      throw error;
    }
  });
  return () => controller.abort();
}

async function follow(connection: Connection, handlers: StreamHandlers): Promise<never> {
  const { sender, signal } = connection;
  const { device } = sender;
  let refusals = 0;
  for (;;) {
    let messages = 0;
    for await (const message of messagesOf(connection)) {
      messages += 1;
      handlers.message(message, messages === 1);
    }
    signal.throwIfAborted();
    refusals = messages > 0 ? 0 : refusals + 1;
    const waitMsMax = connection.failure.status === null ? unansweredMsMax : refusedMsMax;
    const waitMs = Math.min(connection.reconnectMs * 2 ** refusals, waitMsMax) * (0.5 + device.random() / 2);
    await (refusals === 0
      ? device.pause(waitMs, signal)
      : bridge(connection, handlers, device.elapsedMs() + waitMs));
  }
}

/** Does what is done in the place of a stream until it is time to ask for that again. */
async function bridge(
  { sender, signal, failure }: Connection,
  handlers: StreamHandlers,
  untilMs: number,
): Promise<void> {
  const { device } = sender;
  do {
    await handlers.meanwhile(failure, signal);
    const everyMs = meanwhileMsMin + device.random() * (meanwhileMsMax - meanwhileMsMin);
    await device.pause(everyMs, signal);
  } while (device.elapsedMs() < untilMs);
}

/** What one connection brings until it ends, however it does; the connection then knows why. */
async function* messagesOf(connection: Connection): AsyncGenerator<StreamMessage> {
  const { fetch, device, clock } = connection.sender;
  const ending = new AbortController();
  const end = () => ending.abort();
  connection.signal.addEventListener('abort', end, { once: true });
  let callOff = device.later(end, firstMessageMsMax);
  const arrived: StreamMessage[] = [];
  const parser = createParser({
    onId: (id) => {
      connection.lastEventId = id;
    },
    onRetry: (ms) => {
      connection.reconnectMs = ms;
    },
    onEvent: ({ event = 'message', data }) => arrived.push({ event, data: JSON.parse(data) }),
  });
  let hasCome = false;
  try {
    const sentAtMs = device.nowMs();
    const response = await fetch(connection.url, { headers: headersOf(connection), signal: ending.signal });
    clock.answered(response.headers.get('date'), sentAtMs);
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (!(response.ok && isStream && response.body)) {
      throw errorOf(response, await response.text(), clock);
    }
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      hasCome ||= arrived.length > 0;
      if (hasCome) {
        callOff();
        callOff = device.later(end, silenceMsMax);
      }
      yield* arrived.splice(0);
    }
    connection.failure = ended;
  } catch (cause) {
    const isOurs = cause instanceof CheckoutError || cause instanceof UnreachableError;
    connection.failure = isOurs ? cause : new UnreachableError('The stream cannot be had.', null, cause);
  } finally {
    callOff();
    end();
    connection.signal.removeEventListener('abort', end);
  }
}

function headersOf({ headers, lastEventId }: Connection): Readonly<Record<string, string>> {
  const after = lastEventId === '' ? {} : { 'last-event-id': lastEventId };
  return { ...headers, accept: 'text/event-stream', ...after };
}
