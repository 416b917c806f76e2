/**
 * The seven events that one payment of 100.00 USD can produce, as a generic provider reports them. The order of the provider's times is
 * that of this list; the order of arrival is what the test varies.
 */
export const eventNames = [
  'succeeded',
  'refunded in part',
  'refunded in full',
  'refund failed',
  'dispute opened',
  'dispute lost',
  'dispute won',
] as const;

export type EventName = (typeof eventNames)[number];

export const total = 100;
export const part = 40;

const base = Date.UTC(2030, 0, 1, 12);
const at = (minute: number) => ({ occurred_at: new Date(base + minute * 60_000).toISOString() });
const usd = (amount: number) => ({ amount, currency: 'USD' });
const dispute = { dispute_id: 'dp_1', ...usd(total) };

/** What each event says, beside its key, its order or hold, and the reference of the payment. */
export const eventBodies: Readonly<Record<EventName, Readonly<Record<string, unknown>>>> = {
  succeeded: { status: 'paid', ...usd(total) },
  'refunded in part': { status: 'refunded', ...usd(part), ...at(1) },
  'refunded in full': { status: 'refunded', ...usd(total), ...at(2) },
  // The second refund, which made the part the whole.
  'refund failed': { status: 'refund_failed', refund_id: 're_2', ...usd(total - part), ...at(3) },
  'dispute opened': { status: 'disputed', ...dispute, ...at(4) },
  'dispute lost': { status: 'dispute_lost', ...dispute, ...at(5) },
  'dispute won': { status: 'dispute_won', ...dispute, ...at(6) },
};

/** How many events arrive at most. */
export const arrivalsMax = 4;

/** Every order of every subset of at most four events. */
export function sequences(length = 0): readonly (readonly EventName[])[] {
  return length > arrivalsMax ? [] : [...ordersOf(length, eventNames), ...sequences(length + 1)];
}

function ordersOf(length: number, names: readonly EventName[]): readonly (readonly EventName[])[] {
  return length === 0
    ? [[]]
    : names.flatMap((name) =>
        ordersOf(
          length - 1,
          names.filter((other) => other !== name),
        ).map((rest) => [name, ...rest]),
      );
}
