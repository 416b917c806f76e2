import { existsSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { until } from './until.ts';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; empty when there is none. */
  readonly body: Body;
  readonly text: string;
};

/**
 * Every field that some answer has. A test asserts on what it reads, so an answer without the field fails
 * there.
 */
export type Body = {
  readonly id: number;
  readonly product_id: number;
  readonly name: string;
  readonly price: number;
  readonly currency: string;
  readonly stock: number;
  readonly held_stock: number;
  readonly version: string;
  readonly available_stock: number;
  readonly next_release_at: string | null;
  readonly opens_at: string | null;
  readonly closes_at: string | null;
  readonly hold_id: number;
  readonly expires_at: string;
  readonly quantity: number;
  readonly status: string;
  readonly order_id: number;
  readonly total: number;
  readonly payment_due_at: string;
  readonly payment: { readonly provider: string; readonly client_secret: string } | null;
  readonly refunds: readonly Body[];
  /** Absent without any. */
  readonly disputes?: readonly Body[];
  readonly refund_id: number;
  readonly dispute_id: string;
  readonly amount: number;
  readonly returned?: number;
  readonly reason: string;
  readonly payment_reference: string | null;
  readonly resolution?: { readonly decision: string; readonly reason: string; readonly decided_at: string };
  readonly decision: string;
  readonly restocked: number;
  readonly retry_at: string;
  readonly result: string;
  readonly order_status: string;
  readonly stock_deducted: number;
  readonly products: readonly Body[];
  readonly items: readonly Body[];
  readonly next_cursor: string | null;
  readonly idempotency_key: string;
  readonly ok: boolean;
  readonly checks: readonly Body[];
  readonly expected: number;
  readonly found: number;
  readonly event_id: number;
  readonly webhook_id: string;
  readonly data: unknown;
  readonly last_error: string | null;
  readonly endpoint: string;
  readonly endpoints: readonly Body[];
  readonly switched_off_at: string | null;
  readonly resent: number;
  readonly code: string;
  readonly detail: string;
  readonly request_id: string;
  readonly requested: number;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
};

/** As long as production asks for. */
export const adminToken = 'test-admin-token-of-32-characters';

/** A checkout that runs somewhere, in this process or in another one, spoken to over HTTP. */
export class CheckoutClient {
  readonly url: string;
  /** Told of every answer; what it throws fails the request. */
  observe: (method: string, path: string, reply: Reply) => void = () => {};
  /** Headers that prove where a request comes from, made of what is sent. */
  sign: ((path: string, body: string) => Promise<Readonly<Record<string, string>>>) | null = null;
  readonly #agent: Agent;
  readonly logFile: string;

  constructor(url: string, logFile: string, connectionsMax = 2048) {
    this.url = url;
    this.logFile = logFile;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connectionsMax, maxFreeSockets: connectionsMax });
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send('POST', path, body, headers);
  }

  /** The same with the operator's token. */
  admin(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const token = { authorization: `Bearer ${adminToken}` };
    return this.send(method, `/api/v1/admin${path}`, body, { ...token, ...headers });
  }

  /** @param body text is sent as it is, anything else as JSON */
  async send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    if (this.sign === null || payload === undefined) {
      return this.#request(method, path, payload, headers);
    }
    return this.#request(method, path, payload, { ...(await this.sign(path, payload)), ...headers });
  }

  #request(
    method: string,
    path: string,
    payload: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = String(incoming.headers['content-type'] ?? '').includes('json');
            const reply = {
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: (isJson && text !== '' ? JSON.parse(text) : {}) as Body,
              text,
            };
            try {
              this.observe(method, path, reply);
              resolve(reply);
            } catch (error) {
              reject(error);
            }
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(payload);
    });
  }

  /** Puts a product on sale. Resolves to its id. */
  async createProduct(fields: Readonly<Record<string, unknown>> = {}): Promise<number> {
    const reply = await this.admin('POST', '/products', {
      name: 'Sneakers',
      price: 100,
      currency: 'USD',
      stock: 10,
      ...fields,
    });
    if (reply.status !== 201) {
      throw new Error(`the product was not created: ${reply.text}`);
    }
    return reply.body.id;
  }

  hold(productId: number, qty = 1, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.post('/api/v1/holds', { product_id: productId, qty }, headers);
  }

  order(holdId: number, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.post('/api/v1/orders', { hold_id: holdId }, headers);
  }

  pay(event: Readonly<Record<string, unknown>>): Promise<Reply> {
    return this.post('/api/v1/payments/webhook', { status: 'paid', ...event });
  }

  release(holdId: number): Promise<Reply> {
    return this.send('DELETE', `/api/v1/holds/${holdId}`, undefined);
  }

  cancel(orderId: number): Promise<Reply> {
    return this.post(`/api/v1/orders/${orderId}/cancel`);
  }

  product(productId: number): Promise<Reply> {
    return this.get(`/api/v1/products/${productId}`);
  }

  /** A new order of a new hold. */
  async ordered(productId: number, qty = 1): Promise<Body> {
    const { body } = await this.hold(productId, qty);
    const order = await this.order(body.hold_id);
    if (order.status !== 201) {
      throw new Error(`there is no order: ${order.text}`);
    }
    return order.body;
  }

  async orderOf({ order_id }: Pick<Body, 'order_id'>): Promise<Body> {
    return (await this.get(`/api/v1/orders/${order_id}`)).body;
  }

  /** The refunds of an order, as operators see them. */
  async refundsOf({ order_id }: Pick<Body, 'order_id'>): Promise<readonly Body[]> {
    return (await this.admin('GET', `/refunds?order_id=${order_id}`)).body.items;
  }

  /** Whether every counter and rule agrees with the rows, and if not, which do not. */
  async auditDifferences(): Promise<readonly Body[]> {
    const audit = await this.admin('GET', '/audit');
    if (audit.status !== 200) {
      throw new Error(`there is no audit: ${audit.text}`);
    }
    return audit.body.checks.filter((check) => !check.ok);
  }

  /** Every item of one of the operator's lists, page after page. */
  async items(list: '/holds' | '/orders' | '/payment-events' | '/refunds' | '/disputes'): Promise<Body[]> {
    const items: Body[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const from: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await this.admin('GET', `${list}?limit=200${from}`);
      if (page.status !== 200) {
        throw new Error(`there is no list: ${page.text}`);
      }
      items.push(...page.body.items);
      cursor = page.body.next_cursor;
    }
    return items;
  }

  async availableStock(productId: number): Promise<number> {
    return (await this.get(`/api/v1/products/${productId}`)).body.available_stock;
  }

  /** What the log file says by now, one object for each whole line. */
  logLines(): Readonly<Record<string, unknown>>[] {
    if (!existsSync(this.logFile)) {
      return [];
    }
    return readFileSync(this.logFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The lines of one message, those with these fields only. */
  logged(
    message: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): Readonly<Record<string, unknown>>[] {
    return this.logLines().filter(
      (line) => line.msg === message && Object.entries(fields).every(([name, value]) => line[name] === value),
    );
  }

  /**
   * Opens connections beforehand, so that as many requests at once arrive at once: a new one is accepted at a
   * time.
   */
  async connect(connections: number): Promise<void> {
    // The system refuses some when a busy process is slow to accept so many.
    const connected = () =>
      this.get('/healthz').then(
        () => true,
        () => false,
      );
    await Promise.all(Array.from({ length: connections }, () => until(connected)));
  }

  /** Closes the connections. */
  hangUp(): void {
    this.#agent.destroy();
  }
}
