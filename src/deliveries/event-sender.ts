import { lookup } from 'node:dns';
import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { privateAddressOf, publicLookup, type Resolve } from './public-address.ts';
import { type Attempted, retryAfterMsMax } from './retry-schedule.ts';

/**
 * Not imported: an import evaluates each name of the module, and some of them load the client behind `fetch`, which nothing here
 * uses. That took 35 ms of processor time and 4 MB of a start.
 */
const { Agent: HttpAgent, request: requestHttp } = process.getBuiltinModule('node:http');

/** One message for one endpoint. */
export type Message = {
  readonly url: URL;
  /** The same at each attempt, so that the receiver knows what it has already. */
  readonly id: string;
  readonly body: string;
};

export type SenderOptions = {
  /** `whsec_…`: a message carries a signature by each of them. */
  readonly secrets: readonly string[];
  readonly allowPrivate: boolean;
  /** Ms since 1970. */
  readonly nowMs: () => number;
  readonly userAgent: string;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
};

/** How long a receiver may take to answer. */
export const answerMsMax = 15_000;
/** Less than receivers usually keep an idle connection: one that both sides close at once would fail a delivery for nothing. */
const idleMsMax = 1_000;
/** What a receiver answers with is not read; beyond this it is not even waited for. */
const answerBytesMax = 64 * 1024;

/** Posts one message. Resolves to what came of it, whatever that is. */
export type SendMessage = (message: Message, signal: AbortSignal) => Promise<Attempted>;

/**
 * Posts messages as the Standard Webhooks specification has them: `webhook-id`, `webhook-timestamp` and `webhook-signature`. A 2xx within
 * 15 s is success. Redirects are not followed: the address that an operator has set is the one that gets events.
 */
export async function eventSender(options: SenderOptions): Promise<SendMessage> {
  // Loaded where endpoints are set only: others do not pay for it at the start.
  const { Webhook } = await import('standardwebhooks');
  const signers = options.secrets.map((secret) => new Webhook(secret));
  const { allowPrivate, nowMs, userAgent, resolve = lookup, timeoutMs = answerMsMax } = options;
  const connection = {
    keepAlive: true,
    timeout: idleMsMax,
    ...(allowPrivate ? {} : { lookup: publicLookup(resolve) }),
  };
  const agents = { http: new HttpAgent(connection), https: new HttpsAgent(connection) };

  return async ({ url, id, body }, signal) => {
    const refused = allowPrivate ? null : privateAddressOf(url);
    if (refused !== null) {
      return { kind: 'failed', error: refused.message, retryAfterMs: null };
    }
    const sentAtMs = nowMs();
    const sentAt = new Date(sentAtMs);
    const post = {
      method: 'POST',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': userAgent,
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(sentAtMs / 1000)),
        'webhook-signature': signers.map((signer) => signer.sign(id, sentAt, body)).join(' '),
      },
    };
    const request =
      url.protocol === 'https:'
        ? requestHttps(url, { ...post, agent: agents.https })
        : requestHttp(url, { ...post, agent: agents.http });
    const attempted = answerOf(request, nowMs, timeoutMs);
    request.end(body);
    return attempted;
  };
}

function answerOf(request: ClientRequest, nowMs: () => number, timeoutMs: number): Promise<Attempted> {
  return new Promise((resolve) => {
    // After the answer there may be one more error, when its body is cut off: it changes nothing any more.
    request.on('error', (error) =>
      resolve({ kind: 'failed', error: reasonOf(error, timeoutMs), retryAfterMs: null }),
    );
    request.on('response', (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > answerBytesMax) {
          response.destroy();
        }
      });
      response.on('error', () => undefined);
      resolve(attemptedOf(response.statusCode ?? 0, response.headers, nowMs()));
    });
  });
}

function attemptedOf(status: number, headers: IncomingHttpHeaders, nowMs: number): Attempted {
  if (status >= 200 && status < 300) {
    return { kind: 'delivered' };
  }
  if (status === 410) {
    return { kind: 'gone', error: 'answered 410 Gone' };
  }
  const redirected = status >= 300 && status < 400;
  const error = `answered ${status}${redirected ? ', and redirects are not followed' : ''}`;
  const maySay = status === 429 || status === 503;
  return {
    kind: 'failed',
    error,
    retryAfterMs: maySay ? retryAfterMsOf(headers['retry-after'], nowMs) : null,
  };
}

/** `Retry-After` is a number of seconds or a date (RFC 9110, section 10.2.3). What is neither says nothing. */
function retryAfterMsOf(text: string | undefined, nowMs: number): number | null {
  if (text === undefined) {
    return null;
  }
  const afterMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(afterMs) ? null : Math.min(Math.max(afterMs, 0), retryAfterMsMax);
}

function reasonOf(error: Error, timeoutMs: number): string {
  if (error.name === 'AbortError') {
    return `no answer within ${timeoutMs / 1000} s`;
  }
  // Where a name has several addresses, each of them has failed in its own way.
  const [first = error] = error instanceof AggregateError ? (error.errors as readonly Error[]) : [];
  return first.message || error.name;
}
