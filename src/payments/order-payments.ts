import type { Order } from '../domain/order.ts';
import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { CommandSink } from '../engine/answer.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { type PaymentIntent as MadeIntent, type PaymentProvider, ProviderError } from './payment-provider.ts';

/** What the buyer of an order pays with. */
export type OrderPayment = { readonly provider: string; readonly clientSecret: string };

/** How long the answer of an order waits for its payment. */
const answerMs = 2_000;
/** How long the provider may take. It goes on when the answer has left, so that the buyer's next look finds the payment. */
const creationMs = 10_000;
/** Payments that the provider is asked for at a time: a sale makes many orders at once, and providers limit their clients. */
const creationsMax = 50;
/** Beyond it nothing is made; the buyer's next look at the order asks again. */
const waitingMax = 10_000;

export type OrderPaymentDeps = {
  readonly provider: PaymentProvider;
  readonly engine: CommandSink;
  readonly reader: Pick<StoreReader, 'order' | 'nowMs'>;
  /** Told why an order's payment was not made. */
  readonly failed: (order: Order, error: unknown) => void;
};

/**
 * Gives each order its payment at the provider: made once, under a key that the order gives, and written down as soon as it is there.
 * It is made outside of any transaction, after the commit of the order; a crash in between leaves a payment at the provider that the next
 * look at the order finds again under the same key.
 */
export class OrderPayments {
  readonly #deps: OrderPaymentDeps;
  readonly #creations = new Map<number, Promise<OrderPayment | null>>();
  readonly #waiting: (() => void)[] = [];
  readonly #stopping = new AbortController();
  #running = 0;

  constructor(deps: OrderPaymentDeps) {
    this.#deps = deps;
  }

  /**
   * What the buyer of an order pays with. Never rejects.
   *
   * @param order as it is answered
   * @param recorded what is written down for it; null when that is known to be nothing, undefined when it is not known
   * @returns null unless the order is pending, and when the provider does not answer within 2 s
   */
  async forOrder(order: Order, recorded?: PaymentIntent | null): Promise<OrderPayment | null> {
    if (order.status !== 'pending') {
      return null;
    }
    const { provider } = this.#deps;
    if (provider.intentOf !== undefined) {
      return { provider: provider.name, clientSecret: provider.intentOf(order).clientSecret };
    }
    if (recorded !== undefined && recorded !== null) {
      return paymentOf(recorded);
    }
    return inTime(this.#creationFor(order, recorded === null), this.#stopping.signal);
  }

  /** Ends what is under way. */
  stop(): void {
    this.#stopping.abort();
  }

  /** One creation of an order's payment at a time, however many ask for it. */
  #creationFor(order: Order, isNew: boolean): Promise<OrderPayment | null> {
    const underWay = this.#creations.get(order.id);
    if (underWay !== undefined) {
      return underWay;
    }
    if (this.#waiting.length >= waitingMax || this.#stopping.signal.aborted) {
      return Promise.resolve(null);
    }
    const creation = this.#inTurn(() => this.#create(order, isNew))
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) {
          this.#deps.failed(order, error);
        }
        return null;
      })
      .finally(() => this.#creations.delete(order.id));
    this.#creations.set(order.id, creation);
    return creation;
  }

  async #create(order: Order, isNew: boolean): Promise<OrderPayment | null> {
    const { provider, engine, reader } = this.#deps;
    if (!isNew) {
      const current = await reader.order(order.id);
      const recorded = current?.value.paymentIntent ?? null;
      if (recorded !== null) {
        return paymentOf(recorded);
      }
      if (current?.value.order.status !== 'pending') {
        return null;
      }
    }
    // Nobody should pay for an order that has ended while its turn came.
    if (this.#stopping.signal.aborted || reader.nowMs() >= order.paymentDueAtMs) {
      return null;
    }
    const intent = await this.#ask(order);
    if (intent === null) {
      return null;
    }
    const orderId = order.id;
    const { outcome } = await engine.submit({
      kind: 'record_payment_intent',
      orderId,
      provider: provider.name,
      ...intent,
    });
    // What could not be written down is not given out: it would not be ended with its order.
    if (outcome.kind !== 'payment_intent_recorded') {
      throw new Error(`the payment of order ${orderId} was not recorded: ${outcome.code}`);
    }
    return paymentOf(outcome.intent);
  }

  /** Null when the provider can never take the order's total: then the order has ended, and its units are free. */
  async #ask({ id: orderId, holdId, totalMinor: amountMinor, currency }: Order): Promise<MadeIntent | null> {
    const { provider, engine } = this.#deps;
    try {
      return await provider.createIntent(
        { orderId, holdId, amountMinor, currency },
        AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(creationMs)]),
      );
    } catch (error) {
      if (!(error instanceof ProviderError && error.isAboutAmount)) {
        throw error;
      }
      const reason = error.message;
      const refused = { kind: 'refuse_payment', orderId, provider: provider.name, reason } as const;
      const { outcome } = await engine.submit(refused);
      if (outcome.kind !== 'payment_refused') {
        throw new Error(`order ${orderId} was not ended after "${reason}": ${outcome.code}`);
      }
      return null;
    }
  }

  async #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running >= creationsMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#running -= 1;
      } else {
        next();
      }
    }
  }
}

function paymentOf({ provider, clientSecret }: PaymentIntent): OrderPayment {
  return { provider, clientSecret };
}

/** What is there in time, or null. */
function inTime<Value>(value: Promise<Value>, stopping: AbortSignal): Promise<Value | null> {
  return new Promise((resolve) => {
    const giveUp = () => resolve(null);
    const timer = setTimeout(giveUp, answerMs);
    stopping.addEventListener('abort', giveUp);
    value.then(resolve).finally(() => {
      clearTimeout(timer);
      stopping.removeEventListener('abort', giveUp);
    });
  });
}
