import type { Product, WatchState } from '../../src/client/checkout-client.ts';
import { ProductCard, type ProductCardProps } from './product-card.tsx';
import { clockTime } from './time-text.ts';

type ProductListProps = Omit<ProductCardProps, 'product'> & {
  /** Null: they have not come yet. */
  readonly products: readonly Product[] | null;
  readonly state: WatchState | null;
  /** When they were last heard of, in ms since 1970. */
  readonly seenAtMs: number;
};

/** So many as the demo has, which keeps the page as long as it will be. */
const expectedProducts = Array.from({ length: 10 }, (_, place) => place);

/** What is on sale. */
export function ProductList({ products, state, seenAtMs, canHold, ...card }: ProductListProps) {
  const isAway = state === 'away';
  return (
    <section
      class={isAway ? 'products away' : 'products'}
      aria-labelledby="on-sale"
      aria-busy={products === null}
    >
      <div class="heading">
        <h2 id="on-sale" tabIndex={-1}>
          On sale now
        </h2>
        <p class={`connection ${state ?? 'connecting'}`}>{connectionText(state, seenAtMs)}</p>
      </div>
      <p class="note" id="how-to-hold">
        {isAway
          ? 'The shop does not answer. The page goes on by itself as soon as it does.'
          : canHold
            ? 'Hold first: then nobody can take it from you while you order and pay.'
            : 'One purchase at a time: finish yours first, or give it back.'}
      </p>
      <ul class="cards">
        {products === null
          ? expectedProducts.map((place) => <li key={place} class="product skeleton" aria-hidden="true" />)
          : products.map((product) => (
              <ProductCard key={product.id} product={product} canHold={canHold} {...card} />
            ))}
      </ul>
      {products?.length === 0 ? <p class="note">Nothing is on sale yet.</p> : null}
    </section>
  );
}

function connectionText(state: WatchState | null, seenAtMs: number): string {
  switch (state) {
    case null:
      return 'Connecting…';
    case 'live':
      return 'Live';
    case 'polling':
      return 'Every few seconds';
    case 'away':
      return seenAtMs > 0 ? `As of ${clockTime(seenAtMs)}` : 'No connection';
  }
}
