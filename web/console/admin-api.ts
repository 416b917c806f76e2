import {
  type AdminProduct,
  type Audit,
  type CheckoutClient,
  createCheckoutClient,
  type Decision,
  type Delivery,
  type Dispute,
  type Endpoint,
  type EndpointList,
  type ListedHold,
  type ListedOrder,
  type ListedPaymentEvent,
  type NewProduct,
  type Order,
  type OrderPayment,
  type OrderRefund,
  type OutgoingEvent,
  type PaymentEventResolution,
  type ProductChange,
  type Refund,
  type StockChange,
} from '../../src/client/checkout-client.ts';

type Page<Item> = { readonly items: readonly Item[]; readonly next_cursor: string | null };
type Filter = Readonly<Record<string, string | number>>;

/** So many rows are read at a glance; what a list has beyond them comes once these are done. */
const listedMax = 50;

/**
 * What an operator does, as calls. They throw as those of the client do.
 *
 * `key`: one for each intended effect. Two calls with the same key have one effect.
 */
export type AdminApi = {
  readonly client: CheckoutClient;
  /** Throws unless the token is the right one. */
  checkToken(): Promise<void>;
  createProduct(product: NewProduct, key: string): Promise<AdminProduct>;
  changeProduct(productId: number, change: ProductChange): Promise<AdminProduct>;
  changeStock(productId: number, change: StockChange, key: string): Promise<AdminProduct>;
  /** `GET /orders/{id}` for anybody. */
  order(orderId: number): Promise<Order>;
  orders(filter: Filter): Promise<readonly ListedOrder[]>;
  holds(filter: Filter): Promise<readonly ListedHold[]>;
  paymentEvents(filter: Filter): Promise<readonly ListedPaymentEvent[]>;
  refunds(filter: Filter): Promise<readonly Refund[]>;
  disputes(filter: Filter): Promise<readonly Dispute[]>;
  events(filter: Filter): Promise<readonly OutgoingEvent[]>;
  deliveries(filter: Filter): Promise<readonly Delivery[]>;
  endpoints(): Promise<readonly Endpoint[]>;
  decisions(filter: Filter): Promise<readonly Decision[]>;
  settleRefund(refundId: number, key: string): Promise<Refund>;
  refundOrder(orderId: number, refund: OrderRefund, key: string): Promise<Order>;
  payOrder(orderId: number, payment: OrderPayment, key: string): Promise<Order>;
  resolvePaymentEvent(resolution: PaymentEventResolution, key: string): Promise<ListedPaymentEvent>;
  resendEvent(eventId: number, key: string): Promise<{ readonly resent: number }>;
  switchEndpointOn(endpoint: string, key: string): Promise<Endpoint>;
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
  const post = <Answer>(path: string, body: unknown, key: string): Promise<Answer> =>
    client.call('POST', `/admin/${path}`, body, { key });
  return {
    client,
    checkToken: async () => {
      await client.call('GET', '/admin/refunds?limit=1');
    },
    createProduct: (product, key) => post('products', product, key),
    changeProduct: (productId, change) => client.call('PATCH', `/admin/products/${productId}`, change),
    changeStock: (productId, change, key) => post(`products/${productId}/stock`, change, key),
    order: (orderId) => client.getOrder(orderId),
    orders: (filter) => list('orders', filter),
    holds: (filter) => list('holds', filter),
    paymentEvents: (filter) => list('payment-events', filter),
    refunds: (filter) => list('refunds', filter),
    disputes: (filter) => list('disputes', filter),
    events: (filter) => list('events', filter),
    deliveries: (filter) => list('deliveries', filter),
    endpoints: async () => (await client.call<EndpointList>('GET', '/admin/endpoints')).endpoints,
    decisions: (filter) => list('decisions', filter),
    settleRefund: (refundId, key) => post(`refunds/${refundId}/settle`, undefined, key),
    refundOrder: (orderId, refund, key) => post(`orders/${orderId}/refund`, refund, key),
    payOrder: (orderId, payment, key) => post(`orders/${orderId}/pay`, payment, key),
    resolvePaymentEvent: (resolution, key) => post('payment-events/resolve', resolution, key),
    resendEvent: (eventId, key) => post(`events/${eventId}/resend`, undefined, key),
    switchEndpointOn: (endpoint, key) =>
      post(`endpoints/${encodeURIComponent(endpoint)}/switch-on`, undefined, key),
    audit: () => client.call('GET', '/admin/audit'),
  };
}
