import type { Insertable, Selectable } from 'kysely';
import type { Refund, RefundSend } from '../domain/refund.ts';
import type { Codec } from './dialects/dialect.ts';
import type { RefundsTable, SqlInstant } from './tables.ts';

/** Rows of refunds to values of the domain and back. */
export function refundRowMapping(codec: Codec) {
  const instant = codec.decodeInstant;
  const maybeInstant = (value: SqlInstant | null): number | null => (value === null ? null : instant(value));
  const encodeMaybe = (ms: number | null): SqlInstant | null =>
    ms === null ? null : codec.encodeInstant(ms);

  return {
    refund: (row: Selectable<RefundsTable>): Refund => ({
      id: row.id,
      paymentName: row.payment_name,
      orderId: row.order_id,
      holdId: row.hold_id,
      productId: row.product_id,
      amountMinor: row.amount_minor,
      currency: row.currency,
      reason: row.reason,
      createdAtMs: instant(row.created_at),
      attempts: row.attempts,
      attemptMinor: row.attempt_minor,
      leasedUntilMs: maybeInstant(row.leased_until),
      nextAttemptAtMs: maybeInstant(row.next_attempt_at),
      firstSentAtMs: maybeInstant(row.first_sent_at),
      providerReference: row.provider_reference,
      lastError: row.last_error,
      ...sumsOf(row, instant(row.created_at), maybeInstant(row.looked_up_at)),
    }),

    refundRow: (refund: Refund): Insertable<RefundsTable> => ({
      id: refund.id,
      payment_name: refund.paymentName,
      order_id: refund.orderId,
      hold_id: refund.holdId,
      product_id: refund.productId,
      amount_minor: refund.amountMinor,
      currency: refund.currency,
      status: refund.status,
      reason: refund.reason,
      created_at: codec.encodeInstant(refund.createdAtMs),
      attempts: refund.attempts,
      next_attempt_at: encodeMaybe(refund.nextAttemptAtMs),
      first_sent_at: encodeMaybe(refund.firstSentAtMs),
      provider_reference: refund.providerReference,
      last_error: refund.lastError,
      owed_minor: refund.owedMinor,
      returned_minor: refund.returnedMinor,
      sent_minor: refund.sentMinor,
      sends: JSON.stringify(refund.sends),
      looked_up_minor: refund.lookedUp?.minor ?? null,
      looked_up_at: encodeMaybe(refund.lookedUp?.atMs ?? null),
      attempt_minor: refund.attemptMinor,
      leased_until: encodeMaybe(refund.leasedUntilMs),
      summed_status: refund.status,
    }),
  };
}

type Sums = Pick<Refund, 'owedMinor' | 'returnedMinor' | 'sentMinor' | 'sends' | 'lookedUp' | 'status'>;

/**
 * The sums of a row. A version before these columns records a return at the provider as an amount that has succeeded, settles what is
 * owed without its sender, and makes it due again without the refund that failed. All three are read as what they stand for, also in a
 * row that a newer version has written first.
 */
function sumsOf(row: Selectable<RefundsTable>, createdAtMs: number, lookedUpAtMs: number | null): Sums {
  const { status, amount_minor: minor } = row;
  const storedMinor = row.looked_up_minor;
  const lookedUp =
    storedMinor === null || lookedUpAtMs === null ? null : { minor: storedMinor, atMs: lookedUpAtMs };
  if (row.reason === 'returned' || row.reason === 'returned_in_part') {
    const isOlder = row.owed_minor === null || minor > (row.returned_minor ?? 0);
    const sum = { minor, atMs: Math.max(createdAtMs, lookedUpAtMs ?? createdAtMs) };
    const nothing = { owedMinor: 0, sentMinor: 0, sends: [] };
    return { ...nothing, status, returnedMinor: minor, lookedUp: isOlder ? sum : lookedUp };
  }
  const owedMinor = row.owed_minor ?? minor;
  const returnedMinor = row.returned_minor ?? 0;
  const sentMinor = row.sent_minor ?? 0;
  const sends: readonly RefundSend[] = row.sends === null ? [] : JSON.parse(row.sends);
  const stored = { owedMinor, returnedMinor, sentMinor, sends, lookedUp, status };
  const leftMinor = owedMinor - returnedMinor - sentMinor;
  if (row.summed_status === status || leftMinor > 0 === (status === 'due')) {
    return stored;
  }
  return status === 'succeeded'
    ? withSend(stored, { reference: row.provider_reference, amountMinor: leftMinor, atMs: createdAtMs })
    : withoutFailed(stored, row.provider_reference);
}

function withSend(sums: Sums, send: RefundSend): Sums {
  return { ...sums, sentMinor: sums.sentMinor + send.amountMinor, sends: [...sums.sends, send] };
}

/** Due, although all of it was sent: the refund that failed is the one that the row names, else the latest. */
function withoutFailed(sums: Sums, reference: string | null): Sums {
  const failed = sums.sends.findLast((send) => send.reference === reference) ?? sums.sends.at(-1);
  if (failed === undefined) {
    return { ...sums, status: 'succeeded' };
  }
  return {
    ...sums,
    sends: sums.sends.filter((send) => send !== failed),
    sentMinor: Math.max(0, sums.sentMinor - failed.amountMinor),
  };
}
