import {
  type AdminProduct,
  type Audit,
  type CheckoutClient,
  createCheckoutClient,
  type Delivery,
  type Endpoint,
  type EndpointList,
  type ListedHold,
  type ListedOrder,
  type ListedPaymentEvent,
  type NewProduct,
  type Order,
  type OutgoingEvent,
  type ProductChange,
  type Refund,
  type StockChange,
} from '../../src/client/checkout-client.ts';

type Page<Item> = { readonly items: readonly Item[]; readonly next_cursor: string | null };
type Filter = Readonly<Record<string, string | number>>;

/** So many rows are read at a glance; what a list has beyond them comes once these are done. */
const listedMax = 50;

/** What an operator does, as calls. They throw as those of the client do. */
export type AdminApi = {
  readonly client: CheckoutClient;
  /** Throws unless the token is the right one. */
  checkToken(): Promise<void>;
  createProduct(product: NewProduct): Promise<AdminProduct>;
  changeProduct(productId: number, change: ProductChange): Promise<AdminProduct>;
  changeStock(productId: number, change: StockChange): Promise<AdminProduct>;
  /** `GET /orders/{id}` for anybody. */
  order(orderId: number): Promise<Order>;
  orders(filter: Filter): Promise<readonly ListedOrder[]>;
  holds(filter: Filter): Promise<readonly ListedHold[]>;
  paymentEvents(filter: Filter): Promise<readonly ListedPaymentEvent[]>;
  refunds(filter: Filter): Promise<readonly Refund[]>;
  events(filter: Filter): Promise<readonly OutgoingEvent[]>;
  deliveries(filter: Filter): Promise<readonly Delivery[]>;
  endpoints(): Promise<readonly Endpoint[]>;
  settleRefund(refundId: number): Promise<Refund>;
  resendEvent(eventId: number): Promise<{ readonly resent: number }>;
  switchEndpointOn(endpoint: string): Promise<Endpoint>;
  audit(): Promise<Audit>;
};

export function createAdminApi(adminToken: string): AdminApi {
  const client = createCheckoutClient({ adminToken, retryForMs: 5_000 });
  const list = async <Item>(path: string, filter: Filter): Promise<readonly Item[]> => {
    const query = new URLSearchParams({ limit: String(listedMax) });
    for (const [name, value] of Object.entries(filter)) {
      query.set(name, String(value));
    }
    return (await client.call<Page<Item>>('GET', `/admin/${path}?${query}`)).items;
  };
  return {
    client,
    checkToken: async () => {
      await client.call('GET', '/admin/refunds?limit=1');
    },
    createProduct: (product) => client.call('POST', '/admin/products', product),
    changeProduct: (productId, change) => client.call('PATCH', `/admin/products/${productId}`, change),
    changeStock: (productId, change) => client.call('POST', `/admin/products/${productId}/stock`, change),
    order: (orderId) => client.getOrder(orderId),
    orders: (filter) => list('orders', filter),
    holds: (filter) => list('holds', filter),
    paymentEvents: (filter) => list('payment-events', filter),
    refunds: (filter) => list('refunds', filter),
    events: (filter) => list('events', filter),
    deliveries: (filter) => list('deliveries', filter),
    endpoints: async () => (await client.call<EndpointList>('GET', '/admin/endpoints')).endpoints,
    settleRefund: (refundId) => client.call('POST', `/admin/refunds/${refundId}/settle`),
    resendEvent: (eventId) => client.call('POST', `/admin/events/${eventId}/resend`),
    switchEndpointOn: (endpoint) =>
      client.call('POST', `/admin/endpoints/${encodeURIComponent(endpoint)}/switch-on`),
    audit: () => client.call('GET', '/admin/audit'),
  };
}
