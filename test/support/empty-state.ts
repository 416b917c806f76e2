import type { State } from '../../src/domain/state.ts';

export type MutableState = { -readonly [Name in keyof State]: State[Name] };

/** What a batch knows before anything was loaded. */
export function emptyState(nowMs: number): MutableState {
  return {
    nowMs,
    products: new Map(),
    nextProductId: 0,
    availability: new Map(),
    holds: new Map(),
    overdueHoldIds: new Map(),
    orders: new Map(),
    orderIdByHold: new Map(),
    events: new Map(),
    parkedKeysByHold: new Map(),
    parkedUnknown: 0,
    parkedUnknownFacts: 0,
    payments: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    paymentIntents: new Map(),
    requestKeys: new Map(),
    stockChanges: new Map(),
    operatorDecisions: new Map(),
  };
}
