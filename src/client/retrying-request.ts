import type { Problem } from './api-types.ts';
import type { Device } from './device.ts';
import { CheckoutError, UnreachableError } from './errors.ts';
import type { ServerClock } from './server-clock.ts';

/** A server that is there answers within 5 s, with an error if need be. Then a connection without an answer is a lost one. */
const attemptMsMax = 10_000;
/** The first pause after no answer; it doubles up to the largest. */
const pauseMsMin = 250;
const pauseMsMax = 5_000;
/** Statuses of a proxy or the service after which a retry of the same request may succeed. */
const retryableStatuses: readonly number[] = [429, 502, 503, 504];
const problemMediaType = 'application/problem+json';

export type Request = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
};

/** With what requests are sent. */
export type Sender = {
  readonly fetch: typeof fetch;
  readonly device: Device;
  readonly clock: ServerClock;
};

type Answered = { readonly kind: 'answered'; readonly json: unknown };
type Refused = { readonly kind: 'refused'; readonly error: CheckoutError | UnreachableError };
type Away = {
  readonly kind: 'away';
  readonly error: CheckoutError | UnreachableError;
  readonly retryAfterMs: number;
};

/**
 * Sends a request until it is answered. Only for what may be sent twice: reads, what is a no-op the second time, and what has an
 * idempotency key.
 *
 * @param retryForMs how long to go on in all; 0 sends it once
 * @returns the parsed body, null when there is none
 * @throws CheckoutError at once for a refusal, and at the end when the service is still away or still limits the address;
 *   UnreachableError without an answer; the reason of the signal when it is aborted
 */
export async function sendUntilAnswered(
  sender: Sender,
  request: Request,
  retryForMs: number,
): Promise<unknown> {
  const { device } = sender;
  // A key that no header can carry is a mistake of the caller's, and not to be taken for a service that is away.
  new Headers(request.headers);
  const endAtMs = device.elapsedMs() + retryForMs;
  let pauseMs = pauseMsMin;
  for (;;) {
    const leftMs = endAtMs - device.elapsedMs();
    const outcome = await attempt(
      sender,
      request,
      Math.min(attemptMsMax, leftMs > 0 ? leftMs : attemptMsMax),
    );
    if (outcome.kind === 'answered') {
      return outcome.json;
    }
    // Random, so that buyers who were sent away together do not come back together.
    const waitMs =
      outcome.kind === 'away'
        ? outcome.retryAfterMs + pauseMs * (0.5 + device.random() / 2)
        : Number.POSITIVE_INFINITY;
    if (device.elapsedMs() + waitMs > endAtMs) {
      throw outcome.error;
    }
    await device.pause(waitMs, request.signal);
    pauseMs = Math.min(pauseMs * 2, pauseMsMax);
  }
}

async function attempt(
  sender: Sender,
  request: Request,
  limitMs: number,
): Promise<Answered | Refused | Away> {
  const { fetch, device, clock } = sender;
  const { signal, url, ...init } = request;
  signal?.throwIfAborted();
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const callOff = device.later(() => controller.abort(new Error(`no answer within ${limitMs} ms`)), limitMs);
  const sentAtMs = device.nowMs();
  try {
    const response = await fetch(url, { ...init, signal: controller.signal });
    clock.answered(response.headers.get('date'), sentAtMs);
    return read(response, await response.text(), clock);
  } catch (cause) {
    signal?.throwIfAborted();
    return away(new UnreachableError('The checkout does not answer.', null, cause), 0);
  } finally {
    callOff();
    signal?.removeEventListener('abort', onAbort);
  }
}

function read(response: Response, text: string, clock: ServerClock): Answered | Refused | Away {
  const { status, ok } = response;
  const json = parsed(text);
  if (status === 204 || (ok && isObject(json))) {
    return { kind: 'answered', json: status === 204 ? null : json };
  }
  const error = errorOf(response, text, clock);
  // A success that is no object is somebody else's as well: the login page of a hotel, for example.
  return ok || retryableStatuses.includes(status)
    ? away(error, retryAfterMsOf(response.headers, clock) ?? 0)
    : { kind: 'refused', error };
}

/** What an answer that is not the one hoped for says. */
export function errorOf(
  response: Response,
  text: string,
  clock: ServerClock,
): CheckoutError | UnreachableError {
  const { status, headers } = response;
  const problem = headers.get('content-type')?.startsWith(problemMediaType) ? parsed(text) : undefined;
  return isProblem(problem) ? new CheckoutError(problem, retryAfterMsOf(headers, clock)) : notOurs(status);
}

/** What a proxy says, or a hotel that wants a login first. */
export function notOurs(status: number): UnreachableError {
  return new UnreachableError(`Somebody else answered in the place of the checkout: ${status}.`, status);
}

/** Gateways speak of problems as well, but without our codes. */
function isProblem(value: unknown): value is Problem {
  return isObject(value) && 'code' in value && typeof value.code === 'string';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function away(error: CheckoutError | UnreachableError, retryAfterMs: number): Away {
  return { kind: 'away', error, retryAfterMs };
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The header's seconds, or the time until its date. */
function retryAfterMsOf(headers: Headers, clock: ServerClock): number | null {
  const header = headers.get('retry-after');
  if (header === null) {
    return null;
  }
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - clock.nowMs();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
