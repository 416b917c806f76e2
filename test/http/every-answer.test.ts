import { writeFileSync } from 'node:fs';
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
import { watchProducts } from '../support/event-stream.ts';
import { describeEach } from '../support/needing.ts';
import { lockFromOutside } from '../support/outside-lock.ts';
import { connectRaw, listens, requestText } from '../support/raw-http.ts';
import { sampleRequest } from '../support/sample-requests.ts';
import { freePort } from '../support/servers.ts';
import { bothSecrets, signEvent } from '../support/signed-events.ts';
import { atOnce } from '../support/tally.ts';
import { until } from '../support/until.ts';
import { answerRows, missing } from './answer-rows.ts';

/** Payments are simulated only where no secret is set, so a service has either signed events or simulated payments. */
const services = sharedDatabases.flatMap((kind) => [
  {
    title: `a service on ${kind.name}`,
    missing: kind.missing,
    kind,
    secrets: bothSecrets,
    isAbout: () => true,
  },
  {
    title: `simulated payments on ${kind.name}`,
    missing: kind.missing,
    kind,
    secrets: {},
    isAbout: (answer: string) => answer.startsWith('simulatePayment'),
  },
]);

/**
 * Each answer that the API description tells of, from the real server. The last test compares what was
 * answered with the description both ways; every answer is checked against its schema as it comes.
 */
describeEach(services)('every answer of $title', ({ kind, secrets, isAbout }) => {
  let checkout: Checkout;
  let description: ApiDescription;

  beforeAll(async () => {
    const variables = { HOLD_SECONDS: '600', ...secrets };
    checkout = await startCheckout({ database: kind, variables });
    description = await ApiDescription.of(checkout);
    serve(checkout);
  });
  afterAll(() => checkout.stop());

  const rows = answerRows({
    checkout: () => checkout,
    description: () => description,
    database: kind,
  }).filter(
    ([operationId]) =>
      isAbout(operationId) && (operationId === 'simulatePayment') === (secrets !== bothSecrets),
  );
  const operationsWith = (code: ErrorCode) => description.operationsWith(code).filter(isAbout);

  /** Every answer of a server is looked at, and every event for it is signed. */
  function serve(server: Checkout): void {
    description.watch(server);
    server.sign = signEvent;
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

  test.each(rows)('%s answers %i %s', async (operationId, status, code, ask) => {
    const reply = await ask();
    if (code === '') {
      expect(reply.status).toBe(status);
      expect(reply.headers['content-type'] ?? '').toMatch(mediaOf(operationId, status));
      expect(reply.headers['x-request-id']).toMatch(/^\w+-\w+$/);
    } else {
      expectCode(reply, code);
    }
  });

  /** What a success is written in. */
  function mediaOf(operationId: string, status: number): RegExp {
    if (status === 204) {
      return /^$/;
    }
    if (operationId === 'metrics') {
      return /^text\/plain/;
    }
    return operationId.startsWith('watch') ? /^text\/event-stream$/ : /^application\/json/;
  }

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
      for (const operationId of operationsWith('unauthorized')) {
        const reply = await sample(checkout, operationId, { headers: {} });
        expectCode(reply, 'unauthorized');
        expect(reply.headers['www-authenticate']).toBe('Bearer');
      }
    });

    test('answers 401 without a signature, and tells nothing of what it expects', async () => {
      for (const operationId of operationsWith('invalid_signature')) {
        for (const body of [sampleRequest(operationId).body, '{', {}]) {
          const headers = { 'webhook-signature': '', 'stripe-signature': '' };
          expectCode(await sample(checkout, operationId, { body, headers }), 'invalid_signature');
        }
      }
    });

    test.each([
      ['malformed_json', '{'],
      ['body_too_large', '"'.padEnd(65_537)],
    ] as const)('answers %s', async (code, body) => {
      for (const operationId of operationsWith(code)) {
        expectCode(await sample(checkout, operationId, { body }), code);
      }
    });

    test('answers 415 to a body that is said to be no JSON', async () => {
      for (const operationId of operationsWith('unsupported_media_type')) {
        const headers = {
          ...sampleRequest(operationId).headers,
          'content-type': 'text/plain',
          'content-length': '2',
        };
        expectCode(await sample(checkout, operationId, { body: '{}', headers }), 'unsupported_media_type');
      }
    });

    test('answers 415 to a compressed body, and names the coding that it accepts', async () => {
      for (const operationId of description.operationsWith('unsupported_media_type')) {
        const headers = { ...sampleRequest(operationId).headers, 'content-encoding': 'gzip' };
        const reply = await sample(checkout, operationId, { body: '{}', headers });
        expectCode(reply, 'unsupported_media_type');
        expect(reply.headers['accept-encoding']).toBe('identity');
      }
    });

    test('answers 422 to a value that is not what was expected', async () => {
      for (const operationId of operationsWith('invalid_request')) {
        const { method, path, body, headers } = sampleRequest(operationId);
        const bad = path.replace(String(missing), '1e3');
        const reply =
          body !== undefined
            ? await checkout.send(method, path, { unexpected: 1 }, headers)
            : await checkout.send(method, bad === path ? `${path}?limit=0` : bad, undefined, headers);
        if (['receivePaymentEvent', 'receiveStripeEvent'].includes(operationId)) {
          expect(reply.text).not.toContain('unexpected');
        }
        expectCode(reply, 'invalid_request');
      }
    });

    test('answers 503 without its database', async () => {
      const { url } = await databaseForTest(kind);
      const variables = { DATABASE_URL: await unreachable(url), ...secrets };
      const server = await checkoutForTest({ variables, waits: false });
      serve(server);
      for (const operationId of operationsWith('database_unavailable')) {
        expectCode(await sample(server, operationId), 'database_unavailable');
      }
    });

    test('answers 500 when it meets a defect, and tells nothing of it', async () => {
      const database = await databaseForTest(kind);
      const server = await checkoutForTest({ database, variables: { WORKER: 'false', ...secrets } });
      serve(server);
      const tables = [
        'products',
        'holds',
        'orders',
        'idempotency_keys',
        'refunds',
        'disputes',
        'stock_changes',
      ];
      for (const table of [...tables, 'operator_decisions', 'outgoing_events']) {
        await database.run(`alter table ${table} rename column id to lost_id`);
      }
      await database.run('alter table deliveries rename column event_id to lost_event_id');
      for (const table of ['deliveries', 'event_endpoints']) {
        await database.run(`alter table ${table} rename column endpoint to lost_endpoint`);
      }
      for (const operationId of operationsWith('internal_error')) {
        const reply = await sample(server, operationId);
        expectCode(reply, 'internal_error');
        expect(reply.text).not.toMatch(/column|lost_|sql/i);
        await until(
          () => server.logged('Request failed', { request_id: reply.body.request_id }).length === 1,
        );
      }
    });

    test('answers 429 to an address that has used up its limits', async () => {
      const server = await checkoutForTest({
        database: kind,
        variables: {
          RATE_LIMIT_HOLDS: '1',
          RATE_LIMIT_UNKNOWN_IDS: '1',
          LIVE_VIEWERS_PER_ADDRESS_MAX: '1',
          ...bothSecrets,
        },
      });
      serve(server);
      await watchProducts(server);
      await sample(server, 'getHold');
      await atOnce(10, () => sample(server, 'audit', { headers: { authorization: 'Bearer wrong' } }));
      for (const operationId of description.operationsWith('rate_limited')) {
        const reply = await until(async () => {
          const each = await sample(server, operationId);
          // A window of holds lasts a second and may end in between.
          return (operationId !== 'createHold' || each.status === 429) && each;
        });
        expectCode(reply, 'rate_limited');
        expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      }
    });

    test('answers 503 when too many wait', async () => {
      const { server, productId, unlock } = await lockedOut({ QUEUE_MAX: '1', LIVE_VIEWERS_MAX: '0' });
      const waiting: Promise<Reply>[] = [server.hold(productId, 6)];
      await until(() => server.logged('Batch is decided again').length > 0);
      for (const operationId of operationsWith('overloaded')) {
        // One may still wait in the line, so the other is refused, and answered first.
        const asked = [sample(server, operationId), sample(server, operationId)];
        waiting.push(...asked);
        expectCode(await Promise.race(asked), 'overloaded');
      }
      await unlock();
      await Promise.all(waiting);
    });

    test('answers 503 once the server was told to stop, on connections that it still has', async () => {
      const { server, productId, unlock } = await lockedOut({});
      const operations = operationsWith('shutting_down');
      const texts = await Promise.all(operations.map(signedText));
      const connections = await Promise.all(operations.map(() => connectRaw(server.url)));
      for (const { socket, heard } of connections) {
        // The answer tells that the server has the connection, and not only the system's waiting line.
        socket.write(requestText('GET', '/healthz'));
        await heard();
        socket.write(requestText('POST', '/api/v1/holds', { product_id: productId, qty: 6 }));
      }
      await readBySockets();
      const stopped = server.stop();
      await until(async () => !(await listens(server.url)));
      for (const [index, text] of texts.entries()) {
        connections[index]?.socket.write(text);
      }
      await readBySockets();
      await unlock();
      for (const [index, operationId] of operations.entries()) {
        const [, before, after] = (await connections[index]?.replies) ?? [];
        expect(before?.body.code).toBe('insufficient_stock');
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
    const database = await databaseForTest(kind);
    const server = await startCheckout({
      database,
      variables: {
        WORKER: 'false',
        LOG_LEVEL: 'debug',
        REQUEST_TIMEOUT_MS: '60000',
        ...secrets,
        ...variables,
      },
    });
    serve(server);
    const productId = await server.createProduct({ stock: 5 });
    return { server, productId, unlock: await lockFromOutside(database.url) };
  }

  /** The sample of an operation as bytes for a connection. */
  async function signedText(operationId: string): Promise<string> {
    const { method, path, body, headers } = sampleRequest(operationId);
    const signature = await signEvent(path, JSON.stringify(body ?? ''));
    return requestText(method, path, body, { ...headers, ...signature });
  }

  /** What was written to sockets of this process is read in its event loop's next turn. */
  async function readBySockets(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test('nothing is documented that was not answered here', () => {
    const exercised = [...description.exercised].filter(isAbout);
    expect(exercised.toSorted()).toEqual([...description.documented()].filter(isAbout).toSorted());
  });
});

/** A database of the same kind that is not there. */
async function unreachable(url: string): Promise<string> {
  if (!url.startsWith('sqlite:')) {
    return Object.assign(new URL(url), { port: String(await freePort()) }).href;
  }
  writeFileSync(`${url.slice('sqlite:'.length)}.no-folder`, '');
  return `${url}.no-folder/flash-sale.db`;
}
