import { describe, expect, test } from 'vitest';
import { checkoutForTest, startCheckout } from '../support/checkout.ts';
import { eventSecret, receiverForTest } from '../support/event-receiver.ts';
import { productsPath, watchProducts } from '../support/event-stream.ts';
import { freePort } from '../support/servers.ts';
import { atOnce } from '../support/tally.ts';
import { type CollectedSpan, TraceCollector } from '../support/trace-collector.ts';
import { until } from '../support/until.ts';

const holdSpan = 'POST /api/v1/holds';
const server = 2;
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

/** A service whose spans a collector takes. */
async function traced(variables: Readonly<Record<string, string>> = {}, start = checkoutForTest) {
  const collector = await TraceCollector.start();
  const checkout = await start({
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, WORKER: 'false', ...variables },
  });
  return { collector, checkout };
}

/** The batches that are linked to a request. */
function batchesOf(collector: TraceCollector, request: CollectedSpan | undefined): CollectedSpan[] {
  return collector
    .named('batch')
    .filter(({ links }) => links.some(({ spanId }) => spanId === request?.spanId));
}

describe('traces', () => {
  test('lead from a request to its batch, and on to the transaction and its phases', async () => {
    const { collector, checkout } = await traced({ OTEL_SERVICE_NAME: 'shop' });
    const productId = await checkout.createProduct();
    await checkout.hold(productId);

    const [request] = await collector.untilNamed(holdSpan);
    expect(request).toMatchObject({
      kind: server,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/api/v1/holds',
        'http.response.status_code': 201,
      },
      resource: { 'service.name': 'shop', 'service.version': expect.any(String) },
    });
    const [batch = expect.fail()] = await until(() => {
      const found = batchesOf(collector, request);
      return found.length > 0 && found;
    });
    expect(batch.attributes).toEqual({ 'flash_sale.batch.commands': 1, 'flash_sale.batch.requests': 1 });
    const childrenOf = (parent: CollectedSpan) =>
      collector.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
    const [transaction = expect.fail()] = childrenOf(batch).filter(({ name }) => name === 'transaction');
    expect(childrenOf(batch).map(({ name }) => name)).toEqual(['locate', 'transaction']);
    const phases = childrenOf(transaction);
    expect(phases.map(({ name }) => name)).toEqual(['begin', 'load', 'decide', 'apply', 'commit']);
    // One after the other, without a gap, and inside the request.
    for (const [index, { startTimeUnixNano }] of phases.entries()) {
      const before = phases[index - 1]?.endTimeUnixNano ?? transaction.startTimeUnixNano;
      expect(startTimeUnixNano).toBe(before);
    }
    expect(phases.at(-1)?.endTimeUnixNano).toBe(batch.endTimeUnixNano);
    expect(BigInt(batch.startTimeUnixNano)).toBeGreaterThan(BigInt(request?.startTimeUnixNano ?? 0));
    expect(BigInt(batch.endTimeUnixNano)).toBeLessThan(BigInt(request?.endTimeUnixNano ?? 0));
  });

  test('go on from whoever called, as far as the call names itself', async () => {
    const { collector, checkout } = await traced();
    const calls = [
      `00-${traceId}-${parentId}-01`,
      `00-${traceId}-${parentId}-00`,
      `00-${'0'.repeat(32)}-${parentId}-01`,
      'nonsense',
    ];
    for (const traceparent of calls) {
      await checkout.get('/api/v1/products', { traceparent });
    }
    // The second one said that it is not to be recorded.
    const spans = await collector.untilNamed('GET /api/v1/products', 3);
    expect(spans.map((span) => [span.traceId === traceId, span.parentSpanId ?? ''])).toEqual([
      [true, parentId],
      [false, ''],
      [false, ''],
    ]);
  });

  test('link a batch of many requests to 128 of them', async () => {
    const { collector, checkout } = await traced();
    const productId = await checkout.createProduct({ stock: 1_000 });
    await checkout.connect(400);
    await atOnce(400, () => checkout.hold(productId));
    await collector.untilNamed(holdSpan, 400);
    const batches = await until(() => {
      const found = collector.named('batch');
      const commands = found.map(({ attributes }) => Number(attributes['flash_sale.batch.commands']));
      return commands.reduce((sum, count) => sum + count, 0) >= 401 && found;
    });
    for (const { links, attributes } of batches) {
      expect(links).toHaveLength(Math.min(128, Number(attributes['flash_sale.batch.requests'])));
    }
    expect(Math.max(...batches.map(({ links }) => links.length))).toBe(128);
  });

  test('record the batch of each request that is recorded, and of no other', async () => {
    const none = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' };
    const { collector, checkout } = await traced(none, startCheckout);
    const productId = await checkout.createProduct();
    await checkout.hold(productId);
    await checkout.hold(productId, 1, { traceparent: `00-${traceId}-${parentId}-01` });
    const [request = expect.fail()] = await collector.untilNamed(holdSpan);
    const [batch] = await collector.untilNamed('batch');
    expect(batch?.links).toMatchObject([{ traceId, spanId: request.spanId }]);
    await checkout.stop();
    expect([collector.named(holdSpan), collector.named('batch')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('say which requests and batches failed', async () => {
    const collector = await TraceCollector.start();
    const checkout = await checkoutForTest({
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, WORKER: 'false' },
      decide: () => {
        throw new Error('a rule is wrong');
      },
    });
    await checkout.hold(1);
    await checkout.get('/nowhere');
    expect((await collector.untilNamed(holdSpan))[0]).toMatchObject({
      status: { code: 2 },
      attributes: { 'http.response.status_code': 500 },
    });
    const [notFound] = await collector.untilNamed('GET');
    expect(notFound).toMatchObject({ attributes: { 'http.response.status_code': 404 } });
    expect(notFound?.status.code ?? 0).toBe(0);
  });

  test('end for a stream when it begins, and nobody who leaves it is a failure', async () => {
    const { collector, checkout } = await traced();
    const viewer = await watchProducts(checkout);
    await viewer.until('products');
    const [opened] = await collector.untilNamed(`GET ${productsPath}`);
    viewer.leave();
    expect(opened?.attributes).toMatchObject({ 'http.response.status_code': 200 });
    expect(opened?.status.code ?? 0).toBe(0);
  });

  test('show what is sent to others', async () => {
    const { url } = await receiverForTest();
    const { collector, checkout } = await traced({
      WORKER: 'true',
      EVENT_WEBHOOK_URLS: url,
      EVENT_WEBHOOK_SECRETS: eventSecret,
      EVENT_WEBHOOK_ALLOW_PRIVATE: 'true',
    });
    await checkout.ordered(await checkout.createProduct());
    expect((await collector.untilNamed('deliver event'))[0]?.kind).toBe(3);
  });

  test('are sent to the end when the service stops', async () => {
    const { collector, checkout } = await traced({}, startCheckout);
    await checkout.get('/api/v1/products');
    await checkout.stop();
    expect(collector.named('GET /api/v1/products')).toHaveLength(1);
  });
});

test('a collector that is away costs one line of the log and no sale, and is used once it is there', async () => {
  const port = await freePort();
  const checkout = await checkoutForTest({
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/` },
  });
  const productId = await checkout.createProduct({ stock: 1_000 });
  const message = 'Traces cannot be sent, the sale goes on without them';
  await until(async () => {
    expect((await checkout.hold(productId)).status).toBe(201);
    return checkout.logged(message).length > 0;
  });
  const collector = await TraceCollector.start('/v1/traces', port);
  await until(async () => {
    expect((await checkout.hold(productId)).status).toBe(201);
    return checkout.logged('Traces are sent again').length > 0;
  });
  expect(collector.named(holdSpan).length).toBeGreaterThan(0);
  expect(checkout.logged(message)).toHaveLength(1);
});
