import type { Attention, AuditResult, SaleMessage, SaleProduct, SaleSecond } from './sale-messages.ts';

/** How far back the charts go. */
export const keptSeconds = 300;
/** Within this time a product's bustle halves once nothing happens to it any more. */
const bustleHalfLifeMs = 30_000;

/** Whether what is shown is what is. */
export type Stream =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** `sinceMs`: when the last message came. */
  | { readonly kind: 'lost'; readonly sinceMs: number };

/** How much goes on at a product: units that moved, older ones counting less. As it was at `atMs`. */
export type Bustle = { readonly units: number; readonly atMs: number };

export type SaleState = {
  readonly stream: Stream;
  /** In ms since 1970, by this page's clock; null before the first message. */
  readonly lastMessageAtMs: number | null;
  /** By id, in ascending order. */
  readonly products: ReadonlyMap<number, SaleProduct>;
  readonly bustle: ReadonlyMap<number, Bustle>;
  /** The oldest first, each second once, at most `keptSeconds` of them apart. */
  readonly seconds: readonly SaleSecond[];
  /** How many server processes the seconds are of. */
  readonly processes: number;
  readonly attention: Attention | null;
  readonly audit: AuditResult | null;
};

export type SaleAction =
  | { readonly kind: 'message'; readonly message: SaleMessage; readonly atMs: number }
  | { readonly kind: 'lost' };

export const emptySale: SaleState = {
  stream: { kind: 'connecting' },
  lastMessageAtMs: null,
  products: new Map(),
  bustle: new Map(),
  seconds: [],
  processes: 0,
  attention: null,
  audit: null,
};

/** The next state of the page. What a message says nothing of stays the same object. */
export function saleReducer(state: SaleState, action: SaleAction): SaleState {
  if (action.kind === 'lost') {
    return state.lastMessageAtMs === null || state.stream.kind === 'lost'
      ? state
      : { ...state, stream: { kind: 'lost', sinceMs: state.lastMessageAtMs } };
  }
  const { message, atMs } = action;
  return {
    ...state,
    stream: state.stream.kind === 'live' ? state.stream : { kind: 'live' },
    lastMessageAtMs: atMs,
    ...told(state, message, atMs),
  };
}

function told(state: SaleState, { event, data }: SaleMessage, atMs: number): Partial<SaleState> {
  switch (event) {
    case 'products':
      return withProducts(state, data.products, atMs);
    case 'seconds':
      return { processes: data.processes, seconds: withSeconds(state.seconds, data.seconds) };
    case 'attention':
      return { attention: data };
    case 'audit':
      return { audit: data };
  }
}

/** Products are never deleted, so a message of all of them after a break is taken like one of some. */
function withProducts(
  state: SaleState,
  changed: readonly SaleProduct[],
  atMs: number,
): Pick<SaleState, 'products' | 'bustle'> {
  const products = new Map(state.products);
  const bustle = new Map(state.bustle);
  let isInOrder = true;
  for (const product of changed) {
    const before = products.get(product.id);
    if (before !== undefined) {
      const units = bustleAt(bustle.get(product.id), atMs) + unitsMoved(before, product);
      bustle.set(product.id, { units, atMs });
    }
    isInOrder &&= before !== undefined;
    products.set(product.id, product);
  }
  return { products: isInOrder ? products : new Map([...products].sort(([a], [b]) => a - b)), bustle };
}

function unitsMoved(before: SaleProduct, after: SaleProduct): number {
  return (
    Math.abs(after.held_stock - before.held_stock) +
    Math.abs(after.ordered_stock - before.ordered_stock) +
    Math.abs(after.sold - before.sold)
  );
}

/** How much goes on at a product by now. */
export function bustleAt(bustle: Bustle | undefined, nowMs: number): number {
  return bustle === undefined ? 0 : bustle.units * 0.5 ** ((nowMs - bustle.atMs) / bustleHalfLifeMs);
}

/** A second that is told again, because a process was late with its part, replaces what was told before. */
function withSeconds(before: readonly SaleSecond[], told: readonly SaleSecond[]): readonly SaleSecond[] {
  const [first] = told;
  if (first === undefined) {
    return before;
  }
  const byInstant = new Map([...before, ...told].map((second) => [Date.parse(second.at), second]));
  const instants = [...byInstant.keys()].sort((a, b) => a - b);
  const newest = instants.at(-1) ?? 0;
  return instants
    .filter((atMs) => atMs > newest - keptSeconds * 1_000)
    .flatMap((atMs) => byInstant.get(atMs) ?? []);
}
