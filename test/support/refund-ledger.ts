import type { Command } from '../../src/domain/commands.ts';
import type { IncomingPaymentEvent } from '../../src/domain/payment.ts';
import { leftToSend, type Refund } from '../../src/domain/refund.ts';
import { noonMs, orderedRows, worldOf } from './domain-state.ts';
import type { MemoryWorld } from './memory-world.ts';

/** The payment of order 500, all of which is owed back. */
const totalMinor = 239_998;
const leaseSeconds = 60;

/** Whether the provider's answer to a request arrives before the next step, later, or never. */
export type AnswerFate = 'arrives' | 'comes late' | 'is lost';

type Sent = { readonly id: string; readonly amountMinor: number; readonly atMs: number; isFailed: boolean };

/**
 * A provider with one payment that goes back, the worker that sends it, and operators who send money by hand, at the provider or past it.
 * The provider refunds at most what is left, names its refunds, and reports each sum and each failure; the reports wait to be delivered.
 */
export class RefundLedger {
  readonly world: MemoryWorld = worldOf(orderedRows('refund_due'));
  nowMs = noonMs;
  /** Sent past the provider. */
  byOperatorsMinor = 0;
  readonly #refunds: Sent[] = [];
  readonly #ofWorker = new Set<Sent>();
  readonly #reports: IncomingPaymentEvent[] = [];
  readonly #late: Command[] = [];
  #keys = 0;

  /** What the provider has returned and operators have sent past it, less what failed. */
  get backMinor(): number {
    return this.#returnedMinor + this.byOperatorsMinor;
  }

  get totalMinor(): number {
    return totalMinor;
  }

  get refund(): Refund {
    const refund = this.world.refunds.get(1);
    if (refund === undefined) {
      throw new Error('expected the refund of the payment, got none');
    }
    return refund;
  }

  /**
   * An operator returns a part at the provider, at most what is left. Of money that went past the provider the provider knows nothing, so
   * it would not refuse the same part to the worker: then the report arrives before the next attempt.
   */
  returnByHand(amountMinor: number): void {
    this.#create(Math.min(amountMinor, totalMinor - this.backMinor));
    if (this.byOperatorsMinor > 0) {
      this.deliverAll();
    }
  }

  /** The bank of the buyer refuses a refund that was sent before. */
  failRefund(nth: number): void {
    const refund = this.#refunds[nth % Math.max(1, this.#refunds.length)];
    if (refund !== undefined && !refund.isFailed) {
      refund.isFailed = true;
      this.#report({ status: 'refund_failed', amountMinor: refund.amountMinor, factId: refund.id });
    }
  }

  deliverReport(nth: number): void {
    const [event] = this.#reports.splice(nth % Math.max(1, this.#reports.length), 1);
    if (event !== undefined) {
      this.world.one({ kind: 'apply_payment_event', event }, this.nowMs);
    }
  }

  /** Delivers all that the provider has said. */
  deliverAll(): void {
    for (const command of this.#late.splice(0)) {
      this.world.one(command, this.nowMs);
    }
    while (this.#reports.length > 0) {
      this.deliverReport(0);
    }
  }

  /** One attempt of the worker. */
  send(fate: AnswerFate): void {
    const begun = this.world.one({ kind: 'begin_refund', refundId: 1, leaseSeconds }, this.nowMs);
    if (begun.kind !== 'refund_begun') {
      return;
    }
    const { attemptMinor, sends } = begun.refund;
    const unrecorded = [...this.#ofWorker].find(
      ({ id, amountMinor, isFailed }) =>
        !isFailed &&
        !sends.some(({ reference }) => reference === id) &&
        // A request that the provider may have forgotten is looked for among all of its refunds, else by its key.
        (begun.mayBeForgotten || amountMinor === attemptMinor),
    );
    const sent = unrecorded ?? this.#create(attemptMinor ?? 0);
    const answer: Command[] =
      sent === null
        ? [
            { kind: 'postpone_refund', refundId: 1, error: 'more than is left', delayMs: 1000 },
            this.#lookUp(),
          ]
        : [{ kind: 'settle_refund', refundId: 1, sent: sentOf(sent) }];
    if (sent !== null) {
      this.#ofWorker.add(sent);
    }
    if (fate === 'arrives') {
      for (const command of answer) {
        this.world.one(command, this.nowMs);
      }
    } else if (fate === 'comes late') {
      this.#late.push(...answer);
    }
  }

  /** An operator sends what the refund says is left, past the provider, and records it. Returns whether the record was accepted. */
  settleByOperator(): 'refused' | 'refund_settled' {
    const leftMinor = leftToSend(this.refund);
    const { kind } = this.world.one({ kind: 'settle_refund', refundId: 1 }, this.nowMs);
    this.byOperatorsMinor += kind === 'refund_settled' ? leftMinor : 0;
    return kind;
  }

  get #returnedMinor(): number {
    return this.#refunds.reduce((minor, row) => minor + (row.isFailed ? 0 : row.amountMinor), 0);
  }

  /** The provider counts time in seconds. */
  get #providerMs(): number {
    return Math.floor(this.nowMs / 1000) * 1000;
  }

  #lookUp(): Command {
    const sum = { returnedMinor: this.#returnedMinor, atMs: this.#providerMs };
    return { kind: 'record_returned_sum', refundId: 1, currency: 'USD', ...sum };
  }

  /** Null when more is asked for than is left at the provider. */
  #create(amountMinor: number): Sent | null {
    if (amountMinor <= 0 || amountMinor > totalMinor - this.#returnedMinor) {
      return null;
    }
    const id = `re_${this.#refunds.length}`;
    const sent = { id, amountMinor, atMs: this.#providerMs, isFailed: false };
    this.#refunds.push(sent);
    this.#report({ status: 'refunded', amountMinor: this.#returnedMinor });
    return sent;
  }

  #report(over: Pick<IncomingPaymentEvent, 'status' | 'amountMinor' | 'factId'>): void {
    this.#keys += 1;
    this.#reports.push({
      ...{ key: `evt_${this.#keys}`, orderId: null, holdId: null, reference: 'pi_first', currency: 'USD' },
      ...{ occurredAtMs: this.#providerMs, ...over },
    });
  }
}

function sentOf({ id, amountMinor, atMs }: Sent) {
  return { reference: id, amountMinor, atMs };
}
