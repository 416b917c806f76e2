import type { PaymentIntent } from '../domain/payment-intent.ts';
import type { CommandSink } from '../engine/answer.ts';
import { type IntentState, type PaymentProvider, ProviderError } from '../payments/payment-provider.ts';
import type { StoreReader } from '../store/store-reader.ts';
import { inParallel } from './in-parallel.ts';
import type { RunOnce } from './worker.ts';

/** An order is asked for from this long before its deadline on. */
const askAheadMs = 15_000;
/** How long until an order that was not paid is asked for again. */
const askAgainMs = 4_000;
const restMs = 1_000;
/** Rows that one round looks at, and those of them that it asks the provider for. */
const rowsPerRound = 1_000;
const intentsPerRound = 100;
/** Requests to the provider at a time. */
const requestsMax = 20;
/** How long the provider may take for one. */
const answerMs = 5_000;
/** Pauses between two attempts to close a payment, doubled each time. */
const closeFirstPauseMs = 1_000;
const closeLongestPauseMs = 5 * 60_000;
/** A payment that the provider refuses to close this often is left to itself: if it is made after all, it is a late one. */
const refusalsMax = 8;

export type IntentWork = {
  readonly reader: Pick<StoreReader, 'intentsToAsk' | 'intentsToClose' | 'nowMs'>;
  readonly engine: CommandSink;
  readonly provider: PaymentProvider;
  /** Ends requests that are under way. */
  readonly stopping: AbortSignal;
  /** Told of a request that failed and is tried again, or given up. */
  readonly failed: (intent: PaymentIntent, error: ProviderError) => void;
  /** Another limit for one request than the usual one, in ms. */
  readonly answerMs?: number;
};

/**
 * Asks the provider for payments of orders that are about to expire: the event that tells of one may have been lost. What is paid is
 * applied like such an event. The deadline stays where it is, whatever the provider takes to answer.
 */
export function intentAskingRound(work: IntentWork): RunOnce {
  let askedAtMs = new Map<number, number>();
  return async () => {
    const nowMs = work.reader.nowMs();
    const due = await work.reader.intentsToAsk(nowMs + askAheadMs, rowsPerRound);
    askedAtMs = ofThese(due, askedAtMs);
    const toAsk = due
      .filter(({ provider }) => provider === work.provider.name)
      .filter(({ orderId }) => (askedAtMs.get(orderId) ?? 0) <= nowMs - askAgainMs)
      .slice(0, intentsPerRound);
    await inParallel(toAsk, requestsMax, async (intent) => {
      askedAtMs.set(intent.orderId, work.reader.nowMs());
      const state = await request(work, intent, (signal) =>
        work.provider.lookUpIntent(intent.reference, signal),
      );
      if (typeof state === 'object' && state.status === 'paid') {
        await applyPayment(work.engine, intent, state);
      }
    });
    return toAsk.length === intentsPerRound ? 0 : restMs;
  };
}

/**
 * Closes the payments of orders that have ended, so that nobody pays for them. One that was paid in the meantime is applied like any late
 * payment. The row is closed after the provider's answer: after a crash in between the provider is asked again, and says that it is closed.
 */
export function intentClosingRound(work: IntentWork): RunOnce {
  let attempts = new Map<number, { readonly count: number; readonly againAtMs: number }>();
  return async () => {
    const ended = await work.reader.intentsToClose(rowsPerRound);
    attempts = ofThese(ended, attempts);
    const nowMs = performance.now();
    const toClose = ended
      .filter(({ provider }) => provider === work.provider.name)
      .filter(({ orderId }) => (attempts.get(orderId)?.againAtMs ?? 0) <= nowMs)
      .slice(0, intentsPerRound);
    await inParallel(toClose, requestsMax, async (intent) => {
      const { orderId } = intent;
      const count = (attempts.get(orderId)?.count ?? 0) + 1;
      const pauseMs = Math.min(closeLongestPauseMs, closeFirstPauseMs * 2 ** (count - 1));
      attempts.set(orderId, { count, againAtMs: performance.now() + pauseMs });
      await close(work, intent, count);
    });
    return toClose.length === intentsPerRound ? 0 : restMs;
  };
}

async function close(work: IntentWork, intent: PaymentIntent, attempt: number): Promise<void> {
  const { provider, engine } = work;
  const state = await request(work, intent, (signal) => provider.cancelIntent(intent.reference, signal));
  const isGivenUp = state === 'refused' && attempt >= refusalsMax;
  const hasEnded = typeof state === 'object' && state.status !== 'open';
  if (!isGivenUp && !hasEnded) {
    return;
  }
  if (hasEnded && state.status === 'paid') {
    await applyPayment(engine, intent, state);
  }
  const { outcome } = await engine.submit({ kind: 'close_payment_intent', orderId: intent.orderId });
  assertDecided(outcome, intent.orderId);
}

/** What is remembered of these orders. The rest has been done, here or by another process, so the memory does not grow. */
function ofThese<Value>(
  intents: readonly PaymentIntent[],
  remembered: ReadonlyMap<number, Value>,
): Map<number, Value> {
  const orderIds = new Set(intents.map(({ orderId }) => orderId));
  return new Map([...remembered].filter(([orderId]) => orderIds.has(orderId)));
}

/** What the provider says of a payment, or how it said nothing. */
async function request(
  { stopping, failed, answerMs: limitMs = answerMs }: IntentWork,
  intent: PaymentIntent,
  ask: (signal: AbortSignal) => Promise<IntentState>,
): Promise<IntentState | ProviderError['kind']> {
  if (stopping.aborted) {
    return 'unavailable';
  }
  try {
    return await ask(AbortSignal.any([stopping, AbortSignal.timeout(limitMs)]));
  } catch (error) {
    if (!(error instanceof ProviderError)) {
      throw error;
    }
    if (!stopping.aborted) {
      failed(intent, error);
    }
    return error.kind;
  }
}

/** The provider's event of the same payment may come as well, before or after: one payment is settled once. */
async function applyPayment(
  engine: CommandSink,
  { provider, reference, orderId, holdId }: PaymentIntent,
  { amountMinor, currency }: Extract<IntentState, { status: 'paid' }>,
): Promise<void> {
  const { outcome } = await engine.submit({
    kind: 'apply_payment_event',
    event: {
      key: `${provider}:${reference}:paid`,
      orderId,
      holdId,
      status: 'paid',
      amountMinor,
      currency,
      reference,
    },
  });
  if (outcome.kind === 'refused' || outcome.kind === 'failed') {
    throw new Error(`the payment of order ${orderId} was not applied: ${outcome.code}`);
  }
}

/** The round fails when the engine could not write, so that it is reported; the next one finds the same rows. */
function assertDecided(outcome: { readonly kind: string; readonly code?: string }, orderId: number): void {
  if (outcome.kind === 'failed') {
    throw new Error(`the payment of order ${orderId} was not closed: ${outcome.code}`);
  }
}
