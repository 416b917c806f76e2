/**
 * The seven events that one payment of 100.00 USD can produce. Every order of every subset of at most four of them is a sequence.
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
/** The events that report what became of the payment later. */
export type FactName = Exclude<EventName, 'succeeded'>;

export const total = 100;
export const part = 40;
export const currency = 'USD';

/** How many events arrive at most. */
export const arrivalsMax = 4;

/** Every order of every subset of at most four events, those of no event at first. */
export function sequences(length = 0): readonly (readonly EventName[])[] {
  return length > arrivalsMax ? [] : [...ordersOf(length, eventNames), ...sequences(length + 1)];
}

/** Each set of events once, small ones first, its events in the order of `eventNames`. */
export function subsets(): readonly ReadonlySet<EventName>[] {
  const sets = new Map<string, ReadonlySet<EventName>>();
  for (const names of sequences()) {
    const set = new Set(eventNames.filter((name) => names.includes(name)));
    sets.set([...set].join(), set);
  }
  return [...sets.values()];
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
