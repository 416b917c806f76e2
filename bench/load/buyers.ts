import { randomUUID } from 'node:crypto';
import { signStandardWebhook } from '../../src/payments/sign-test-event.ts';
import type { Answers, Operation } from './answers.ts';
import { isRefusal } from './answers.ts';
import type { HttpLines, LineAnswer } from './http-lines.ts';

/** What buyers do: hold and leave it; pay for orders that are there; or buy, some of them changing their minds. */
export type Errand =
  | { readonly kind: 'hold'; readonly productId: number }
  | { readonly kind: 'pay'; readonly orderIds: readonly number[]; readonly webhookSecret: string | null }
  | {
      readonly kind: 'buy';
      readonly productId: number;
      readonly webhookSecret: string | null;
      /** Every so manieth hold is left to its deadline. */
      readonly leaveEvery: number;
    };

/** Buyers of one errand. All that they are answered is taken down. */
export class Buyers {
  /** Refusals without a word about when to come again. */
  refusedWithoutRetryAfter = 0;
  /** Answers that were neither success nor refusal, and requests without an answer; the first of them. */
  readonly unexpected: string[] = [];
  sent = 0;
  readonly #lines: HttpLines;
  readonly #errand: Errand;
  readonly #answers: Answers;
  readonly #startMs: number;
  #begun = 0;

  constructor(lines: HttpLines, errand: Errand, answers: Answers, startMs: number) {
    this.#lines = lines;
    this.#errand = errand;
    this.#answers = answers;
    this.#startMs = startMs;
  }

  /** @param dueMs when it was to begin, by `performance.now()` */
  async begin(dueMs: number): Promise<void> {
    const errand = this.#errand;
    const nth = this.#begun;
    this.#begun += 1;
    if (errand.kind === 'pay') {
      const orderId = errand.orderIds[nth];
      if (orderId !== undefined) {
        await this.#pay(orderId, errand.webhookSecret, dueMs);
      }
      return;
    }
    const held = await this.#ask('hold', '/holds', { product_id: errand.productId, qty: 1 }, dueMs);
    if (errand.kind === 'hold' || held.status !== 201 || nth % errand.leaveEvery === 0) {
      return;
    }
    const { hold_id } = JSON.parse(held.body) as { readonly hold_id: number };
    const ordered = await this.#ask('order', '/orders', { hold_id }, performance.now());
    if (ordered.status === 201) {
      const { order_id } = JSON.parse(ordered.body) as { readonly order_id: number };
      await this.#pay(order_id, errand.webhookSecret, performance.now());
    }
  }

  async #pay(orderId: number, webhookSecret: string | null, dueMs: number): Promise<void> {
    const id = randomUUID();
    const body = JSON.stringify({ idempotency_key: id, order_id: orderId, status: 'paid' });
    const signed =
      webhookSecret === null ? {} : await signStandardWebhook({ secret: webhookSecret, id, body });
    const paid = await this.#ask('payment', '/payments/webhook', body, dueMs, signed);
    if (paid.status === 200 && !paid.body.includes('"order_status":"paid"')) {
      this.#noteUnexpected(`payment: ${paid.body}`);
    }
  }

  async #ask(
    operation: Operation,
    path: string,
    body: unknown,
    dueMs: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<LineAnswer> {
    this.sent += 1;
    const answer = await this.#lines.send('POST', `/api/v1${path}`, body, headers);
    const tookMs = performance.now() - dueMs;
    this.#answers.add(operation, answer.status, (dueMs - this.#startMs) / 1000, tookMs);
    if (isRefusal(answer.status)) {
      this.refusedWithoutRetryAfter += answer.retryAfter === null ? 1 : 0;
    } else if (answer.status !== 200 && answer.status !== 201) {
      this.#noteUnexpected(`${operation}: ${answer.status} ${answer.body}`);
    }
    return answer;
  }

  #noteUnexpected(what: string): void {
    if (this.unexpected.length < 10) {
      this.unexpected.push(what);
    }
  }
}
