import { render } from 'preact';
import { createCheckoutClient, type Product, type WatchState } from '../../src/client/checkout-client.ts';
import { noPurchase, type Purchase } from './purchase.ts';
import type { PurchaseSteps } from './purchase-actions.tsx';
import { PurchaseFlow } from './purchase-flow.ts';
import { deviceStorage } from './stored-purchase.ts';
import { Storefront } from './storefront.tsx';
import './storefront.css';
import './product-list.css';
import './ticket.css';

const client = createCheckoutClient();
const nowMs = () => client.nowMs();

let products: readonly Product[] | null = null;
let state: WatchState | null = null;
let seenAtMs = 0;
let purchase: Purchase = noPurchase;

const flow = new PurchaseFlow(client, deviceStorage, (next) => {
  purchase = next;
  show();
});

const take: PurchaseSteps = {
  holdAgain: (quantity) => flow.holdAgain(quantity),
  order: () => flow.order(),
  giveBack: () => flow.giveBack(),
  pay: (action) => flow.pay(action),
  cancel: () => flow.cancel(),
  close: () => {
    const productId = purchase.kind === 'none' ? null : purchase.item.productId;
    flow.close();
    // Back to where the purchase has begun.
    document.getElementById(`hold-${productId}`)?.focus();
  },
};

function show(): void {
  const page = document.getElementById('page');
  if (page !== null) {
    render(
      <Storefront
        products={products}
        state={state}
        seenAtMs={seenAtMs}
        purchase={purchase}
        nowMs={nowMs}
        onHold={(item) => flow.hold(item)}
        take={take}
      />,
      page,
    );
  }
}

/** @returns stops it */
function watch(): () => void {
  return client.watchProducts({
    products: (next) => {
      products = next;
      seenAtMs = nowMs();
      show();
    },
    state: (next) => {
      state = next;
      show();
    },
  });
}

flow.start();
show();
let stopWatching = watch();
addEventListener('offline', () => {
  // A stream that is cut off is silent, and would look live for long.
  stopWatching();
  state = 'away';
  show();
  stopWatching = watch();
});
addEventListener('online', () => {
  stopWatching();
  stopWatching = watch();
  flow.lookAgain();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') {
    flow.lookAgain();
  }
});
