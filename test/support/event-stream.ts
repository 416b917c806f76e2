import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';
import type {
  AttentionMessage,
  AuditMessage,
  SecondsMessage,
  SoldProduct,
} from '../../src/http/schemas/live.ts';
import { adminToken, type Body, type CheckoutClient, type Reply } from './checkout-client.ts';
import { until } from './until.ts';

/** A message of an event stream. */
export type StreamEvent = {
  readonly event: string;
  readonly id: string | null;
  // A test asserts on what it reads, so a message without the field fails there.
  readonly data: StreamData;
  readonly text: string;
};

/** What any of the messages says: each event has some of these fields. */
export type StreamData = {
  readonly now: string;
  readonly products: readonly SoldProduct[];
} & SecondsMessage &
  AttentionMessage &
  AuditMessage;

/** A live stream as a page reads it. */
export class EventStream {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly events: StreamEvent[] = [];
  /** Everything as it came. */
  text = '';
  isEnded = false;
  readonly #request: ClientRequest;

  constructor(outgoing: ClientRequest, incoming: IncomingMessage) {
    this.#request = outgoing;
    this.status = incoming.statusCode ?? 0;
    this.headers = incoming.headers;
    let unread = '';
    incoming.setEncoding('utf8').on('data', (piece: string) => {
      this.text += piece;
      const blocks = (unread + piece).split('\n\n');
      unread = blocks.pop() ?? '';
      this.events.push(...blocks.flatMap(eventFrom));
    });
    incoming.on('error', () => undefined);
    incoming.on('close', () => {
      this.isEnded = true;
    });
  }

  /** Waits for the first message, from the one at `from` on, that satisfies. */
  until(
    event: string,
    satisfies: (data: StreamData) => boolean = () => true,
    from = 0,
  ): Promise<StreamEvent> {
    return until(() => this.events.slice(from).find((each) => each.event === event && satisfies(each.data)));
  }

  /** What the latest messages say of a product. */
  product(id: number): StreamData['products'][number] | undefined {
    return this.events
      .flatMap(({ event, data }) => (event === 'products' ? data.products : []))
      .findLast((product) => product.id === id);
  }

  /** As an answer, as far as it has come. */
  reply(): Reply {
    return {
      status: this.status,
      headers: this.headers,
      body: this.text as unknown as Body,
      text: this.text,
    };
  }

  leave(): void {
    this.#request.destroy();
  }
}

export const productsPath = '/api/v1/products/live';
export const consolePath = '/api/v1/admin/live';

/** Opens a stream. Resolves when its head has come. It is left when the test that calls this has ended. */
export function openStream(
  checkout: Pick<CheckoutClient, 'url'>,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${checkout.url}${path}`, { agent: false, headers });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => resolve(new EventStream(outgoing, incoming)));
    outgoing.end();
    onTestFinished(() => {
      outgoing.destroy();
    });
  });
}

export function watchProducts(checkout: Pick<CheckoutClient, 'url'>): Promise<EventStream> {
  return openStream(checkout, productsPath);
}

/** @param lastSeen the id of the newest second that was seen before */
export function watchSale(checkout: Pick<CheckoutClient, 'url'>, lastSeen?: string): Promise<EventStream> {
  const authorization = `Bearer ${adminToken}`;
  return openStream(
    checkout,
    consolePath,
    lastSeen === undefined ? { authorization } : { authorization, 'last-event-id': lastSeen },
  );
}

function eventFrom(block: string): StreamEvent[] {
  const lines = block.split('\n');
  const field = (name: string) =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null;
  const [event, data] = [field('event'), field('data')];
  return event === null || data === null
    ? []
    : [{ event, id: field('id'), data: JSON.parse(data) as StreamData, text: block }];
}
