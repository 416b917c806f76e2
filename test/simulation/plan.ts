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

/** What one buyer, payment provider, worker or operator does, once. */
export type Step = StepBase & StepKind;

type StepBase = {
  /** Its place in the plan as it was made. */
  readonly id: number;
  readonly buyer: number;
  /** Not before; a step that needs an id which an earlier one brings waits for it. */
  readonly atMs: number;
  /** The node that is asked first. */
  readonly node: number;
};

export type StepKind =
  | {
      readonly kind: 'hold';
      readonly productId: number;
      readonly quantity: number;
      readonly idempotencyKey: string | null;
    }
  | { readonly kind: 'order'; readonly hold: number; readonly idempotencyKey: string | null }
  | { readonly kind: 'release'; readonly hold: number }
  | { readonly kind: 'cancel'; readonly order: number }
  | Pay
  | { readonly kind: 'restock'; readonly productId: number; readonly change: number }
  /** A worker's round. */
  | { readonly kind: 'expire' | 'recheck' }
  /** An operator settles each refund that is due. */
  | { readonly kind: 'settle' };

/** A payment provider tells of a payment. */
export type Pay = {
  readonly kind: 'pay';
  readonly key: string;
  /** `order soon`: by the id that the order's first request carries, whether it has been answered or not. */
  readonly names: 'order' | 'order soon' | 'hold' | 'stranger';
  readonly hold: number;
  readonly order: number;
  readonly status: 'paid' | 'failed';
  readonly amount: 'right' | 'wrong' | 'unsaid';
  readonly reference: string | null;
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

/** Each product costs this for a unit. */
export const priceMinor = 1000;
/** When the sale begins, by the true time: the beginning of a second. */
export const saleBeginsAtMs = 1_800_000_000_000;

/** How far a database clock may be from the true time at any instant of a run. */
export function clockErrorMsOf({ shop, faults }: Plan): number {
  const jumps = faults.map((fault) => (fault.kind === 'clock jump' ? Math.abs(fault.byMs) : 0));
  return Math.max(0, ...shop.clockOffsetsMs.map(Math.abs)) + jumps.reduce((sum, jump) => sum + jump, 0);
}
