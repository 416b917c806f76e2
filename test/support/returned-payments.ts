import { setTimeout as pause } from 'node:timers/promises';
import type { PaymentFate } from './payment-fates.ts';
import type { StripeDispute, StripeRefund } from './stripe-ledger.ts';
import type { StripeServer } from './stripe-server.ts';

/** Stripe gives times in whole seconds: two facts in different seconds have an order. */
const nextSecondMs = 1_100;
/** Of so many refunds that the service sends, the bank of one buyer refuses it later. */
const failsOfRefunds = 4;

/**
 * What operators and banks do at Stripe with payments that were made: they return them or a part of them by hand, refuse refunds, and
 * open and close disputes. Some of the notifications are lost, where another fact or a refusal makes up for it.
 */
export class ReturnedPayments {
  /** Whether the events of this moment are lost. */
  isLosing = false;
  /** Notifications that never arrived. */
  lost = 0;
  /** Refunds of the service that failed after they had succeeded. */
  failedLater = 0;
  readonly #stripe: StripeServer;
  readonly #patience: AbortSignal;
  readonly #failures: Promise<void>[] = [];
  #sent = 0;

  constructor(stripe: StripeServer, patience: AbortSignal) {
    this.#stripe = stripe;
    this.#patience = patience;
    stripe.onEvent = ({ type, data: { object } }) => {
      if (
        type === 'refund.created' &&
        object.object === 'refund' &&
        'flash_sale_refund_id' in object.metadata
      ) {
        this.#sent += 1;
        if (this.#sent % failsOfRefunds === 0) {
          this.#failures.push(this.#failLater(object.id));
        }
      }
    };
  }

  /**
   * What happens to a payment that was just made. Its first step takes place at once.
   *
   * @param turn counts the payments of each fate, so that every kind comes
   */
  async after(intentId: string, fate: PaymentFate, turn: number): Promise<void> {
    switch (fate) {
      case 'returned first':
        this.#returnByHand(intentId, turn % 2 === 0 ? 'all' : 'part');
        return;
      case 'returned':
        await this.#nextSecond();
        this.#returnByHand(intentId, 'all');
        return;
      case 'returned in part':
        await this.#nextSecond();
        // The sum of the second part makes up for it.
        this.#lose(() => this.#returnByHand(intentId, 'part'));
        await this.#nextSecond();
        this.#returnByHand(intentId, 'part');
        return;
      case 'refund failed': {
        await this.#nextSecond();
        const refund = this.#returnByHand(intentId, 'all');
        await this.#nextSecond();
        this.#fail(refund);
        if (turn % 2 === 0) {
          await this.#nextSecond();
          this.#returnByHand(intentId, 'part');
        }
        return;
      }
      case 'disputed':
        await this.#nextSecond();
        await this.#dispute(intentId, turn);
        return;
      case 'wrong money':
        await this.#whileRefundIsDue(intentId, turn);
        return;
      default:
    }
  }

  /** Resolves when every refund that was to fail has failed. */
  async done(): Promise<void> {
    for (let known = -1; known < this.#failures.length; ) {
      known = this.#failures.length;
      await Promise.all(this.#failures);
    }
  }

  /** The service owes the payment and is about to send it. */
  async #whileRefundIsDue(intentId: string, turn: number): Promise<void> {
    switch (turn % 5) {
      case 0:
        this.#returnByHand(intentId, 'part');
        return;
      case 1:
        // A refusal makes the service look up the sum.
        this.#lose(() => this.#returnByHand(intentId, 'part'));
        return;
      case 2:
      case 3: {
        const dispute = this.#openDispute(intentId, turn % 5 === 2 ? 'all' : 'part');
        await this.#nextSecond();
        this.#close(dispute, turn % 2 === 0 ? 'lost' : 'won');
        return;
      }
      default:
        // Open to the end: the refund is held back.
        this.#openDispute(intentId, 'part');
    }
  }

  /** Open to the end, won, lost in all, lost in part, or lost and won at last. */
  async #dispute(intentId: string, turn: number): Promise<void> {
    const kind = turn % 5;
    const dispute = this.#openDispute(intentId, kind === 3 ? 'part' : 'all');
    if (kind === 0) {
      return;
    }
    await this.#nextSecond();
    this.#close(dispute, kind === 1 ? 'won' : 'lost');
    if (kind === 4) {
      await this.#nextSecond();
      this.#close(dispute, 'won');
    }
  }

  async #failLater(refundId: string): Promise<void> {
    await this.#nextSecond();
    this.#fail(this.#stripe.ledger.refunds.find(({ id }) => id === refundId) ?? null);
    this.failedLater += 1;
  }

  #fail(refund: StripeRefund | null): void {
    if (refund !== null) {
      this.#stripe.ledger.failRefund(refund.id);
    }
  }

  #close(dispute: StripeDispute | null, status: 'won' | 'lost'): void {
    if (dispute !== null) {
      this.#stripe.ledger.closeDispute(dispute, status);
    }
  }

  /** Null: nothing is left of the payment. */
  #returnByHand(intentId: string, share: 'all' | 'part'): StripeRefund | null {
    const amount = this.#shareOf(intentId, share);
    return amount === 0 ? null : this.#stripe.ledger.refundByHand(intentId, amount);
  }

  #openDispute(intentId: string, share: 'all' | 'part'): StripeDispute | null {
    const amount = this.#shareOf(intentId, share);
    return amount === 0 ? null : this.#stripe.ledger.dispute(intentId, amount);
  }

  #shareOf(intentId: string, share: 'all' | 'part'): number {
    const { ledger } = this.#stripe;
    const left = ledger.leftOf(intentId);
    if (share === 'all') {
      return left;
    }
    // Stripe counts hundredths of a króna and takes whole ones.
    const step = ledger.intents.get(intentId)?.currency === 'isk' ? 100 : 1;
    return Math.min(left, Math.max(step, Math.floor(left / 3 / step) * step));
  }

  #lose(happen: () => void): void {
    this.isLosing = true;
    happen();
    this.isLosing = false;
    this.lost += 1;
  }

  async #nextSecond(): Promise<void> {
    await pause(nextSecondMs, undefined, { signal: this.#patience });
  }
}
