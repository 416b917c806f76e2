import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Body, CheckoutClient } from '../../test/support/checkout-client.ts';
import type { Operation } from './answers.ts';

/** How long a buyer waits before the same request is sent again. It is part of the gaps that are reported. */
const retryMs = 50;
/** How long after the end of the load a request may still be sent again. */
const patienceMs = 60_000;

/**
 * Buyers who hold, order and pay, over and over, and send again whatever was answered 503 or not at all, with
 * its idempotency key. What was acknowledged is remembered.
 */
export class PersistentBuyers {
  /** Ids of the holds, of the orders, and of the orders that were paid, as success was answered. */
  readonly acknowledged: Readonly<Record<Operation, Set<number>>> = {
    hold: new Set(),
    order: new Set(),
    payment: new Set(),
  };
  /** Answers that were neither success nor 503, and requests that were given up. */
  readonly unexpected: string[] = [];
  sentAgain = 0;
  readonly #productId: number;
  readonly #successes = new EventEmitter<{ success: [] }>();
  #endsAtMs = Number.POSITIVE_INFINITY;
  #lastSuccessMs = performance.now();
  #longestGapMs = 0;

  constructor(productId: number) {
    this.#productId = productId;
  }

  /** Resolves some time after `stop`, when every purchase that was begun is done. */
  async run(clients: readonly CheckoutClient[], buyersOfEach: number): Promise<void> {
    this.#lastSuccessMs = performance.now();
    await Promise.all(
      clients.flatMap((client) => Array.from({ length: buyersOfEach }, () => this.#buyUntilEnd(client))),
    );
  }

  /** No purchase is begun any more. */
  stop(): void {
    this.#endsAtMs = performance.now();
  }

  /** The longest time without any success since this was last asked, in ms. */
  takeLongestGapMs(): number {
    const longest = this.#longestGapMs;
    this.#longestGapMs = 0;
    return longest;
  }

  /** Resolves with the next success of any buyer. */
  async nextSuccess(): Promise<void> {
    await once(this.#successes, 'success');
  }

  async #buyUntilEnd(client: CheckoutClient): Promise<void> {
    while (performance.now() < this.#endsAtMs) {
      await this.#buy(client);
    }
  }

  async #buy(client: CheckoutClient): Promise<void> {
    const { hold, order, payment } = this.acknowledged;
    const held = await this.#send(client, '/holds', { product_id: this.#productId, qty: 1 }, randomUUID());
    if (held === null) {
      return;
    }
    hold.add(held.hold_id);
    const ordered = await this.#send(client, '/orders', { hold_id: held.hold_id }, randomUUID());
    if (ordered === null) {
      return;
    }
    order.add(ordered.order_id);
    const event = { idempotency_key: randomUUID(), order_id: ordered.order_id, status: 'paid' };
    const paid = await this.#send(client, '/payments/webhook', event, null);
    if (paid?.order_status === 'paid') {
      payment.add(ordered.order_id);
    } else if (paid !== null) {
      this.unexpected.push(`a payment: ${JSON.stringify(paid)}`);
    }
  }

  /** @returns the answer of success, or null when there will be none */
  async #send(client: CheckoutClient, path: string, body: object, key: string | null): Promise<Body | null> {
    const headers = key === null ? {} : { 'idempotency-key': key };
    while (performance.now() < this.#endsAtMs + patienceMs) {
      const reply = await client.post(`/api/v1${path}`, body, headers).catch(() => null);
      if (reply !== null && reply.status < 300) {
        this.#succeeded();
        return reply.body;
      }
      if (reply !== null && reply.status !== 503) {
        this.unexpected.push(`${path}: ${reply.text}`);
        return null;
      }
      this.sentAgain += 1;
      await pause(retryMs);
    }
    this.unexpected.push(`${path}: no success within ${patienceMs} ms after the end`);
    return null;
  }

  #succeeded(): void {
    const nowMs = performance.now();
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastSuccessMs);
    this.#lastSuccessMs = nowMs;
    this.#successes.emit('success');
  }
}
