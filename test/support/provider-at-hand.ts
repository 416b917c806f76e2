import type { PaymentIntent as RecordedIntent } from '../../src/domain/payment-intent.ts';
import {
  type IntentState,
  type PaymentIntent,
  type PaymentProvider,
  ProviderError,
  type RefundRequest,
  type ReturnedSum,
  type SentRefund,
} from '../../src/payments/payment-provider.ts';

/** What comes of one request: it is answered; not answered and has had no effect, or has; it is refused, or works on for long. */
type Fault = 'none' | 'lost before' | 'lost after' | 'refused' | 'amount refused' | 'pending';

/** A refund at the provider. */
type RefundAtHand = SentRefund & {
  readonly paymentReference: string;
  /** The refund of the service that it was made for; null: it was made by hand. */
  readonly refundId: number | null;
};

/**
 * A provider in the memory of the test. It keeps a ledger of payments and refunds, refuses to return more than a payment has left, and
 * fails as the test says. A request without an answer ends when its caller gives up.
 */
export class ProviderAtHand implements PaymentProvider {
  readonly name = 'stripe';
  /** What becomes of the next requests, in turn; then all are answered. */
  faults: Fault[] = [];
  /** Every request by its method, in order. */
  readonly asked: string[] = [];
  /** What each request for a refund said, in order. */
  readonly refundRequests: RefundRequest[] = [];
  readonly refunds: RefundAtHand[] = [];
  readonly intents = new Map<string, IntentState>();
  /** The refund of each idempotency key. */
  readonly #keys = new Map<string, RefundAtHand>();

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
    this.refundRequests.push(refund);
    return this.#answer('sendRefund', signal, (fault) => {
      const { refundId, owedMinor, amountMinor, paymentReference } = refund;
      const key = `refund_${refundId}_${owedMinor}_${amountMinor}`;
      const made =
        this.#keys.get(key) ??
        (refund.mayBeForgotten ? this.#unrecorded(refund) : undefined) ??
        this.#make(paymentReference, amountMinor, {
          refundId,
          status: fault === 'pending' ? fault : 'succeeded',
        });
      this.#keys.set(key, made);
      const { status, reference, createdAtMs } = made;
      return { status, reference, amountMinor: made.amountMinor, createdAtMs };
    });
  }

  async lookUpReturned(reference: string, signal: AbortSignal): Promise<ReturnedSum> {
    return this.#answer('lookUpReturned', signal, () => ({
      minor: this.returnedOf(reference),
      currency: this.#paid(reference).currency,
      atMs: Date.now(),
    }));
  }

  /** The buyer pays, and no event reports it. */
  pay({ reference }: Pick<RecordedIntent, 'reference'>, amountMinor: number, currency = 'USD'): void {
    this.intents.set(reference, { status: 'paid', amountMinor, currency });
  }

  /** An operator returns a part of a payment in the provider's own pages, and no event reports it. */
  returnByHand(reference: string, amountMinor: number): void {
    this.#make(reference, amountMinor, { refundId: null, status: 'succeeded' });
  }

  /** All that went back of a payment, sent by the service or by hand. */
  returnedOf(reference: string): number {
    return this.refunds
      .filter(({ paymentReference, status }) => paymentReference === reference && status !== 'failed')
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  }

  #make(
    paymentReference: string,
    amountMinor: number,
    of: Pick<RefundAtHand, 'refundId' | 'status'>,
  ): RefundAtHand {
    const left = this.#paid(paymentReference).amountMinor - this.returnedOf(paymentReference);
    if (left <= 0) {
      throw new ProviderError('refused', `charge_already_refunded: ${paymentReference}`);
    }
    if (amountMinor > left) {
      throw new ProviderError(
        'refused',
        `Refund amount (${amountMinor}) is greater than unrefunded amount on charge (${left})`,
      );
    }
    const made: RefundAtHand = {
      ...of,
      reference: `re_${this.refunds.length + 1}`,
      paymentReference,
      amountMinor,
      createdAtMs: Date.now(),
    };
    this.refunds.push(made);
    return made;
  }

  /** A refund that was made for this one of the service and is not recorded there. */
  #unrecorded({ refundId, knownReferences }: RefundRequest): RefundAtHand | undefined {
    return this.refunds.find(
      (made) =>
        made.refundId === refundId && made.status !== 'failed' && !knownReferences.includes(made.reference),
    );
  }

  #paid(reference: string): Extract<IntentState, { readonly status: 'paid' }> {
    const state = this.#stateOf(reference);
    if (state.status !== 'paid') {
      throw new ProviderError('refused', `No such payment: ${reference}`);
    }
    return state;
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
    if (fault === 'amount refused') {
      throw new ProviderError('refused', 'the amount is too small', undefined, true);
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
