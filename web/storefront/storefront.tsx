import type { Product, WatchState } from '../../src/client/checkout-client.ts';
import { Announcer } from './announcer.tsx';
import { ProductList } from './product-list.tsx';
import { type Item, isUnderWay, type Purchase } from './purchase.ts';
import type { PurchaseSteps } from './purchase-actions.tsx';
import { PurchaseView } from './purchase-view.tsx';

type StorefrontProps = {
  readonly products: readonly Product[] | null;
  readonly state: WatchState | null;
  readonly seenAtMs: number;
  readonly purchase: Purchase;
  readonly nowMs: () => number;
  onHold(item: Item): void;
  readonly take: PurchaseSteps;
};

/** The whole page. */
export function Storefront({ products, state, seenAtMs, purchase, nowMs, onHold, take }: StorefrontProps) {
  const productId = purchase.kind === 'none' ? null : purchase.item.productId;
  const product = products?.find(({ id }) => id === productId);
  return (
    <>
      <header>
        <h1>Flash sale</h1>
        <p>Few of each, for a short time. What you hold is yours until its clock runs out.</p>
      </header>
      <main class={purchase.kind === 'none' ? undefined : 'buying'}>
        <ProductList
          products={products}
          state={state}
          seenAtMs={seenAtMs}
          nowMs={nowMs}
          canHold={!isUnderWay(purchase)}
          onHold={onHold}
        />
        <PurchaseView purchase={purchase} product={product} nowMs={nowMs} take={take} />
      </main>
      <Announcer purchase={purchase} nowMs={nowMs} />
    </>
  );
}
