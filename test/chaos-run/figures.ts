import { type Exchange, isAcknowledged } from '../history/history.ts';
import type { SaleFigures } from '../proof/kept-figures.ts';
import type { Round } from './round.ts';

/** What was counted in one arrangement, all of its rounds together. */
export type Figures = {
  readonly arrangement: string;
  readonly counts: Readonly<Record<CountName, number>>;
  /** By kind. */
  readonly faults: Readonly<Record<string, number>>;
};

/**
 * - `stormSeconds`: with buyers and faults, without starts and rests
 * - `requests`: those that were sent again included
 * - `acknowledged`: requests with an answer that says that something is done
 * - `unknown`: requests that were never answered, so that nobody knows whether they took place
 * - `lost` and those behind it: how often a promise was broken
 */
export type CountName =
  | 'rounds'
  | 'stormSeconds'
  | RequestCountName
  | 'paymentsFulfilled'
  | 'paymentsRefunded'
  | BrokenCountName;
type RequestCountName = 'requests' | 'acknowledged' | 'unknown';
type BrokenCountName =
  | 'lost'
  | 'oversold'
  | 'secondEffects'
  | 'wrongMoney'
  | 'wrongAnswers'
  | 'wrongAccounts';

export function figuresOf({ arrangement, stormMs, faults, history, broken }: Round): Figures {
  const { events, refunds } = history.books;
  const fulfilled = events.filter(({ status, result }) => status === 'paid' && result === 'processed');
  return {
    arrangement,
    faults: Object.fromEntries(faults),
    counts: {
      rounds: 1,
      stormSeconds: Math.round(stormMs / 1000),
      ...requestCounts(history.exchanges),
      paymentsFulfilled: fulfilled.length,
      paymentsRefunded: refunds.filter(({ status }) => status === 'succeeded').length,
      lost: broken.lost.length,
      oversold: broken.oversold.length,
      secondEffects: broken.effects.length,
      wrongMoney: broken.money.length,
      wrongAnswers: broken.answers.length,
      wrongAccounts: broken.accounts.length,
    },
  };
}

export function requestCounts(exchanges: readonly Exchange[]): Readonly<Record<RequestCountName, number>> {
  let [acknowledged, unknown] = [0, 0];
  for (const { answered } of exchanges) {
    unknown += answered === null ? 1 : 0;
    acknowledged += answered !== null && isAcknowledged(answered.reply) ? 1 : 0;
  }
  return { requests: exchanges.length, acknowledged, unknown };
}

/** Those of the same arrangement become one, in the order of their first rounds. */
export function byArrangement(all: readonly Figures[]): readonly Figures[] {
  return [...Map.groupBy(all, ({ arrangement }) => arrangement).values()].map((its) =>
    its.reduce((one, other) => ({
      arrangement: one.arrangement,
      counts: added(one.counts, other.counts),
      faults: added(one.faults, other.faults),
    })),
  );
}

function added<Name extends string>(
  one: Readonly<Record<Name, number>>,
  other: Readonly<Record<Name, number>>,
): Readonly<Record<Name, number>> {
  const sums: Record<Name, number> = { ...one };
  for (const [name, count] of Object.entries(other) as [Name, number][]) {
    sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

export function faultsIn({ faults }: Figures): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

/** All arrangements together. */
export function saleFigures(all: readonly Figures[]): SaleFigures & { readonly rounds: number } {
  const sum = (...names: readonly CountName[]): number =>
    all.reduce((total, { counts }) => names.reduce((more, name) => more + counts[name], total), 0);
  return {
    rounds: sum('rounds'),
    requests: sum('requests'),
    acknowledged: sum('acknowledged'),
    faults: all.reduce((total, each) => total + faultsIn(each), 0),
    lost: sum('lost'),
    oversold: sum('oversold'),
    otherwise: sum('secondEffects', 'wrongMoney', 'wrongAnswers', 'wrongAccounts'),
  };
}
