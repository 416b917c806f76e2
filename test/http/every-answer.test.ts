import { writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ErrorCode, errorEntry } from '../../src/http/error-catalogue.ts';
import { ApiDescription } from '../support/api-description.ts';
import {
  type Checkout,
  checkoutForTest,
  databaseForTest,
  type Reply,
  startCheckout,
} from '../support/checkout.ts';
import { sharedDatabases } from '../support/databases.ts';
import { connectRaw, listens, requestText } from '../support/raw-http.ts';
import { sampleRequest } from '../support/sample-requests.ts';
import { until } from '../support/until.ts';

/**
 * Each answer that the API description tells of, from the real server. The last test compares what was answered with the
 * description both ways; every answer is checked against its schema as it comes.
 */
let checkout: Checkout;
let description: ApiDescription;

beforeAll(async () => {
  checkout = await startCheckout({ variables: { HOLD_SECONDS: '600' } });
  description = await ApiDescription.of(checkout);
  description.watch(checkout);
});
afterAll(() => checkout.stop());

const missing = 4_503_599_627_370;
const newHold = async (fields = {}) =>
  (await checkout.hold(await checkout.createProduct(fields))).body.hold_id;
const newOrder = async (fields = {}) => checkout.ordered(await checkout.createProduct(fields));
const released = async () => {
  const id = await newHold();
  await checkout.release(id);
  return id;
};
const paid = async () => {
  const order = await newOrder();
  await checkout.pay({ idempotency_key: `paid_${order.order_id}`, order_id: order.order_id });
  return order;
};
const refund = async () => {
  const { order_id } = await newOrder();
  await checkout.pay({ idempotency_key: `r_${order_id}`, order_id, amount: 1, currency: 'USD' });
  return (await checkout.get(`/api/v1/orders/${order_id}`)).body.refunds[0]?.refund_id;
};
/** A hold that lasted a second, on a server of its own. */
const expired = async () => {
  const other = await checkoutForTest({ variables: { HOLD_SECONDS: '1', WORKER: 'false' } });
  description.watch(other);
  const { hold_id } = (await other.hold(await other.createProduct())).body;
  await until(async () => (await other.get(`/api/v1/holds/${hold_id}`)).body.status === 'released');
  return other.order(hold_id);
};
const limited = async () => {
  const other = await checkoutForTest({ variables: { RATE_LIMIT_HOLDS: '1' } });
  description.watch(other);
  return until(async () => {
    const reply = await other.hold(missing);
    return reply.status === 429 && reply;
  });
};
const reused = async (path: string, first: object, second: object) => {
  const headers = { 'idempotency-key': 'reused' };
  await checkout.post(path, first, headers);
  return checkout.post(path, second, headers);
};

type Row = readonly [operationId: string, status: number, code: ErrorCode | '', () => Promise<Reply>];
const rows: readonly Row[] = [
  ['live', 200, '', () => checkout.get('/healthz')],
  ['ready', 200, '', () => checkout.get('/readyz')],
  ['listProducts', 200, '', () => checkout.get('/api/v1/products')],
  ['getProduct', 200, '', async () => checkout.product(await checkout.createProduct())],
  ['getProduct', 404, 'product_not_found', () => checkout.product(missing)],
  ['createHold', 201, '', async () => checkout.hold(await checkout.createProduct())],
  [
    'createHold',
    403,
    'sale_not_open',
    async () => checkout.hold(await checkout.createProduct({ opens_at: '2999-01-01T00:00:00Z' })),
  ],
  ['createHold', 404, 'product_not_found', () => checkout.hold(missing)],
  ['createHold', 409, 'insufficient_stock', async () => checkout.hold(await checkout.createProduct(), 11)],
  [
    'createHold',
    422,
    'idempotency_key_reused',
    async () => {
      const product_id = await checkout.createProduct();
      return reused('/api/v1/holds', { product_id, qty: 1 }, { product_id, qty: 2 });
    },
  ],
  ['createHold', 429, 'rate_limited', limited],
  ['getHold', 200, '', async () => checkout.get(`/api/v1/holds/${await newHold()}`)],
  ['getHold', 404, 'hold_not_found', () => checkout.get(`/api/v1/holds/${missing}`)],
  ['releaseHold', 204, '', async () => checkout.release(await newHold())],
  ['releaseHold', 404, 'hold_not_found', () => checkout.release(missing)],
  ['releaseHold', 409, 'hold_already_ordered', async () => checkout.release((await newOrder()).hold_id)],
  ['releaseHold', 409, 'hold_consumed', async () => checkout.release((await paid()).hold_id)],
  ['createOrder', 201, '', async () => checkout.order(await newHold())],
  ['createOrder', 404, 'hold_not_found', () => checkout.order(missing)],
  ['createOrder', 409, 'hold_already_ordered', async () => checkout.order((await newOrder()).hold_id)],
  ['createOrder', 410, 'hold_released', async () => checkout.order(await released())],
  ['createOrder', 410, 'hold_expired', expired],
  [
    'createOrder',
    422,
    'idempotency_key_reused',
    async () => reused('/api/v1/orders', { hold_id: await newHold() }, { hold_id: await newHold() }),
  ],
  ['getOrder', 200, '', async () => checkout.get(`/api/v1/orders/${(await newOrder()).order_id}`)],
  ['getOrder', 404, 'order_not_found', () => checkout.get(`/api/v1/orders/${missing}`)],
  ['cancelOrder', 200, '', async () => checkout.cancel((await newOrder()).order_id)],
  ['cancelOrder', 404, 'order_not_found', () => checkout.cancel(missing)],
  ['cancelOrder', 409, 'order_not_cancellable', async () => checkout.cancel((await paid()).order_id)],
  [
    'receivePaymentEvent',
    200,
    '',
    async () => checkout.pay({ idempotency_key: 'evt_1', order_id: (await newOrder()).order_id }),
  ],
  ['receivePaymentEvent', 202, '', () => checkout.pay({ idempotency_key: 'evt_2', order_id: missing })],
  [
    'receivePaymentEvent',
    422,
    'idempotency_key_reused',
    async () => {
      await checkout.pay({ idempotency_key: 'evt_3', order_id: missing });
      return checkout.pay({ idempotency_key: 'evt_3', order_id: missing + 1 });
    },
  ],
  [
    'createProduct',
    201,
    '',
    () => checkout.admin('POST', '/products', { name: 'a', price: 1, currency: 'USD', stock: 0 }),
  ],
  [
    'updateProduct',
    200,
    '',
    async () => checkout.admin('PATCH', `/products/${await checkout.createProduct()}`, { name: 'b' }),
  ],
  [
    'updateProduct',
    404,
    'product_not_found',
    () => checkout.admin('PATCH', `/products/${missing}`, { name: 'b' }),
  ],
  ['changeStock', 200, '', async () => changeStock(await checkout.createProduct(), 1)],
  ['changeStock', 404, 'product_not_found', () => changeStock(missing, 1)],
  ['changeStock', 409, 'stock_below_held', async () => changeStock(await checkout.createProduct(), -11)],
  ['adminListOrders', 200, '', () => checkout.admin('GET', '/orders')],
  ['adminListHolds', 200, '', () => checkout.admin('GET', '/holds')],
  ['adminListPaymentEvents', 200, '', () => checkout.admin('GET', '/payment-events')],
  ['adminListRefunds', 200, '', () => checkout.admin('GET', '/refunds')],
  ['settleRefund', 200, '', async () => checkout.admin('POST', `/refunds/${await refund()}/settle`)],
  ['settleRefund', 404, 'refund_not_found', () => checkout.admin('POST', `/refunds/${missing}/settle`)],
  ['audit', 200, '', () => checkout.admin('GET', '/audit')],
];

function changeStock(productId: number, change: number): Promise<Reply> {
  return checkout.admin('POST', `/products/${productId}/stock`, { change, reason: 'inventory' });
}

function expectCode(reply: Reply, code: ErrorCode): void {
  const { status, retryAfterSeconds } = errorEntry(code);
  expect([reply.status, reply.body.code, reply.body.status]).toEqual([status, code, status]);
  expect(reply.headers['content-type']).toBe('application/problem+json');
  expect(reply.headers['x-request-id']).toBe(reply.body.request_id);
  if (retryAfterSeconds !== undefined) {
    expect(reply.headers['retry-after']).toBe(String(retryAfterSeconds));
  }
}

test.each(rows)('%s answers %i %s', async (_, status, code, ask) => {
  const reply = await ask();
  if (code === '') {
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type'] ?? '').toMatch(status === 204 ? /^$/ : /^application\/json/);
    expect(reply.headers['x-request-id']).toMatch(/^\w+-\w+$/);
  } else {
    expectCode(reply, code);
  }
});

/** Sends the sample of an operation, with another body or other headers if given. */
function sample(
  server: Checkout,
  operationId: string,
  changed: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const { method, path, body, headers } = { ...sampleRequest(operationId), ...changed };
  return server.send(method, path, body, headers);
}

describe('every operation that can', () => {
  test('answers 401 without a token', async () => {
    for (const operationId of description.operationsWith('unauthorized')) {
      const reply = await sample(checkout, operationId, { headers: {} });
      expectCode(reply, 'unauthorized');
      expect(reply.headers['www-authenticate']).toBe('Bearer');
    }
  });

  test.each([
    ['malformed_json', '{'],
    ['body_too_large', '"'.padEnd(65_537)],
  ] as const)('answers %s', async (code, body) => {
    for (const operationId of description.operationsWith(code)) {
      expectCode(await sample(checkout, operationId, { body }), code);
    }
  });

  test('answers 415 to a body that is said to be no JSON', async () => {
    for (const operationId of description.operationsWith('unsupported_media_type')) {
      const headers = {
        ...sampleRequest(operationId).headers,
        'content-type': 'text/plain',
        'content-length': '2',
      };
      expectCode(await sample(checkout, operationId, { body: '{}', headers }), 'unsupported_media_type');
    }
  });

  test('answers 422 to a value that is not what was expected', async () => {
    for (const operationId of description.operationsWith('invalid_request')) {
      const { method, path, body, headers } = sampleRequest(operationId);
      const bad = path.replace(String(missing), '1e3');
      const reply =
        body !== undefined
          ? await checkout.send(method, path, { unexpected: 1 }, headers)
          : await checkout.send(method, bad === path ? `${path}?limit=0` : bad, undefined, headers);
      if (operationId === 'receivePaymentEvent') {
        expect(reply.text).not.toContain('unexpected');
      }
      expectCode(reply, 'invalid_request');
    }
  });

  test('answers 503 without its database', async () => {
    const folder = await databaseForTest(firstDatabase());
    writeFileSync(`${pathOf(folder.url)}.no-folder`, '');
    const variables = { DATABASE_URL: `${folder.url}.no-folder/flash-sale.db` };
    const server = await checkoutForTest({ variables, waits: false });
    description.watch(server);
    for (const operationId of description.operationsWith('database_unavailable')) {
      expectCode(await sample(server, operationId), 'database_unavailable');
    }
  });

  test('answers 500 when it meets a defect, and tells nothing of it', async () => {
    const database = await databaseForTest(firstDatabase());
    const server = await checkoutForTest({ database, variables: { WORKER: 'false' } });
    description.watch(server);
    const tables = ['products', 'holds', 'orders', 'idempotency_keys', 'refunds', 'stock_changes'];
    const tampering = new DatabaseSync(pathOf(database.url));
    for (const table of tables) {
      tampering.exec(`alter table ${table} rename to lost_${table}`);
    }
    tampering.close();
    for (const operationId of description.operationsWith('internal_error')) {
      const reply = await sample(server, operationId);
      expectCode(reply, 'internal_error');
      expect(reply.text).not.toMatch(/no such table|lost_|sqlite/i);
      await until(() => server.logged('Request failed', { request_id: reply.body.request_id }).length === 1);
    }
  });

  test('answers 503 when too many wait', async () => {
    const { server, lock } = await lockedOut({ QUEUE_MAX: '1' });
    const waiting: Promise<Reply>[] = [server.hold(missing)];
    await until(() => server.logged('Batch is decided again').length > 0);
    for (const operationId of description.operationsWith('overloaded')) {
      // One may still wait in the line, so the other is refused, and answered first.
      const asked = [sample(server, operationId), sample(server, operationId)];
      waiting.push(...asked);
      expectCode(await Promise.race(asked), 'overloaded');
    }
    lock.exec('rollback');
    await Promise.all(waiting);
  });

  test('answers 503 once the server was told to stop, on connections that it still has', async () => {
    const { server, lock } = await lockedOut({});
    const operations = description.operationsWith('shutting_down');
    const connections = await Promise.all(operations.map(() => connectRaw(server.url)));
    for (const { socket, heard } of connections) {
      // The answer tells that the server has the connection, and not only the system's waiting line.
      socket.write(requestText('GET', '/healthz'));
      await heard();
      socket.write(requestText('POST', '/api/v1/holds', { product_id: missing, qty: 1 }));
    }
    await readBySockets();
    const stopped = server.stop();
    await until(async () => !(await listens(server.url)));
    for (const [index, operationId] of operations.entries()) {
      const { method, path, body, headers } = sampleRequest(operationId);
      connections[index]?.socket.write(requestText(method, path, body, headers));
    }
    await readBySockets();
    lock.exec('rollback');
    for (const [index, operationId] of operations.entries()) {
      const [, before, after] = (await connections[index]?.replies) ?? [];
      expect(before?.body.code).toBe('product_not_found');
      const { method, path } = sampleRequest(operationId);
      if (after === undefined) {
        throw new Error(`${operationId} was not answered while the server closed`);
      }
      description.check(method, path, after);
      expectCode(after, 'shutting_down');
      expect(after.headers.connection).toBe('close');
    }
    await stopped;
  });
});

/** A server whose database is locked by somebody else, so that commands wait. */
async function lockedOut(variables: Readonly<Record<string, string>>) {
  const database = await databaseForTest(firstDatabase());
  const server = await startCheckout({
    database,
    variables: { WORKER: 'false', LOG_LEVEL: 'debug', REQUEST_TIMEOUT_MS: '60000', ...variables },
  });
  description.watch(server);
  const lock = new DatabaseSync(pathOf(database.url));
  lock.exec('begin immediate');
  return { server, lock };
}

/** What was written to sockets of this process is read in its event loop's next turn. */
async function readBySockets(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function firstDatabase() {
  const [database] = sharedDatabases;
  if (database === undefined) {
    throw new Error('there is no database to run on');
  }
  return database;
}

function pathOf(url: string): string {
  return url.slice('sqlite:'.length);
}

test('nothing is documented that was not answered here', () => {
  expect([...description.exercised].toSorted()).toEqual([...description.documented()].toSorted());
});
