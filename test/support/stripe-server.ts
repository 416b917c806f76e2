import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { signStripeEvent } from '../../src/payments/sign-test-event.ts';
import { listen } from './local-server.ts';
import {
  refusal,
  type StripeAnswer,
  type StripeEvent,
  type StripeForm,
  StripeLedger,
} from './stripe-ledger.ts';

/**
 * What can go wrong with a request: it is not answered, the connection falls, Stripe fails or has too many requests. `done` says
 * whether it took effect all the same, `kept` whether Stripe keeps a failure under the request's key and repeats it.
 */
export type StripeFault =
  | { readonly kind: 'silence' | 'hang-up'; readonly done: boolean }
  | { readonly kind: 'failure'; readonly done: boolean; readonly kept: boolean }
  | { readonly kind: 'busy' }
  /** Stripe gives this answer, and the request has no effect. */
  | { readonly kind: 'answer'; readonly answer: StripeAnswer };

export type StripeRequest = {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly form: StripeForm;
  readonly authorization: string | undefined;
};

/** Where events go, and how they get there. */
export type StripeWebhook = {
  readonly url: string;
  readonly secret: string;
  /** In how many ms each copy of an event is sent: several for duplicates, long for late ones. One, at once, unless given. */
  readonly plan?: (event: StripeEvent) => readonly number[];
};

export type StripeDelivery = {
  readonly event: StripeEvent;
  readonly status: number;
  readonly body: string;
};

/** A delivery that was not taken is sent again. Stripe waits hours; here it is a matter of a test. */
const redeliveryMs = 50;

type Kept = { readonly request: string; readonly answer: StripeAnswer };

/** Stripe as far as a shop needs it, on loopback, with its faults. */
export class StripeServer {
  readonly url: string;
  readonly ledger = new StripeLedger((event) => {
    this.#deliver(event);
    this.onEvent(event);
  });
  readonly requests: StripeRequest[] = [];
  readonly deliveries: StripeDelivery[] = [];
  /** Told of every answer to an event. */
  onDelivery: (delivery: StripeDelivery) => void = () => {};
  /** Called with every event, also with those that no endpoint receives. */
  onEvent: (event: StripeEvent) => void = () => {};
  /** Decides what goes wrong with a request; nothing unless set. */
  faultOf: (request: StripeRequest) => StripeFault | null = () => null;
  /** While true every connection is hung up on. */
  isDown = false;
  webhook: StripeWebhook | null = null;
  /** Events on their way. */
  undelivered = 0;
  /** Connections of clients that stand. */
  openConnections = 0;
  readonly #server: Server;
  readonly #kept = new Map<string, Kept>();
  readonly #closing = new AbortController();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('connection', (socket) => {
      this.openConnections += 1;
      socket.on('close', () => {
        this.openConnections -= 1;
      });
    });
    server.on('request', (request, response) => {
      this.#respond(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  static async start(): Promise<StripeServer> {
    const server = createServer();
    return new StripeServer(server, await listen(server));
  }

  /** The next requests meet these faults, one each. */
  failNext(...faults: readonly StripeFault[]): void {
    const left = [...faults];
    this.faultOf = () => left.shift() ?? null;
  }

  /** A day later Stripe no longer knows the keys of requests. */
  forgetKeys(): void {
    this.#kept.clear();
  }

  /** Sends an event that was told before once more. */
  redeliver(event: StripeEvent): void {
    this.#deliver(event);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #respond(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const { pathname, search } = new URL(incoming.url ?? '/', this.url);
    const request: StripeRequest = {
      method: incoming.method ?? '',
      path: pathname,
      key: headerOf(incoming, 'idempotency-key'),
      form: readForm(body === '' ? search : body),
      authorization: incoming.headers.authorization,
    };
    this.requests.push(request);
    if (this.isDown) {
      response.destroy();
      return;
    }
    const fault = this.faultOf(request);
    const { answer, repeated } = this.#answer(request, fault);
    if (fault?.kind === 'silence') {
      return;
    }
    if (fault?.kind === 'hang-up') {
      response.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      date: new Date(this.ledger.nowMs()).toUTCString(),
      'request-id': `req_${this.requests.length}`,
      ...(repeated ? { 'idempotent-replayed': 'true' } : {}),
    });
    response.end(JSON.stringify(answer.body));
  }

  #answer(
    request: StripeRequest,
    fault: StripeFault | null,
  ): { readonly answer: StripeAnswer; readonly repeated: boolean } {
    const { method, path, key, form } = request;
    if (fault?.kind === 'answer') {
      return { answer: fault.answer, repeated: false };
    }
    if (fault?.kind === 'busy') {
      return {
        answer: refusal(429, 'invalid_request_error', 'Too many requests', 'rate_limit'),
        repeated: false,
      };
    }
    const asked = JSON.stringify([method, path, form]);
    const kept = method === 'POST' && key !== undefined ? this.#kept.get(key) : undefined;
    if (kept !== undefined) {
      return kept.request === asked
        ? { answer: kept.answer, repeated: true }
        : {
            answer: refusal(
              400,
              'idempotency_error',
              'Keys can only be used with the parameters of the first request',
            ),
            repeated: false,
          };
    }
    const done = fault === null || fault.done ? this.ledger.answer(method, path, form) : null;
    const answer =
      fault?.kind === 'failure' || done === null ? refusal(500, 'api_error', 'Something went wrong') : done;
    const isKept = fault?.kind === 'failure' ? fault.kept : done !== null;
    if (isKept && method === 'POST' && key !== undefined) {
      this.#kept.set(key, { request: asked, answer });
    }
    return { answer, repeated: false };
  }

  #deliver(event: StripeEvent): void {
    const { webhook } = this;
    if (webhook === null) {
      return;
    }
    for (const delayMs of webhook.plan?.(event) ?? [0]) {
      this.undelivered += 1;
      this.#send(webhook, event, delayMs).then(
        () => {
          this.undelivered -= 1;
        },
        () => {},
      );
    }
  }

  /** Until it is taken, or the server closes. */
  async #send({ url, secret }: StripeWebhook, event: StripeEvent, delayMs: number): Promise<void> {
    const { signal } = this.#closing;
    const body = JSON.stringify(event);
    for (let waitMs = delayMs; ; waitMs = redeliveryMs) {
      await pause(waitMs, undefined, { signal });
      const headers = { 'content-type': 'application/json', ...(await signStripeEvent({ secret, body })) };
      try {
        const response = await fetch(url, { method: 'POST', headers, body, signal });
        const delivery = { event, status: response.status, body: await response.text() };
        this.deliveries.push(delivery);
        this.onDelivery(delivery);
        if (response.ok) {
          return;
        }
      } catch {
        signal.throwIfAborted();
      }
    }
  }
}

/** A Stripe of its own for the test that calls this. */
export async function stripeForTest(): Promise<StripeServer> {
  const stripe = await StripeServer.start();
  onTestFinished(() => stripe.close());
  return stripe;
}

function headerOf({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function readForm(encoded: string): StripeForm {
  const fields: Record<string, string> = {};
  const metadata: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(encoded)) {
    const ofMetadata = /^metadata\[(.+)\]$/.exec(name)?.[1];
    if (ofMetadata === undefined) {
      fields[name] = value;
    } else {
      metadata[ofMetadata] = value;
    }
  }
  return { fields, metadata };
}
