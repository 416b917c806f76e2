import type { IncomingHttpHeaders } from 'node:http';
import { toDecimal } from '../../domain/money.ts';
import {
  type IntentState,
  type PaymentIntent,
  type PaymentProvider,
  ProviderError,
  type RefundRequest,
  type ReturnedSum,
  type SentRefund,
} from '../payment-provider.ts';
import { EventSender } from './event-sender.ts';
import { type Purchase, type PurchaseReader, readPurchase } from './purchase.ts';
import { holdOfSecret, isSimulated, simulatedIntent } from './simulated-intent.ts';

/**
 * What a buyer, or a developer in their place, does with a simulated payment:
 * - `succeed`, `fail`: it is told of at once
 * - `delay`: it succeeds later
 * - `duplicate`: it succeeds, and is told of twice at the same time
 * - `early`: it succeeds and is told of by the hold, as if the order did not exist yet
 */
export type SimulatedAction = 'succeed' | 'fail' | 'delay' | 'duplicate' | 'early';

/** Paid and ended payments that are remembered. Development needs far fewer. */
const rememberedMax = 100_000;
/** A longer one would come due at once. */
const timerMsMax = 2 ** 31 - 1;

/**
 * A payment provider for development that takes no money. What was paid is in the memory of the process. Like a real provider it tells
 * of it over HTTP, with signed events that are sent again until they are taken.
 */
export class SimulatedProvider implements PaymentProvider {
  readonly name = 'simulated';
  readonly intentOf = simulatedIntent;
  readonly #sender: EventSender;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #states = new Map<string, IntentState>();
  #webhookUrl: string | null = null;

  /**
   * @param lost told of an event that was given up
   * @param secret signs the events: `whsec_…`, one of its own if not given
   */
  constructor(lost: (reason: string) => void, secret?: string) {
    this.#sender = new EventSender(lost, secret);
  }

  /** Says where events go. What was told of before goes nowhere. */
  deliverTo(webhookUrl: string): void {
    this.#webhookUrl = webhookUrl;
  }

  /** Whether an event was signed by this provider. */
  verify(rawBody: string, headers: IncomingHttpHeaders): boolean {
    return this.#sender.verify(rawBody, headers);
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    await this.#sender.stop();
  }

  /** What a client secret pays for, or null when it is none. */
  async purchaseOf(clientSecret: string, reader: PurchaseReader): Promise<Purchase | null> {
    const holdId = holdOfSecret(clientSecret);
    return holdId === null ? null : readPurchase(reader, holdId);
  }

  /**
   * @param delayMs how much later a delayed payment succeeds; without it a second after the order's deadline
   * @returns what has become of the payment by now
   */
  act(purchase: Purchase, action: SimulatedAction, delayMs?: number): IntentState {
    const { reference } = simulatedIntent(purchase);
    if (this.#stateOf(reference).status === 'closed') {
      return { status: 'closed' };
    }
    if (action === 'fail') {
      this.#tell(purchase, 'failed', false);
    } else if (action === 'delay') {
      this.#later(purchase, delayMs ?? msAfterDeadline(purchase));
    } else {
      this.#pay(purchase, action);
    }
    return this.#stateOf(reference);
  }

  async createIntent(order: { readonly holdId: number }): Promise<PaymentIntent> {
    return simulatedIntent(order);
  }

  async lookUpIntent(reference: string): Promise<IntentState> {
    return this.#stateOf(reference);
  }

  async cancelIntent(reference: string): Promise<IntentState> {
    if (this.#stateOf(reference).status === 'open') {
      this.#remember(reference, { status: 'closed' });
    }
    return this.#stateOf(reference);
  }

  /** Any simulated payment goes back, also one of a process that has ended: it was no money. */
  async sendRefund(refund: RefundRequest): Promise<SentRefund> {
    const { refundId, paymentReference, owedMinor, amountMinor } = refund;
    if (!isSimulated(paymentReference)) {
      throw new ProviderError('refused', `${paymentReference} is no simulated payment`);
    }
    const reference = `sim_refund_${refundId}_${owedMinor}_${amountMinor}`;
    return { status: 'succeeded', reference, amountMinor, createdAtMs: Date.now() };
  }

  /** Nothing but this service returns a simulated payment. */
  async lookUpReturned(paymentReference: string): Promise<ReturnedSum> {
    throw new ProviderError('refused', `${paymentReference} is returned by this service alone`);
  }

  #later(purchase: Purchase, delayMs: number): void {
    const pay = () => {
      this.#timers.delete(timer);
      if (this.#stateOf(simulatedIntent(purchase).reference).status !== 'closed') {
        this.#pay(purchase, 'succeed');
      }
    };
    // It is no reason to keep the process.
    const timer = setTimeout(pay, Math.min(delayMs, timerMsMax)).unref();
    this.#timers.add(timer);
  }

  #pay(purchase: Purchase, action: 'succeed' | 'duplicate' | 'early'): void {
    const { amountMinor, currency } = purchase;
    this.#remember(simulatedIntent(purchase).reference, { status: 'paid', amountMinor, currency });
    this.#tell(purchase, 'paid', action === 'early');
    if (action === 'duplicate') {
      this.#tell(purchase, 'paid', false);
    }
  }

  /** The same is told in the same words under the same key, however often. */
  #tell({ holdId, order, amountMinor, currency }: Purchase, status: 'paid' | 'failed', early: boolean): void {
    if (this.#webhookUrl === null) {
      return;
    }
    const { reference } = simulatedIntent({ holdId });
    const named = order === null || early ? { hold_id: holdId } : { order_id: order.id };
    const key = `evt_${reference}_${'order_id' in named ? 'order' : 'hold'}_${status}`;
    this.#sender.send(this.#webhookUrl, key, {
      idempotency_key: key,
      ...named,
      status,
      amount: toDecimal(amountMinor, currency),
      currency,
      payment_reference: reference,
    });
  }

  #stateOf(reference: string): IntentState {
    return this.#states.get(reference) ?? { status: 'open' };
  }

  #remember(reference: string, state: IntentState): void {
    this.#states.set(reference, state);
    const [oldest] = this.#states.keys();
    if (this.#states.size > rememberedMax && oldest !== undefined) {
      this.#states.delete(oldest);
    }
  }
}

function msAfterDeadline({ order, nowMs }: Purchase): number {
  return order === null ? 0 : Math.max(0, order.paymentDueAtMs - nowMs) + 1_000;
}
