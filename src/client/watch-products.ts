import type { Product } from './api-types.ts';
import { followStream } from './event-stream.ts';
import type { Sender } from './retrying-request.ts';

/** How the products come: as they change, every few seconds, or not at all for now. */
export type WatchState = 'live' | 'polling' | 'away';

export type ProductHandlers = {
  /** All products, at first and whenever some have changed; those that have not are the same objects as before. */
  products(products: readonly Product[]): void;
  /** Only when it changes. */
  state?(state: WatchState): void;
};

type ProductsMessage = { readonly now: string; readonly products: readonly Product[] };

/**
 * @param poll asks for all products, once
 * @returns stops it
 */
export function watchProducts(
  sender: Sender,
  url: string,
  poll: (signal: AbortSignal) => Promise<readonly Product[]>,
  handlers: ProductHandlers,
): () => void {
  let products = new Map<number, Product>();
  let state: WatchState | null = null;
  const tell = (next: WatchState) => {
    if (next !== state) {
      state = next;
      handlers.state?.(next);
    }
  };
  const show = (changed: readonly Product[], isAll: boolean) => {
    products = new Map([
      ...(isAll ? [] : products),
      ...changed.map((product) => [product.id, product] as const),
    ]);
    handlers.products([...products.values()]);
  };
  return followStream(
    sender,
    url,
    {},
    {
      message: ({ event, data }, isFirst) => {
        if (event === 'products') {
          const { now, products: changed } = data as ProductsMessage;
          sender.clock.told(now);
          tell('live');
          show(changed, isFirst);
        }
      },
      meanwhile: async (_error, signal) => {
        const polled = await poll(signal).catch(() => null);
        if (signal.aborted) {
          return;
        }
        tell(polled === null ? 'away' : 'polling');
        if (polled !== null) {
          show(polled, true);
        }
      },
    },
  );
}
