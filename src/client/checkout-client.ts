import type { CreatedHold, Hold, NewHold, NewOrder, Order, Product, ProductList } from './api-types.ts';
import { type Device, thisDevice } from './device.ts';
import { followStream, type StreamMessage } from './event-stream.ts';
import { randomKey } from './random-key.ts';
import { notOurs, type Request, sendUntilAnswered } from './retrying-request.ts';
import { ServerClock } from './server-clock.ts';
import { type ProductHandlers, watchProducts } from './watch-products.ts';

export type * from './api-types.ts';
export { countdown } from './countdown.ts';
export { CheckoutError, UnreachableError } from './errors.ts';
export type { StreamMessage } from './event-stream.ts';
export type { ProductHandlers, WatchState } from './watch-products.ts';

const apiBase = '/api/v1';

export type CheckoutClientOptions = {
  /** Where the service is: `https://shop.example`. Empty: where the page comes from. */
  readonly baseUrl?: string;
  /** The platform's unless given. */
  readonly fetch?: typeof fetch;
  /** How long a call goes on while nobody answers. 30 s unless given. */
  readonly retryForMs?: number;
  /** For the admin API only; it has no place in a buyer's page. */
  readonly adminToken?: string;
};

export type CallOptions = {
  readonly signal?: AbortSignal;
};

export type WriteOptions = CallOptions & {
  /**
   * The same key with the same values gives the same answer, with one effect. Random, a UUID; a client that knows it shares your hold.
   * By default each call gets a new key.
   */
  readonly key?: string;
};

/**
 * What a buyer does, as calls. Answers are the JSON of the API as it is.
 *
 * Each call throws a CheckoutError when the checkout says no, an UnreachableError when nobody answered within `retryForMs`, and what
 * its signal was aborted with.
 */
export type CheckoutClient = {
  products(options?: CallOptions): Promise<readonly Product[]>;
  product(productId: number, options?: CallOptions): Promise<Product>;
  hold(hold: NewHold, options?: WriteOptions): Promise<CreatedHold>;
  getHold(holdId: number, options?: CallOptions): Promise<Hold>;
  /** Lets the units go early; again is a no-op. */
  releaseHold(holdId: number, options?: CallOptions): Promise<void>;
  order(order: NewOrder, options?: WriteOptions): Promise<Order>;
  getOrder(orderId: number, options?: CallOptions): Promise<Order>;
  /** Cancels an order that is not paid yet; again is a no-op. */
  cancelOrder(orderId: number, options?: CallOptions): Promise<Order>;
  /** The server's time in ms since 1970, as far as its answers told it; until then the device's. */
  nowMs(): number;
  /**
   * Follows the products and what is available of them.
   *
   * @returns stops it
   */
  watchProducts(handlers: ProductHandlers): () => void;
  /**
   * Any other call, such as one of the admin API. A `GET`, and a `POST` with a `key`, is retried while there is no answer. Everything else
   * is sent once, because it might have its effect twice.
   *
   * @param options with a `key` a `POST` has one effect, however often it is sent; with `ifVersion` a change of a product takes place only while the product has that `version`; otherwise it is refused
   *   with `version_mismatch`
   * @param path below `/api/v1`, such as `/admin/orders?limit=10`
   */
  call<Answer>(
    method: Request['method'],
    path: string,
    body?: unknown,
    options?: CallOptions & { readonly ifVersion?: string; readonly key?: string },
  ): Promise<Answer>;
  /**
   * Follows a stream of the API, and connects again after each break.
   *
   * @param path below `/api/v1`, such as `/admin/live`
   * @returns stops it
   */
  watch(path: string, handlers: StreamWatch): () => void;
};

export type StreamWatch = {
  message(message: StreamMessage): void;
  /** Only when it changes; with `away` comes the reason. */
  state?(state: 'live' | 'away', error: Error | null): void;
};

/**
 * @param device what tests replace
 * @throws TypeError when the address is none
 */
export function createCheckoutClient(
  options: CheckoutClientOptions = {},
  device: Device = thisDevice,
): CheckoutClient {
  const { baseUrl = '', retryForMs = 30_000, adminToken } = options;
  if (options.fetch === undefined) {
    assertReachable(baseUrl);
  }
  // Called without a receiver, as browsers demand, and looked up when it is used.
  const sendOnce: typeof fetch = options.fetch ?? ((...request) => globalThis.fetch(...request));
  const clock = new ServerClock(device);
  const sender = { fetch: sendOnce, device, clock };
  const urlOf = (path: string) => `${baseUrl.replace(/\/$/, '')}${apiBase}${path}`;
  const authorizationFor = (path: string) =>
    adminToken !== undefined && path.startsWith('/admin/') ? { authorization: `Bearer ${adminToken}` } : {};

  const send = (
    method: Request['method'],
    path: string,
    { body, key, ifVersion, signal, patienceMs = retryForMs }: Sending = {},
  ): Promise<unknown> => {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` }),
      ...authorizationFor(path),
    };
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return sendUntilAnswered(sender, { method, url: urlOf(path), headers, ...text, signal }, patienceMs);
  };
  const listProducts = async (sending: Sending) => {
    const list = (await send('GET', '/products', sending)) as Partial<ProductList> | null;
    if (!Array.isArray(list?.products)) {
      throw notOurs(200);
    }
    return list.products;
  };

  return {
    products: (call = {}) => listProducts(call),
    product: async (productId, call) => (await send('GET', `/products/${productId}`, call)) as Product,
    // Field by field: a caller's object may have more of them, and the service refuses what it does not know.
    hold: async ({ product_id, qty }, { key = randomKey(), signal } = {}) =>
      (await send('POST', '/holds', { body: { product_id, qty }, key, signal })) as CreatedHold,
    getHold: async (holdId, call) => (await send('GET', `/holds/${holdId}`, call)) as Hold,
    releaseHold: async (holdId, call) => {
      await send('DELETE', `/holds/${holdId}`, call);
    },
    order: async ({ hold_id }, { key = randomKey(), signal } = {}) =>
      (await send('POST', '/orders', { body: { hold_id }, key, signal })) as Order,
    getOrder: async (orderId, call) => (await send('GET', `/orders/${orderId}`, call)) as Order,
    cancelOrder: async (orderId, call) => (await send('POST', `/orders/${orderId}/cancel`, call)) as Order,
    nowMs: () => clock.nowMs(),
    watchProducts: (handlers) =>
      watchProducts(
        sender,
        urlOf('/products/live'),
        (signal) => listProducts({ signal, patienceMs: 0 }),
        handlers,
      ),
    call: async <Answer>(
      method: Request['method'],
      path: string,
      body?: unknown,
      { signal, ifVersion, key }: CallOptions & { readonly ifVersion?: string; readonly key?: string } = {},
    ) =>
      (await send(method, path, {
        body,
        signal,
        ifVersion,
        ...(key === undefined ? {} : { key }),
        ...(method === 'GET' || key !== undefined ? {} : { patienceMs: 0 }),
      })) as Answer,
    watch: (path, handlers) => {
      let isLive: boolean | null = null;
      return followStream(sender, urlOf(path), authorizationFor(path), {
        message: (message) => {
          if (isLive !== true) {
            isLive = true;
            handlers.state?.('live', null);
          }
          handlers.message(message);
        },
        meanwhile: async (error) => {
          if (isLive !== false) {
            isLive = false;
            handlers.state?.('away', error);
          }
        },
      });
    },
  };
}

/** Otherwise a typing error would look like a service that is away. */
function assertReachable(baseUrl: string): void {
  const { location } = globalThis as { readonly location?: { readonly href: string } };
  new URL(baseUrl, location?.href);
}

type Sending = {
  readonly body?: unknown;
  readonly key?: string;
  readonly ifVersion?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number;
};
