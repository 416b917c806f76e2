import type { DisputeFact } from './dispute.ts';
import { isFact, type Payment, type PaymentEvent } from './payment.ts';
import type { Refund, RefundSend } from './refund.ts';

/** What the facts about one payment say, in minor units of its currency. */
export type PaymentFacts = {
  /** What refunds have returned by now, whoever sent them. At most the payment. */
  readonly returnedMinor: number;
  /** The part of it that this service or its operators have sent. */
  readonly sentMinor: number;
  /** Lost to disputes. At most the payment. */
  readonly lostMinor: number;
  /** Returned or lost, at most the payment: what of it is no longer here. */
  readonly goneMinor: number;
  /** In the order of their ids. */
  readonly disputes: readonly DisputeFact[];
};

type Timed = { readonly minor: number; readonly atMs: number };

/** What this service sent and looked up by itself; the same for a payment without a refund. */
type OwnRecords = Pick<Refund, 'sends' | 'lookedUp'>;

const noRecords: OwnRecords = { sends: [], lookedUp: null };

/**
 * Folds everything that is known of a payment's way back into sums. The result depends on the set of facts and on their times at the
 * provider, and not on the order of their arrival:
 *
 * - returned sums: the latest counts, at equal times the larger one;
 * - a refund that failed is subtracted once by its id, unless a later sum is known;
 * - what this service has sent counts on top of a sum from before it;
 * - a closed dispute beats an open one; between won and lost the later report counts, at equal times the loss.
 */
export function foldFacts(
  payment: Pick<Payment, 'name' | 'amountMinor' | 'currency'>,
  events: readonly PaymentEvent[],
  refund: OwnRecords | undefined,
): PaymentFacts {
  const { amountMinor } = payment;
  const records = refund ?? noRecords;
  const facts = events.filter((event) => isFactOf(event, payment.currency));
  const sum = latestSum(amountMinor, facts, records.lookedUp);
  const failed = failedRefunds(amountMinor, facts);

  let returned = sum?.minor ?? 0;
  const sumAtMs = sum?.atMs ?? Number.NEGATIVE_INFINITY;
  const isInSum = inSum(sum, records.sends, failed);
  for (const [id, { minor, atMs }] of failed) {
    const own = records.sends.find(({ reference }) => reference === id);
    if ((own === undefined || isInSum(own)) && atMs >= sumAtMs) {
      returned -= minor;
    }
  }
  returned = Math.max(0, returned);
  let sent = 0;
  for (const send of records.sends) {
    if (send.reference !== null && failed.has(send.reference)) {
      continue;
    }
    sent += send.amountMinor;
    returned += isInSum(send) ? 0 : send.amountMinor;
  }
  // What is known to have been sent counts also when a sum is smaller: only a failed refund takes it back.
  const returnedMinor = Math.min(amountMinor, Math.max(returned, sent));
  const disputes = foldDisputes(payment, facts);
  const lost = disputes.reduce((minor, each) => minor + (each.status === 'lost' ? each.amountMinor : 0), 0);
  const lostMinor = Math.min(amountMinor, lost);
  return {
    returnedMinor,
    sentMinor: Math.min(sent, returnedMinor),
    lostMinor,
    goneMinor: Math.min(amountMinor, returnedMinor + lostMinor),
    disputes,
  };
}

/**
 * Which of the refunds that this service has sent are in a provider's sum: those from before it. Providers count time in seconds, so one
 * of the same second is in it only if the sum is large enough. What an operator sent past the provider is in no sum.
 */
function inSum(
  sum: Timed | null,
  sends: readonly RefundSend[],
  failed: ReadonlyMap<string, Timed>,
): (send: RefundSend) => boolean {
  if (sum === null) {
    return () => false;
  }
  const until = sends.filter(({ reference, atMs }) => reference !== null && atMs <= sum.atMs);
  const live = until.filter(({ reference }) => reference === null || !failed.has(reference));
  const isLargeEnough = sum.minor >= live.reduce((minor, send) => minor + send.amountMinor, 0);
  return ({ reference, atMs }) =>
    reference !== null && (atMs < sum.atMs || (atMs === sum.atMs && isLargeEnough));
}

/** Whether nothing that the facts say of a payment differs. */
export function saysTheSame(one: PaymentFacts, other: PaymentFacts): boolean {
  return (
    one.returnedMinor === other.returnedMinor &&
    one.sentMinor === other.sentMinor &&
    one.lostMinor === other.lostMinor &&
    one.disputes.length === other.disputes.length &&
    one.disputes.every((dispute, index) => {
      const { id, status, amountMinor } = other.disputes[index] ?? dispute;
      return dispute.id === id && dispute.status === status && dispute.amountMinor === amountMinor;
    })
  );
}

/** Whether an event is a fact about money in this currency. One without an amount is about all of the payment. */
export function isFactOf(event: PaymentEvent, currency: string): boolean {
  return isFact(event) && (event.currency === null || event.currency === currency);
}

function timed(all: number, { amountMinor, occurredAtMs, receivedAtMs }: PaymentEvent): Timed {
  return { minor: amountMinor ?? all, atMs: occurredAtMs ?? receivedAtMs };
}

function latestSum(all: number, facts: readonly PaymentEvent[], lookedUp: Timed | null): Timed | null {
  const sums = facts.filter(({ status }) => status === 'refunded').map((event) => timed(all, event));
  return [...sums, ...(lookedUp === null ? [] : [lookedUp])].reduce<Timed | null>(
    (latest, each) => (latest === null || isLater(each, latest) ? each : latest),
    null,
  );
}

/** The later of two amounts, at equal times the larger one. */
function isLater(each: Timed, known: Timed): boolean {
  return each.atMs > known.atMs || (each.atMs === known.atMs && each.minor > known.minor);
}

/** Each failed refund once, by its id. */
function failedRefunds(all: number, facts: readonly PaymentEvent[]): ReadonlyMap<string, Timed> {
  const failed = new Map<string, Timed>();
  for (const event of facts) {
    if (event.status === 'refund_failed') {
      const id = event.factId ?? event.key;
      const each = timed(all, event);
      const known = failed.get(id);
      if (known === undefined || isLater(each, known)) {
        failed.set(id, each);
      }
    }
  }
  return failed;
}

const disputeStatus = { disputed: 'open', dispute_won: 'won', dispute_lost: 'lost' } as const;
/** Of two reports at the same time the one that costs more counts. */
const weight = { open: 0, won: 1, lost: 2 } as const;

/** Where a provider names no dispute, a payment has one, and the payment's name stands for it. */
function foldDisputes(
  { name, amountMinor: all }: Pick<Payment, 'name' | 'amountMinor'>,
  facts: readonly PaymentEvent[],
): readonly DisputeFact[] {
  const found = new Map<string, DisputeFact & { readonly atMs: number }>();
  for (const event of facts) {
    if (event.status === 'refunded' || event.status === 'refund_failed' || !isFact(event)) {
      continue;
    }
    const { minor, atMs } = timed(all, event);
    const id = event.factId ?? name;
    const each = { id, amountMinor: minor, status: disputeStatus[event.status], atMs };
    const known = found.get(id);
    if (known === undefined || isStronger(each, known)) {
      found.set(id, each);
    }
  }
  return [...found.values()]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, amountMinor, status }) => ({ id, amountMinor, status }));
}

function isStronger(
  each: DisputeFact & { readonly atMs: number },
  known: DisputeFact & { readonly atMs: number },
): boolean {
  const [closes, closed] = [each.status !== 'open', known.status !== 'open'];
  if (closes !== closed) {
    return closes;
  }
  if (each.atMs !== known.atMs) {
    return each.atMs > known.atMs;
  }
  return weight[each.status] === weight[known.status]
    ? each.amountMinor > known.amountMinor
    : weight[each.status] > weight[known.status];
}
