import { setTimeout as pause } from 'node:timers/promises';
import type { Reply } from '../history/history.ts';
import type { Counter, Request } from '../stories/counter.ts';
import type { CheckoutClient } from '../support/checkout-client.ts';
import { sendRequest } from './http-request.ts';

/** Processes that are asked over HTTP, in the time of this machine. */
export class RealCounter implements Counter {
  readonly #clients: readonly CheckoutClient[];
  readonly #beginsAtMs: number;
  readonly #clientTimeoutMs: number;
  readonly #patience: AbortSignal;

  /** @param patience ends every wait, so that nobody asks any more */
  constructor(
    clients: readonly CheckoutClient[],
    times: { readonly beginsAtMs: number; readonly clientTimeoutMs: number },
    patience: AbortSignal,
  ) {
    this.#clients = clients;
    this.#beginsAtMs = times.beginsAtMs;
    this.#clientTimeoutMs = times.clientTimeoutMs;
    this.#patience = patience;
  }

  get nodes(): number {
    return this.#clients.length;
  }

  /** By the wall clock, which the databases of this machine go by. */
  get nowMs(): number {
    return Date.now() - this.#beginsAtMs;
  }

  async pause(ms: number): Promise<void> {
    await pause(Math.max(0, ms), undefined, { signal: this.#patience });
  }

  async ask(node: number, request: Request): Promise<Reply | null> {
    const enough = new AbortController();
    try {
      return await Promise.race([
        sendRequest(this.#client(node), request),
        pause(this.#clientTimeoutMs, null, { signal: enough.signal }),
      ]);
    } finally {
      enough.abort();
    }
  }

  /** Each node has its worker, or there is one for all. */
  work(): void {}

  /** From the first node that says it; none when nobody does. */
  async refundsDue(): Promise<readonly number[]> {
    for (const client of this.#clients) {
      const reply = await Promise.race([
        client.admin('GET', '/refunds?status=due&limit=200').catch(() => null),
        pause(this.#clientTimeoutMs, null),
      ]);
      if (reply?.status === 200) {
        return reply.body.items.map(({ refund_id }) => refund_id);
      }
    }
    return [];
  }

  #client(node: number): CheckoutClient {
    const client = this.#clients[node];
    if (client === undefined) {
      throw new Error(`expected one of ${this.#clients.length} nodes, got node ${node + 1}`);
    }
    return client;
  }
}
