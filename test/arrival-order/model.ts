import { type EventName, part, total } from './events.ts';

/**
 * What the contract promises for a set of events, whatever their order of arrival. It is written from the contract and shares no code with
 * the service.
 */

/** How things stand before the events arrive. `ended hold`: the hold is released after them, without an order. */
export const situations = ['pending', 'expired', 'paid', 'hold', 'ended hold'] as const;
export type Situation = (typeof situations)[number];

export type ExpectedRefund = {
  readonly amount: number;
  readonly status: 'due' | 'succeeded';
  readonly reason: 'returned' | 'returned_in_part' | 'hold_ended';
  /** Absent without any. */
  readonly returned?: number;
};

export type ExpectedDispute = {
  readonly dispute_id: string;
  readonly amount: number;
  readonly currency: 'USD';
  readonly status: 'open' | 'won' | 'lost';
};

export type Expected = {
  /** Of the order, null where there is none. */
  readonly status: 'pending' | 'expired' | 'paid' | 'refunded' | null;
  readonly refunds: readonly ExpectedRefund[];
  readonly disputes: readonly ExpectedDispute[];
};

/** What the provider still has of a payment of 100: each report replaces what earlier ones said of the same. */
export function goneBy(names: ReadonlySet<EventName>): { readonly returned: number; readonly lost: number } {
  let returned = 0;
  if (names.has('refunded in part')) {
    returned = part;
  }
  if (names.has('refunded in full')) {
    returned = total;
  }
  if (names.has('refund failed')) {
    // It failed after both sums, and a refund that is in no sum takes nothing away.
    returned = Math.max(0, returned - (total - part));
  }
  const isLost = names.has('dispute lost') && !names.has('dispute won');
  return { returned, lost: isLost ? total : 0 };
}

export function expectedEnd(names: ReadonlySet<EventName>, situation: Situation): Expected {
  if (situation !== 'paid' && !names.has('succeeded')) {
    const status = { pending: 'pending', expired: 'expired', hold: 'pending', 'ended hold': null } as const;
    return { status: status[situation], refunds: [], disputes: [] };
  }
  const { returned, lost } = goneBy(names);
  const gone = Math.min(total, returned + lost);
  const disputes = disputesOf(names);
  if (situation === 'ended hold') {
    const status = gone === total ? 'succeeded' : 'due';
    const refund = {
      amount: total,
      status,
      reason: 'hold_ended',
      ...(gone === 0 ? {} : { returned: gone }),
    } as const;
    return { status: null, refunds: [refund], disputes };
  }
  const reason = returned === total ? 'returned' : 'returned_in_part';
  const refunds = returned === 0 ? [] : [{ amount: returned, status: 'succeeded', reason } as const];
  return { status: gone === total ? 'refunded' : 'paid', refunds, disputes };
}

function disputesOf(names: ReadonlySet<EventName>): readonly ExpectedDispute[] {
  const status = names.has('dispute won')
    ? 'won'
    : names.has('dispute lost')
      ? 'lost'
      : names.has('dispute opened')
        ? 'open'
        : null;
  return status === null ? [] : [{ dispute_id: 'dp_1', amount: total, currency: 'USD', status }];
}
