import type { CheckoutClient, Order, OrderStatus } from '../../src/client/checkout-client.ts';

/** Asks often at first, because most payments are told of at once, then more and more rarely. */
const firstMs = 1_000;
const growth = 1.5;
const pendingMsMax = 5_000;
/** An order that has ended may still get a late payment, or its refund; nobody waits for that in front of the page. */
const endedMsMax = 20_000;

/** Only operators, refunds at the provider and disputes change these, mostly days later. The next visit shows it. */
const finalStatuses: readonly OrderStatus[] = ['paid', 'refunded'];

/**
 * How long to wait before an order is asked for again, or null: no more.
 *
 * @param asked how often it was asked for since something happened
 * @param random from 0 up to 1, so that many pages do not ask together
 */
export function pauseMs(status: OrderStatus, asked: number, random: number): number | null {
  if (finalStatuses.includes(status)) {
    return null;
  }
  const max = status === 'pending' ? pendingMsMax : endedMsMax;
  return Math.min(firstMs * growth ** asked, max) * (0.75 + random / 2);
}

/** Asks for one order until nothing more can become of it. */
export class OrderWatch {
  readonly orderId: number;
  readonly #client: CheckoutClient;
  readonly #seen: (order: Order) => void;
  readonly #stopped = new AbortController();
  #asked = 0;
  #status: OrderStatus;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param seen is given the order each time */
  constructor(client: CheckoutClient, order: Order, seen: (order: Order) => void) {
    this.orderId = order.order_id;
    this.#client = client;
    this.#seen = seen;
    this.#status = order.status;
    this.#later();
  }

  /** Something has happened that the order should soon show. */
  soon(): void {
    this.#asked = 0;
    this.#later();
  }

  stop(): void {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  #later(): void {
    clearTimeout(this.#timer);
    const waitMs = pauseMs(this.#status, this.#asked, Math.random());
    if (waitMs !== null && !this.#stopped.signal.aborted) {
      this.#timer = setTimeout(() => this.#ask(), waitMs);
    }
  }

  async #ask(): Promise<void> {
    this.#asked += 1;
    const { signal } = this.#stopped;
    // No answer is no news: it is asked for again.
    const order = await this.#client.getOrder(this.orderId, { signal }).catch(() => null);
    if (order !== null && !signal.aborted) {
      this.#asked = order.status === this.#status ? this.#asked : 0;
      this.#status = order.status;
      this.#seen(order);
    }
    this.#later();
  }
}
