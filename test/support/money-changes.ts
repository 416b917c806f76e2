import type { Command } from '../../src/domain/commands.ts';
import type { Dispute } from '../../src/domain/dispute.ts';
import type { Order } from '../../src/domain/order.ts';
import type { FactStatus, Payment } from '../../src/domain/payment.ts';
import type { Refund } from '../../src/domain/refund.ts';
import type { Changes, State } from '../../src/domain/state.ts';
import { aPayment, applyEvent, aSettledRefund, noonMs, orderedRows, worldOf } from './domain-state.ts';
import { reportFact } from './fact-events.ts';
import type { Rows } from './memory-world.ts';

/** What a batch about money of order 500 loaded and is about to write, for tests that make one row of it wrong. */
export type Decided = { readonly state: State; readonly changes: Changes };

/** Decides the commands of one batch, after `before` in a batch of its own. */
export function decided(rows: Rows, commands: readonly Command[], before: readonly Command[] = []): Decided {
  const world = worldOf(rows);
  world.submit(before, noonMs - 10);
  const state = world.load(commands, noonMs);
  return { state, changes: world.decide(state, commands).changes };
}

const total = 239_998;
const fact = (status: FactStatus, amountMinor: number | null = null, occurredAtMs = noonMs) =>
  reportFact(status, { amountMinor, occurredAtMs, currency: 'USD' });
const sent = { reference: 're_1', amountMinor: total, atMs: noonMs - 50 };
const flaggedRows = {
  ...orderedRows('paid'),
  payments: [aPayment({ name: 'key:evt_0' }), aPayment({ decision: 'flagged', settlement: 'flagged' })],
};

export const returnedInPart = () => decided(orderedRows('paid'), [fact('refunded', 1000)]);
export const returnedMore = () =>
  decided(orderedRows('paid'), [fact('refunded', 2000)], [fact('refunded', 1000, noonMs - 10)]);
export const returned = () => decided(orderedRows('paid'), [fact('refunded')]);
export const returnedEarly = () =>
  decided(orderedRows('pending'), [applyEvent({ reference: 'pi_first' })], [fact('refunded')]);
export const returnedFlagged = () => decided(flaggedRows, [fact('refunded')]);
export const disputed = () => decided(orderedRows('paid'), [fact('disputed')]);
export const lost = () => decided(orderedRows('paid'), [fact('dispute_lost')]);
export const fulfilled = () => decided(orderedRows('pending'), [applyEvent()]);
export const owed = () => decided(orderedRows('paid'), [applyEvent()]);
export const settled = () => decided(orderedRows('refund_due'), [{ kind: 'settle_refund', refundId: 1 }]);
export const reopened = () =>
  decided({ ...orderedRows('refunded'), refunds: [aSettledRefund({ sends: [sent] })] }, [
    reportFact('refund_failed', { factId: 're_1' }),
  ]);

type Table = 'refunds' | 'payments' | 'orders' | 'disputes';

/** The same with every row of a table changed. */
export function but(
  { state, changes }: Decided,
  table: Table,
  over: Partial<Refund> | Partial<Payment> | Partial<Order> | Partial<Dispute>,
): Decided {
  const replaced = (rows: readonly object[]) => rows.map((row) => ({ ...row, ...over }));
  const { inserted, updated } = changes[table];
  return {
    state,
    changes: { ...changes, [table]: { inserted: replaced(inserted), updated: replaced(updated) } },
  };
}

/** The same without the rows of a table. */
export function without({ state, changes }: Decided, table: Table): Decided {
  return { state, changes: { ...changes, [table]: { inserted: [], updated: [] } } };
}

/** The same with one refund more. */
export function withRefund({ state, changes }: Decided, refund: Refund): Decided {
  const { inserted, updated } = changes.refunds;
  return { state, changes: { ...changes, refunds: { inserted: [...inserted, refund], updated } } };
}

/** The same with other rows of a table. */
export function withRows({ state, changes }: Decided, table: Table, rows: readonly object[]): Decided {
  return { state, changes: { ...changes, [table]: { inserted: [], updated: rows } } };
}

/** The same with one payment more that was loaded. */
export function withLoaded({ state, changes }: Decided, payment: Payment): Decided {
  return { state: { ...state, payments: new Map([...state.payments, [payment.name, payment]]) }, changes };
}
