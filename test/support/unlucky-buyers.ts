import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { inParallel } from '../../src/workers/in-parallel.ts';
import type { Body, CheckoutClient, Reply } from './checkout-client.ts';
import { fateOf, intentIdOf, type PaymentFate } from './payment-fates.ts';
import { ReturnedPayments } from './returned-payments.ts';
import type { StripeIntent } from './stripe-ledger.ts';
import type { StripeServer } from './stripe-server.ts';
import { until } from './until.ts';

/** What is on sale: prices in Stripe's units, which are those of the currency. */
export type SaleProduct = {
  readonly id: number;
  readonly currency: string;
  readonly unitAmount: number;
  /** So few that they sell out, and units that come back find another buyer. */
  readonly isScarce: boolean;
};

/** How long a buyer waits before the same request is sent again, or the order is looked at again. */
const retryMs = 50;
const lookMs = 200;

/**
 * Buyers of one order each, whose payments meet the fates of `fateOf`. What is answered 503 or not at all they send again, with its
 * idempotency key. Any answer that nobody could expect ends the run.
 */
export class UnluckyBuyers {
  /** Of every payment at the provider that somebody was to pay. */
  readonly fates = new Map<string, PaymentFate>();
  /** The fates of all orders that were begun. */
  readonly begun: PaymentFate[] = [];
  readonly orderIds: number[] = [];
  sentAgain = 0;
  /** Holds that were refused because nothing was left. */
  soldOut = 0;
  /** Orders that could not be paid: the provider was away until they had expired, or the payment was closed just before. */
  unpayable = 0;
  /** Early payments whose buyers let the hold go, or were too late with their order. */
  withoutOrder = 0;
  readonly returned: ReturnedPayments;
  readonly #clients: readonly CheckoutClient[];
  readonly #stripe: StripeServer;
  readonly #products: readonly SaleProduct[];
  readonly #patience: AbortSignal;
  readonly #endings: Promise<void>[] = [];
  readonly #expiries: Promise<void>[] = [];
  readonly #rush = Promise.withResolvers<void>();
  /** Payments whose events were taken. */
  readonly #told = new Set<string>();

  /** @param patience ends every wait that is in vain */
  constructor(
    clients: readonly CheckoutClient[],
    stripe: StripeServer,
    products: readonly SaleProduct[],
    patience: AbortSignal,
  ) {
    this.#clients = clients;
    this.#stripe = stripe;
    this.#products = products;
    this.#patience = patience;
    this.returned = new ReturnedPayments(stripe, patience);
    stripe.onDelivery = ({ event, status }) => {
      if (status < 300 && event.type === 'payment_intent.succeeded') {
        this.#told.add(intentIdOf(event));
      }
    };
  }

  /** Resolves when the orders are there; most of them are still to be paid. */
  async placeOrders(indexes: readonly number[], atATime: number): Promise<void> {
    await inParallel(indexes, atATime, (index) => this.#placeOrder(index));
  }

  /** Resolves when every order that was to be paid late has run out. */
  async lateOnesHaveExpired(): Promise<void> {
    await Promise.all(this.#expiries);
  }

  /** Nobody orders any more: those who waited for it pay. */
  rushIsOver(): void {
    this.#rush.resolve();
  }

  /** Resolves when everybody has done what they would. */
  async done(): Promise<void> {
    await Promise.all(this.#endings);
  }

  async #placeOrder(index: number): Promise<void> {
    const client = this.#clients[index % this.#clients.length];
    if (client === undefined) {
      throw new Error('there is nobody to buy from');
    }
    const { hold, product } = await this.#hold(client, index);
    const fate = fateOf(index);
    this.begun.push(fate);
    if (fate === 'early') {
      await this.#payForHold(hold, product);
      if (index % 80 === 5) {
        this.withoutOrder += 1;
        await this.#send(() => client.release(hold.hold_id), 204);
        return;
      }
    }
    const key = randomUUID();
    const ordered = await this.#send(
      () => client.order(hold.hold_id, { 'idempotency-key': key }),
      201,
      ...(fate === 'early' ? ['hold_expired'] : []),
    );
    if (ordered.status !== 201) {
      this.withoutOrder += 1;
      return;
    }
    this.orderIds.push(ordered.body.order_id);
    if (fate !== 'early') {
      const ending = this.#pay(client, ordered.body, { fate, index, product });
      this.#endings.push(ending);
      ending.catch(() => {}); // whoever waits for all is told
    }
  }

  /** Takes one or two units of the first product that has them. */
  async #hold(client: CheckoutClient, index: number) {
    const qty = 1 + (index % 3 === 0 ? 1 : 0);
    for (const product of this.#inOrderOfWishes(index)) {
      const key = randomUUID();
      const { status, body } = await this.#send(
        () => client.hold(product.id, qty, { 'idempotency-key': key }),
        201,
        'insufficient_stock',
      );
      if (status === 201) {
        return { hold: body, product };
      }
      this.soldOut += 1;
    }
    throw new Error('every product is sold out');
  }

  /** What is scarce is what most want, those above all who will pay too late for it. */
  #inOrderOfWishes(index: number): readonly SaleProduct[] {
    const first = (index + Math.floor(index / 20)) % this.#products.length;
    const wishes = [...this.#products.slice(first), ...this.#products.slice(0, first)];
    return index % 4 === 0 ? wishes.toSorted((a, b) => Number(b.isScarce) - Number(a.isScarce)) : wishes;
  }

  /** Pays before there is an order, and waits until the provider has told of it. */
  async #payForHold({ hold_id, quantity }: Body, product: SaleProduct): Promise<void> {
    const { id } = this.#ownIntent(product, quantity, { flash_sale_hold_id: String(hold_id) }, 'early');
    this.#stripe.ledger.pay(id);
    await this.#until(() => this.#told.has(id));
  }

  async #pay(
    client: CheckoutClient,
    order: Body,
    { fate, index, product }: { fate: PaymentFate; index: number; product: SaleProduct },
  ): Promise<void> {
    const { ledger } = this.#stripe;
    const intent = await this.#intentOf(client, order);
    await this.#until(() => !this.#stripe.isDown);
    if (intent?.status !== 'requires_payment_method') {
      this.unpayable += 1;
      return;
    }
    this.fates.set(intent.id, fate);
    switch (fate) {
      case 'late': {
        ledger.beginTransfer(intent.id);
        const expiry = this.#expiryOf(client, order);
        this.#expiries.push(expiry);
        await expiry;
        await (index % 20 === 0 ? this.#rush.promise : undefined);
        ledger.pay(intent.id);
        return;
      }
      case 'wrong money':
        if (index % 40 === 6) {
          ledger.pay(intent.id, { amount: intent.amount + 100 });
          await this.returned.after(intent.id, fate, Math.floor(index / 40));
        } else {
          const other = this.#products.find(({ currency }) => currency !== product.currency) ?? product;
          const metadata = { flash_sale_order_id: String(order.order_id) };
          const { id } = this.#ownIntent(other, order.quantity, metadata, fate);
          ledger.pay(id);
          await this.returned.after(id, fate, Math.floor(index / 40));
        }
        return;
      case 'failed':
        if (index % 20 === 7) {
          ledger.decline(intent.id);
        } else {
          ledger.answer('POST', `/v1/payment_intents/${intent.id}/cancel`, { fields: {}, metadata: {} });
        }
        return;
      case 'out of order':
        ledger.decline(intent.id);
        ledger.pay(intent.id);
        return;
      default:
        ledger.pay(intent.id);
        await this.returned.after(intent.id, fate, Math.floor(index / 20));
    }
  }

  /** What the buyer's page pays with, as the service gives it; null when it gave nothing until the order had ended. */
  async #intentOf(client: CheckoutClient, order: Body): Promise<StripeIntent | null> {
    let now = order;
    while (now.payment === null && now.status === 'pending') {
      await pause(lookMs, undefined, { signal: this.#patience });
      now = (await this.#send(() => client.get(`/api/v1/orders/${order.order_id}`), 200)).body;
    }
    const id = now.payment?.client_secret.split('_secret_')[0];
    return id === undefined ? null : (this.#stripe.ledger.intents.get(id) ?? null);
  }

  /** A payment that the shop has made by itself, without the service. */
  #ownIntent(
    { currency, unitAmount }: SaleProduct,
    quantity: number,
    metadata: Readonly<Record<string, string>>,
    fate: PaymentFate,
  ): StripeIntent {
    const fields = { amount: String(unitAmount * quantity), currency: currency.toLowerCase() };
    const { body } = this.#stripe.ledger.answer('POST', '/v1/payment_intents', { fields, metadata });
    const intent = this.#stripe.ledger.intents.get((body as StripeIntent).id);
    if (intent === undefined) {
      throw new Error(`there is no payment: ${JSON.stringify(body)}`);
    }
    this.fates.set(intent.id, fate);
    return intent;
  }

  /** Resolves when an order that nobody pays has ended. */
  async #expiryOf(client: CheckoutClient, { order_id, payment_due_at }: Body): Promise<void> {
    const leftMs = Math.max(0, Date.parse(payment_due_at) - Date.now());
    await pause(leftMs, undefined, { signal: this.#patience });
    await this.#until(
      async () =>
        (await this.#send(() => client.get(`/api/v1/orders/${order_id}`), 200)).body.status !== 'pending',
    );
  }

  async #until(ask: () => boolean | Promise<boolean>): Promise<void> {
    await until(ask, lookMs, this.#patience);
  }

  /** @param expected a status, or the code of a refusal */
  async #send(request: () => Promise<Reply>, ...expected: readonly (number | string)[]): Promise<Reply> {
    for (;;) {
      const reply = await request().catch(() => null);
      if (reply !== null && (expected.includes(reply.status) || expected.includes(reply.body.code))) {
        return reply;
      }
      if (reply !== null && reply.status !== 503) {
        throw new Error(`expected ${expected.join(' or ')}, got ${reply.status}: ${reply.text}`);
      }
      this.sentAgain += 1;
      await pause(retryMs, undefined, { signal: this.#patience });
    }
  }
}
