import { currency, type EventName, type FactName, total } from './events.ts';
import type { Fact, Variant } from './variants.ts';

/**
 * What the contract promises for a set of events, in whatever order they arrive. It is written from the contract and shares no code with the
 * service. The amounts are whole dollars, so sums are exact.
 */

/**
 * How things stand before the events arrive. `paid`: by the payment that the events are about. `paid by another`: by a payment that no event is
 * about, and both payments have references. `paid without a reference`: by a payment that may be the same money. `hold`: `POST /orders` comes after the events or between them. `ended hold`: the hold is released instead.
 */
export const situations = [
  ...(['pending', 'failed', 'cancelled', 'expired'] as const),
  ...(['paid', 'paid by another', 'paid without a reference', 'hold', 'ended hold'] as const),
] as const;
export type Situation = (typeof situations)[number];

/** Those that the contract names. `failed` and `cancelled` are decided by the same row as `expired`. The one without a reference is rare. */
export const mainSituations = [
  ...(['pending', 'expired', 'paid', 'paid by another', 'hold', 'ended hold'] as const),
] as const satisfies readonly Situation[];

export type ExpectedRefund = {
  readonly amount: number;
  readonly status: 'due' | 'succeeded';
  readonly reason: 'returned' | 'returned_in_part' | 'second_payment' | 'hold_ended';
  /** What went back by other ways, of a refund that this service owes. Absent without any. */
  readonly returned?: number;
};

export type ExpectedDispute = {
  readonly dispute_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: 'open' | 'won' | 'lost';
};

export type End = {
  /** Of the order, null where there is none. */
  readonly status: 'pending' | 'failed' | 'cancelled' | 'expired' | 'paid' | 'refunded' | null;
  readonly refunds: readonly ExpectedRefund[];
  readonly disputes: readonly ExpectedDispute[];
};

/** What waits for a worker or for a person. */
export type Waiting = {
  readonly refundsDue: number;
  /** Those of them that the worker holds back until their dispute ends. */
  readonly refundsUnderDispute: number;
  readonly openDisputes: number;
  readonly possibleSecondPayments: number;
  /** Refund and dispute events whose payment is unknown. */
  readonly factsParked: number;
};

export type Case = { readonly variant: Variant; readonly situation: Situation };

const isFactName = (name: EventName): name is FactName => name !== 'succeeded';

function factsOf(names: ReadonlySet<EventName>, { facts }: Variant): readonly Fact[] {
  return [...names].filter(isFactName).map((name) => facts[name]);
}

/** The latest sum counts, at equal times the larger one. A failed refund is subtracted unless a sum is later than it. */
function returnedBy(facts: readonly Fact[]): number {
  const sums = facts.filter(({ status }) => status === 'refunded');
  const latest = Math.max(...sums.map(({ minute }) => minute));
  const sum = Math.max(0, ...sums.filter(({ minute }) => minute === latest).map(amountOf));
  const failed = facts.filter(({ status, minute }) => status === 'refund_failed' && minute >= latest);
  return Math.max(0, sum - failed.map(amountOf).reduce((all, amount) => all + amount, 0));
}

function amountOf({ amount }: Fact): number {
  return amount ?? total;
}

function disputesBy(facts: readonly Fact[]): readonly ExpectedDispute[] {
  const disputes = facts.filter(({ status }) => status.startsWith('dispute'));
  const ids = [...new Set(disputes.map(({ id }) => id ?? ''))].sort();
  return ids.map((id) => {
    const reports = disputes.filter((fact) => fact.id === id);
    return { dispute_id: id, amount: amountOf(reports[0] as Fact), currency, status: statusBy(reports) };
  });
}

/** The end counts more than the beginning, the later end more than the earlier one, and at equal times the loss. */
function statusBy(reports: readonly Fact[]): ExpectedDispute['status'] {
  const timeOf = (status: Fact['status']) => reports.find((fact) => fact.status === status)?.minute;
  const [lostAt, wonAt] = [timeOf('dispute_lost'), timeOf('dispute_won')];
  if (lostAt === undefined && wonAt === undefined) {
    return 'open';
  }
  return wonAt === undefined || (lostAt !== undefined && lostAt >= wonAt) ? 'lost' : 'won';
}

/** What has become of the payment at its provider, by these events. */
function fateBy(names: ReadonlySet<EventName>, ofCase: Case) {
  const facts = isAttached(names, ofCase) ? factsOf(names, ofCase.variant) : [];
  const returned = Math.min(total, returnedBy(facts));
  const disputes = disputesBy(facts);
  const lost = disputes
    .filter(({ status }) => status === 'lost')
    .reduce((sum, { amount }) => sum + amount, 0);
  return { returned, disputes, gone: Math.min(total, returned + lost) };
}

/**
 * Whether the facts have their payment: the one with their reference, otherwise the one that bought the order. So facts without a reference
 * never have one where a hold ended without an order.
 */
function isAttached(names: ReadonlySet<EventName>, { variant, situation }: Case): boolean {
  switch (situation) {
    case 'paid':
      return true;
    case 'paid by another':
    case 'paid without a reference':
      return !variant.hasReference || names.has('succeeded');
    case 'ended hold':
      return variant.hasReference && names.has('succeeded');
    default:
      return names.has('succeeded');
  }
}

const unpaidStatus = {
  ...{ pending: 'pending', failed: 'failed', cancelled: 'cancelled', expired: 'expired', hold: 'pending' },
  ...{ paid: 'paid', 'paid by another': 'paid', 'paid without a reference': 'paid', 'ended hold': null },
} as const satisfies Record<Situation, End['status']>;

export function expectedEnd(names: ReadonlySet<EventName>, ofCase: Case): End {
  const { returned, disputes, gone } = fateBy(names, ofCase);
  const owed = owedReason(names, ofCase);
  const back = gone === 0 ? {} : { returned: gone };
  const part = returned === total ? 'returned' : 'returned_in_part';
  const refunds: readonly ExpectedRefund[] =
    owed !== null
      ? [{ amount: total, status: gone === total ? 'succeeded' : 'due', reason: owed, ...back }]
      : returned > 0
        ? [{ amount: returned, status: 'succeeded', reason: part }]
        : [];
  const status = gone === total ? 'refunded' : 'paid';
  return { status: buysOrder(names, ofCase) ? status : unpaidStatus[ofCase.situation], refunds, disputes };
}

/** Whether the payment that the facts are about is the one for which the order was, or could have been, fulfilled. */
function buysOrder(names: ReadonlySet<EventName>, { variant, situation }: Case): boolean {
  switch (situation) {
    case 'paid':
      return true;
    case 'paid by another':
    case 'paid without a reference':
      return !variant.hasReference;
    case 'ended hold':
      return false;
    default:
      return names.has('succeeded');
  }
}

/** Why the reported payment is to go back; null: it buys the order, or it is not there. */
function owedReason(names: ReadonlySet<EventName>, { variant, situation }: Case) {
  if (!names.has('succeeded')) {
    return null;
  }
  if (situation === 'ended hold') {
    return 'hold_ended';
  }
  return situation === 'paid by another' && variant.hasReference ? 'second_payment' : null;
}

export function expectedWaiting(names: ReadonlySet<EventName>, ofCase: Case): Waiting {
  const { refunds, disputes } = expectedEnd(names, ofCase);
  const due = refunds.some(({ status }) => status === 'due');
  const open = disputes.filter(({ status }) => status === 'open').length;
  return {
    refundsDue: Number(due),
    refundsUnderDispute: Number(due && open > 0),
    openDisputes: open,
    possibleSecondPayments: Number(isFlagged(names, ofCase)),
    factsParked: isAttached(names, ofCase) ? 0 : factsOf(names, ofCase.variant).length,
  };
}

/** Whether the event reports money that the order may have already. Once all of it has gone, an operator has nothing to decide. */
function isFlagged(names: ReadonlySet<EventName>, ofCase: Case): boolean {
  const { variant, situation } = ofCase;
  if (!names.has('succeeded')) {
    return false;
  }
  if (!variant.hasReference) {
    return wasPaid(situation);
  }
  return situation === 'paid without a reference' && fateBy(names, ofCase).gone < total;
}

function wasPaid(situation: Situation): boolean {
  return ['paid', 'paid by another', 'paid without a reference'].includes(situation);
}

/**
 * Whether the units are sold in the end. This alone depends on the order of arrival: some of the payment has to be there at a moment when the
 * order is there too.
 * @param stepAt how many events come before the order of a hold
 */
export function sellsUnits(names: readonly EventName[], stepAt: number, ofCase: Case): boolean {
  const { situation } = ofCase;
  if (situation === 'ended hold') {
    return false;
  }
  if (wasPaid(situation)) {
    return true;
  }
  const first = situation === 'hold' ? Math.max(1, stepAt) : 1;
  const moments = names.map((_, index) => new Set(names.slice(0, index + 1))).slice(first - 1);
  return moments.some((known) => known.has('succeeded') && fateBy(known, ofCase).gone < total);
}
