import type { PaymentIntent as RecordedIntent } from '../../src/domain/payment-intent.ts';
import {
  type IntentState,
  type PaymentIntent,
  type PaymentProvider,
  ProviderError,
  type RefundRequest,
  type SentRefund,
} from '../../src/payments/payment-provider.ts';

/** What comes of one request: it is answered; not answered and has had no effect, or has; it is refused, or works on for long. */
type Fault = 'none' | 'lost before' | 'lost after' | 'refused' | 'pending';

/**
 * A provider in the memory of the test: it counts what was asked and what money moved, and fails as it is told. A request without an
 * answer ends when its caller gives up.
 */
export class ProviderAtHand implements PaymentProvider {
  readonly name = 'stripe';
  /** What becomes of the next requests, in turn; then all are answered. */
  faults: Fault[] = [];
  /** Every request by its method, in order. */
  readonly asked: string[] = [];
  /** The refunds that were sent, by their ids: the same id is the same money. */
  readonly sent = new Map<number, RefundRequest>();
  readonly intents = new Map<string, IntentState>();

  async createIntent({ orderId }: { readonly orderId: number }, signal: AbortSignal): Promise<PaymentIntent> {
    const intent = { reference: `pi_${orderId}`, clientSecret: `pi_${orderId}_secret` };
    return this.#answer('createIntent', signal, () => {
      this.intents.set(intent.reference, this.intents.get(intent.reference) ?? { status: 'open' });
      return intent;
    });
  }

  async lookUpIntent(reference: string, signal: AbortSignal): Promise<IntentState> {
    return this.#answer('lookUpIntent', signal, () => this.#stateOf(reference));
  }

  async cancelIntent(reference: string, signal: AbortSignal): Promise<IntentState> {
    return this.#answer('cancelIntent', signal, () => {
      if (this.#stateOf(reference).status === 'open') {
        this.intents.set(reference, { status: 'closed' });
      }
      return this.#stateOf(reference);
    });
  }

  async sendRefund(refund: RefundRequest, signal: AbortSignal): Promise<SentRefund> {
    return this.#answer('sendRefund', signal, (fault) => {
      this.sent.set(refund.refundId, refund);
      return { status: fault === 'pending' ? 'pending' : 'succeeded', reference: `re_${refund.refundId}` };
    });
  }

  /** The buyer pays, and nothing tells of it. */
  pay({ reference }: Pick<RecordedIntent, 'reference'>, amountMinor: number, currency = 'USD'): void {
    this.intents.set(reference, { status: 'paid', amountMinor, currency });
  }

  #stateOf(reference: string): IntentState {
    return this.intents.get(reference) ?? { status: 'open' };
  }

  async #answer<Value>(
    method: keyof PaymentProvider,
    signal: AbortSignal,
    effect: (fault: Fault) => Value,
  ): Promise<Value> {
    this.asked.push(method);
    const fault = this.faults.shift() ?? 'none';
    if (fault === 'refused') {
      throw new ProviderError('refused', 'there is no such payment');
    }
    if (fault === 'lost before') {
      throw new ProviderError('unavailable', 'the connection fell');
    }
    const value = effect(fault);
    if (fault === 'lost after') {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw new ProviderError('unavailable', 'no answer in time');
    }
    return value;
  }
}
