import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../src/app.ts';
import { loadConfig } from '../../src/config/config.ts';
import type { Decide } from '../../src/engine/batch.ts';
import { createLogger } from '../../src/telemetry/logger.ts';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; empty when there is none. */
  readonly body: Body;
  readonly text: string;
};

/** Every field that some answer has. A test asserts on what it reads, so an answer without the field fails there. */
export type Body = {
  readonly id: number;
  readonly product_id: number;
  readonly name: string;
  readonly price: number;
  readonly currency: string;
  readonly stock: number;
  readonly held_stock: number;
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
  readonly refunds: readonly Body[];
  readonly refund_id: number;
  readonly amount: number;
  readonly reason: string;
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
  readonly code: string;
  readonly detail: string;
  readonly request_id: string;
  readonly requested: number;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
};

export type CheckoutOptions = {
  /** Environment variables over those of a test: any free port, a new database, quiet. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly wallMs?: () => number;
  readonly decide?: Decide;
};

export const adminToken = 'test-admin-token';

/** The real server in this process, on a database of its own, spoken to over HTTP. */
export class Checkout {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512 });
  readonly #logFile: string;
  readonly #end: () => Promise<void>;

  constructor(url: string, logFile: string, end: () => Promise<void>) {
    this.url = url;
    this.#logFile = logFile;
    this.#end = end;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    return this.send('POST', path, body, headers);
  }

  /** The same with the operator's token. */
  admin(method: string, path: string, body?: unknown): Promise<Reply> {
    return this.send(method, `/api/v1/admin${path}`, body, { authorization: `Bearer ${adminToken}` });
  }

  /** @param body text is sent as it is, anything else as JSON */
  send(
    method: string,
    path: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reply> {
    const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
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
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              body: (isJson ? JSON.parse(text) : {}) as Body,
              text,
            });
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

  async availableStock(productId: number): Promise<number> {
    return (await this.get(`/api/v1/products/${productId}`)).body.available_stock;
  }

  /** What the log file says by now, one object for each line. */
  logLines(): Readonly<Record<string, unknown>>[] {
    return readFileSync(this.#logFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#end();
  }
}

/** Starts a checkout whose database and log are thrown away with it. */
export async function startCheckout(options: CheckoutOptions = {}): Promise<Checkout> {
  const folder = mkdtempSync(join(tmpdir(), 'checkout-'));
  const config = loadConfig({
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'flash-sale.db')}`,
    LOG_FILE: join(folder, 'flash-sale.log'),
    ADMIN_TOKEN: adminToken,
    SEED: 'false',
    ...options.variables,
  });
  const pipeline = createLogger(config, { stdout: null });
  const server = await startServer(config, {
    log: pipeline.log,
    ...(options.wallMs === undefined ? {} : { wallMs: options.wallMs }),
    ...(options.decide === undefined ? {} : { decide: options.decide }),
  });
  await server.databaseReady;
  return new Checkout(server.url, config.logFile ?? '', async () => {
    await server.stop();
    await pipeline.close();
    rmSync(folder, { recursive: true, force: true });
  });
}
