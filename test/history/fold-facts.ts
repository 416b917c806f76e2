import type { Books } from './history.ts';

type Event = Books['events'][number];

/** What is no longer here of a payment, by what its provider reported. The auditor's own reckoning, without the rules of the service. */
export type Gone = {
  /** By refunds at the provider. */
  readonly returnedMinor: number;
  readonly lostMinor: number;
};

/**
 * Replays the reports of one payment in the order of the provider's times, as if each had arrived at once. What is reported of the same
 * instant is taken in the order that costs most.
 */
export function goneOf(events: readonly Event[], totalMinor: number): Gone {
  const amountOf = (event: Event) => event.amountMinor ?? totalMinor;
  const timeOf = (event: Event) => event.occurredAtMs ?? event.receivedAtMs;
  const ascending = (a: Event, b: Event) => timeOf(a) - timeOf(b) || amountOf(a) - amountOf(b);
  const sums = events.filter(({ status }) => status === 'refunded').sort(ascending);
  const last = sums.at(-1);
  let returnedMinor = last === undefined ? 0 : amountOf(last);
  const failures = Map.groupBy(
    events.filter(({ status }) => status === 'refund_failed'),
    ({ factId, key }) => factId ?? key,
  );
  for (const reports of failures.values()) {
    // The same refund fails once: its latest report counts.
    const report = reports.toSorted(ascending).at(-1);
    if (report !== undefined && (last === undefined || timeOf(report) >= timeOf(last))) {
      returnedMinor -= amountOf(report);
    }
  }
  const disputes = Map.groupBy(
    events.filter(({ status }) => status === 'dispute_won' || status === 'dispute_lost'),
    ({ factId }) => factId,
  );
  let lostMinor = 0;
  for (const reports of disputes.values()) {
    const end = reports
      .toSorted((a, b) => timeOf(a) - timeOf(b) || costOf(a) - costOf(b) || amountOf(a) - amountOf(b))
      .at(-1);
    lostMinor += end?.status === 'dispute_lost' ? amountOf(end) : 0;
  }
  return {
    returnedMinor: Math.min(totalMinor, Math.max(0, returnedMinor)),
    lostMinor: Math.min(totalMinor, lostMinor),
  };
}

function costOf({ status }: Event): number {
  return status === 'dispute_lost' ? 1 : 0;
}
