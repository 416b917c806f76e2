import { referenceIn } from '../domain/payment.ts';
import type { Refund } from '../domain/refund.ts';
import type { CommandSink } from '../engine/answer.ts';
import { type PaymentProvider, ProviderError, type SentRefund } from '../payments/payment-provider.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { inParallel } from './in-parallel.ts';
import type { RunOnce } from './worker.ts';

const refundsPerRound = 100;
const restMs = 1_000;
/** Requests to the provider at a time. */
const requestsMax = 8;
/** How long the provider may take for one refund. */
const answerMs = 20_000;
/** How long nobody else sends a refund that somebody has begun to send. Longer than the request may take. */
const leaseSeconds = 60;

/**
 * Pauses between two attempts, doubled each time. What the provider did not answer may be over in a moment; what it refused is most likely
 * refused again until somebody has looked at it; what it works on it tells of by itself.
 */
const pauses = {
  unavailable: { firstMs: 1_000, longestMs: 15 * 60_000 },
  refused: { firstMs: 60_000, longestMs: 6 * 3_600_000 },
  pending: { firstMs: 6 * 3_600_000, longestMs: 6 * 3_600_000 },
} as const;

export type RefundSending = {
  readonly reader: Pick<StoreReader, 'refundsToSend'>;
  readonly engine: CommandSink;
  readonly provider: Pick<PaymentProvider, 'sendRefund' | 'lookUpReturned'>;
  /** Ends requests that are under way. */
  readonly stopping: AbortSignal;
  /** Another limit for one request than the usual one, in ms. */
  readonly answerMs?: number;
};

/**
 * Sends the money of due refunds back through the provider, each until it is confirmed:
 *
 *     due ──▶ begun ──▶ settled
 *      ▲        │
 *      └────────┘ postponed: no answer, refused, or not finished there yet
 *
 * That a refund is being sent is written down first. After a crash between that and the answer it is sent again when its lease is over,
 * under the same key, so that the provider knows it is the same refund. Several workers never send one refund at the same time.
 */
export function refundRound(sending: RefundSending): RunOnce {
  return async () => {
    const due = await sending.reader.refundsToSend(refundsPerRound);
    await inParallel(due, requestsMax, (refund) => send(sending, refund));
    return due.length === refundsPerRound ? 0 : restMs;
  };
}

async function send(sending: RefundSending, { id: refundId }: Refund): Promise<void> {
  const { engine, stopping } = sending;
  if (stopping.aborted) {
    return;
  }
  const { outcome } = await engine.submit({ kind: 'begin_refund', refundId, leaseSeconds });
  if (outcome.kind !== 'refund_begun') {
    assertDecided(outcome, refundId);
    return;
  }
  const { refund, mayBeForgotten } = outcome;
  const sent = await request(sending, refund, mayBeForgotten);
  if (sent instanceof ProviderError) {
    await postpone(sending, refund, sent.kind, { error: sent.message });
    if (sent.kind === 'refused') {
      await recordReturnedSum(sending, refund);
    }
  } else if (sent.status === 'succeeded') {
    const { reference, amountMinor, createdAtMs: atMs } = sent;
    const settled = await engine.submit({
      kind: 'settle_refund',
      refundId,
      sent: { reference, amountMinor, atMs },
    });
    assertDecided(settled.outcome, refundId);
  } else if (sent.status === 'pending') {
    await postpone(sending, refund, 'pending', { error: null, providerReference: sent.reference });
  } else {
    await postpone(sending, refund, 'refused', {
      error: 'the provider could not send it',
      providerReference: sent.reference,
    });
  }
}

async function request(
  { provider, stopping, answerMs: limitMs = answerMs }: RefundSending,
  refund: Refund,
  mayBeForgotten: boolean,
): Promise<SentRefund | ProviderError> {
  const { id: refundId, owedMinor, attemptMinor, currency, sends } = refund;
  const paymentReference = referenceIn(refund.paymentName);
  if (paymentReference === null || attemptMinor === null) {
    return new ProviderError('refused', 'the payment has no reference of a provider');
  }
  const knownReferences = sends.flatMap(({ reference }) => (reference === null ? [] : [reference]));
  try {
    return await provider.sendRefund(
      {
        refundId,
        paymentReference,
        amountMinor: attemptMinor,
        owedMinor,
        currency,
        knownReferences,
        mayBeForgotten,
      },
      AbortSignal.any([stopping, AbortSignal.timeout(limitMs)]),
    );
  } catch (error) {
    if (error instanceof ProviderError) {
      return error;
    }
    throw error;
  }
}

/**
 * A refusal may mean that a part of the payment was returned by hand, and the provider's notification is lost or late. With the sum
 * recorded, the next attempt sends the difference.
 */
async function recordReturnedSum(
  { engine, provider, stopping, answerMs: limitMs = answerMs }: RefundSending,
  { id: refundId, paymentName }: Refund,
): Promise<void> {
  const reference = referenceIn(paymentName);
  if (reference === null) {
    return;
  }
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(limitMs)]);
  const sum = await provider.lookUpReturned(reference, signal).catch((error: unknown) => {
    if (error instanceof ProviderError) {
      return null; // The next refusal asks again.
    }
    throw error;
  });
  if (sum === null) {
    return;
  }
  const { minor: returnedMinor, currency, atMs } = sum;
  const { outcome } = await engine.submit({
    kind: 'record_returned_sum',
    refundId,
    returnedMinor,
    currency,
    atMs,
  });
  assertDecided(outcome, refundId);
}

async function postpone(
  { engine }: RefundSending,
  refund: Refund,
  why: keyof typeof pauses,
  given: { readonly error: string | null; readonly providerReference?: string },
): Promise<void> {
  const { firstMs, longestMs } = pauses[why];
  // With jitter, so that refunds which failed together do not come back together.
  const delayMs = Math.min(longestMs, firstMs * 2 ** (refund.attempts - 1)) * (0.5 + Math.random() / 2);
  const { outcome } = await engine.submit({
    kind: 'postpone_refund',
    refundId: refund.id,
    delayMs: Math.round(delayMs),
    ...given,
  });
  assertDecided(outcome, refund.id);
}

/** The round fails when the engine could not write, so that it is reported; what was begun is sent again after its lease. */
function assertDecided(
  outcome: { readonly kind: string; readonly code?: string; readonly cause?: unknown },
  refundId: number,
): void {
  if (outcome.kind === 'failed') {
    throw new Error(`refund ${refundId} was not written down: ${outcome.code}`, { cause: outcome.cause });
  }
}
