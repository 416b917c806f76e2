import type { Step } from '../stories/step.ts';

/**
 * All that is decided before a run begins: a small shop, what its buyers do, and what goes wrong. With the same plan everything happens
 * in the same way, and a part of it may be left out.
 */
export type Plan = {
  readonly seed: number;
  readonly shop: Shop;
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
};

export type Shop = {
  readonly nodes: number;
  /** `cluster`: each node has a database host of its own, and commits that concern the same rows conflict. */
  readonly database: 'server' | 'cluster';
  /** How far each host's clock is from the true time. */
  readonly clockOffsetsMs: readonly number[];
  readonly products: number;
  /** Units of each product at the start. */
  readonly stock: number;
  readonly holdSeconds: number;
  readonly paymentSeconds: number;
  readonly parkedSeconds: number;
  readonly parkedMax: number;
  readonly batchMax: number;
  readonly queueMax: number;
  readonly requestTimeoutMs: number;
  readonly clientTimeoutMs: number;
  /** Overdue holds that one batch loads at most for a product. A database would give more: deferrals get common. */
  readonly overdueRowsMax: number;
};

/** Something that goes wrong at one node: at that instant, or at the next occasion after it. */
export type Fault = { readonly atMs: number; readonly node: number } & (
  | { readonly kind: 'crash' | 'crash before commit' | 'crash after commit'; readonly forMs: number }
  | { readonly kind: 'freeze' | 'slow statement'; readonly forMs: number }
  | { readonly kind: 'request lost' | 'answer lost' }
  | { readonly kind: 'deadlock' | 'id taken' | 'read fails' | 'database away' }
  /** The server ends the transaction `forMs` later. */
  | { readonly kind: 'connection lost'; readonly forMs: number }
  /** Whether it took place, and when. */
  | { readonly kind: 'commit lost'; readonly tookPlace: 'before' | 'later' | 'never'; readonly forMs: number }
  | { readonly kind: 'clock jump'; readonly byMs: number }
);

export type FaultKind = Fault['kind'];
/** Those that wait for their occasion. */
export type OccasionalFault = Exclude<FaultKind, 'crash' | 'freeze' | 'clock jump'>;

/** When the sale begins, by the true time: the beginning of a second. */
export const saleBeginsAtMs = 1_800_000_000_000;

/** How far a database clock may be from the true time at any instant of a run. */
export function clockErrorMsOf({ shop, faults }: Plan): number {
  const jumps = faults.map((fault) => (fault.kind === 'clock jump' ? Math.abs(fault.byMs) : 0));
  return Math.max(0, ...shop.clockOffsetsMs.map(Math.abs)) + jumps.reduce((sum, jump) => sum + jump, 0);
}
