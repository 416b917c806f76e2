import { describe, expect, it } from 'vitest';
import { serverWith } from '../../../test/support/server-with.ts';
import { errorCodes, errorEntry } from '../error-catalogue.ts';

type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: unknown;
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> };
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
    readonly schema: { readonly type: unknown };
  }[];
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { readonly examples?: Record<string, { readonly value: object }> }> }
  >;
};

async function description() {
  const answer = await serverWith({ deps: { metricsText: async () => '' } }).app.inject('/api/openapi.json');
  const document: { openapi: string; paths: Record<string, Record<string, Operation>> } = answer.json();
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  );
  return { document, operations };
}

describe('the API description', () => {
  it('is OpenAPI 3.1 with every route of the API', async () => {
    const { document, operations } = await description();
    expect(document.openapi).toBe('3.1.0');
    expect(operations.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'delete /api/v1/holds/{id}',
      'get /api/v1/admin/audit',
      'get /api/v1/admin/decisions',
      'get /api/v1/admin/deliveries',
      'get /api/v1/admin/disputes',
      'get /api/v1/admin/endpoints',
      'get /api/v1/admin/events',
      'get /api/v1/admin/holds',
      'get /api/v1/admin/live',
      'get /api/v1/admin/orders',
      'get /api/v1/admin/payment-events',
      'get /api/v1/admin/products/{id}',
      'get /api/v1/admin/refunds',
      'get /api/v1/holds/{id}',
      'get /api/v1/orders/{id}',
      'get /api/v1/products',
      'get /api/v1/products/live',
      'get /api/v1/products/{id}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'patch /api/v1/admin/products/{id}',
      'post /api/v1/admin/endpoints/{endpoint}/switch-on',
      'post /api/v1/admin/events/{id}/resend',
      'post /api/v1/admin/orders/{id}/pay',
      'post /api/v1/admin/orders/{id}/refund',
      'post /api/v1/admin/payment-events/resolve',
      'post /api/v1/admin/products',
      'post /api/v1/admin/products/{id}/stock',
      'post /api/v1/admin/refunds/{id}/settle',
      'post /api/v1/holds',
      'post /api/v1/orders',
      'post /api/v1/orders/{id}/cancel',
      'post /api/v1/payments/webhook',
    ]);
  });

  it('names each operation once, and the token where one is needed', async () => {
    const { operations } = await description();
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, tags, summary, security } of operations) {
      expect(summary).toMatch(/^[A-Z].*[^.]$/);
      expect(tags).toHaveLength(1);
      expect(security).toEqual(path.includes('/admin/') ? [{ adminToken: [] }] : undefined);
    }
  });

  it('shows ids in paths as the integers that they are', async () => {
    const { operations } = await description();
    const ids = operations.flatMap(({ parameters = [] }) => parameters.filter(({ name }) => name === 'id'));
    expect(ids.length).toBeGreaterThan(5);
    expect(new Set(ids.map(({ schema }) => schema.type))).toEqual(new Set(['integer']));
  });

  it('says of the key of a retry that it is a secret, and of an edit what it may be based on', async () => {
    const { operations } = await description();
    const headers = operations.flatMap(({ operationId, parameters = [] }) =>
      parameters.flatMap(({ in: place, name, description: text }) =>
        place === 'header' && name !== 'last-event-id' ? [[operationId, name, text]] : [],
      ),
    );
    const key = expect.stringContaining('Random, a UUID; a client that knows it shares your hold.');
    const ofOperators = expect.stringContaining('It is kept for 48 hours.');
    expect(headers.toSorted()).toEqual([
      ['changeStock', 'idempotency-key', ofOperators],
      ['createHold', 'idempotency-key', key],
      ['createOrder', 'idempotency-key', key],
      ['createProduct', 'idempotency-key', ofOperators],
      ['payOrder', 'idempotency-key', ofOperators],
      ['refundOrder', 'idempotency-key', ofOperators],
      ['resendEvent', 'idempotency-key', ofOperators],
      ['resolvePaymentEvent', 'idempotency-key', ofOperators],
      ['settleRefund', 'idempotency-key', ofOperators],
      ['switchEndpointOn', 'idempotency-key', ofOperators],
      ['updateProduct', 'if-match', expect.stringContaining('`ETag`')],
    ]);
  });

  it('has an example for each body and for each error under the status of its code', async () => {
    const { operations } = await description();
    const seen = new Set<string>();
    for (const { requestBody, responses } of operations) {
      for (const media of Object.values(requestBody?.content ?? {})) {
        expect(media.example).toBeDefined();
      }
      for (const [status, { content }] of Object.entries(responses)) {
        const examples = content?.['application/problem+json']?.examples ?? {};
        for (const [code, { value }] of Object.entries(examples)) {
          expect(value).toMatchObject({ code, status: Number(status) });
          seen.add(code);
        }
      }
    }
    // What happens before a route is found belongs to no route, and signatures are not checked yet.
    const ofNoRoute = [400, 404, 405, 408, 431];
    const general = errorCodes.filter((code) => !seen.has(code));
    expect(general.filter((code) => !ofNoRoute.includes(errorEntry(code).status))).toEqual([
      'invalid_signature',
    ]);
  });
});

describe('the pages', () => {
  it('show the API and its errors, with a policy that lets them work', async () => {
    const { app } = serverWith();
    const page = await app.inject('/api/docs');
    expect(page.headers['content-type']).toMatch('text/html');
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const files = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(3);
    for (const file of [...files, '/api/docs/json', '/api/docs/errors']) {
      expect([file, (await app.inject(file)).statusCode]).toEqual([file, 200]);
    }
  });

  it('that do not exist are 404', async () => {
    const answer = await serverWith().app.inject('/api/docs/static/nothing.js');
    expect([answer.statusCode, answer.json().code]).toEqual([404, 'route_not_found']);
  });
});
