import { describe, expect, test } from 'vitest';
import { checkoutForTest, databaseForTest } from '../support/checkout.ts';
import { startProcess } from '../support/checkout-process.ts';
import { serverDatabases, sharedDatabases } from '../support/databases.ts';
import { readMetrics } from '../support/metrics.ts';
import { describeEach } from '../support/needing.ts';
import { freePort } from '../support/servers.ts';
import { until } from '../support/until.ts';

describe('the metrics of a service', () => {
  test('tell of each purchase, of what was refused, and of how long it took', async () => {
    const checkout = await checkoutForTest();
    const productId = await checkout.createProduct({ stock: 3 });
    const bought = await checkout.ordered(productId);
    await checkout.pay({ idempotency_key: 'a', order_id: bought.order_id });
    await checkout.pay({ idempotency_key: 'a', order_id: bought.order_id });
    await checkout.pay({ idempotency_key: 'b', order_id: bought.order_id, amount: 1, currency: 'USD' });
    await checkout.hold(productId, 5);
    await checkout.hold(productId, 0);
    const { hold_id } = (await checkout.hold(productId)).body;
    await checkout.release(hold_id);
    await checkout.order(hold_id);
    await checkout.product(productId);

    const metrics = await readMetrics(checkout);

    const holds = { method: 'POST', route: '/api/v1/holds' };
    expect(
      ['201', '409', '422'].map((status) =>
        metrics.find('flash_sale_http_requests_total', { ...holds, status }),
      ),
    ).toEqual([2, 1, 1]);
    expect(metrics.find('flash_sale_http_request_duration_seconds_count', holds)).toBe(4);
    expect(metrics.find('flash_sale_http_request_duration_seconds_bucket', { ...holds, le: '+Inf' })).toBe(4);
    expect(metrics.find('flash_sale_http_request_duration_seconds_sum', holds)).toBeGreaterThan(0);
    const found = (name: string, label: string, ...words: string[]) =>
      words.map((word) => metrics.find(`flash_sale_${name}_total`, { [label]: word }));
    expect(found('http_problems', 'code', 'insufficient_stock', 'invalid_request', 'hold_released')).toEqual([
      1, 1, 1,
    ]);
    expect(found('holds', 'outcome', 'created', 'insufficient_stock', 'replayed')).toEqual([2, 1, 0]);
    expect(found('holds_ended', 'reason', 'released', 'expired')).toEqual([1, 0]);
    expect(found('orders', 'outcome', 'created', 'hold_released')).toEqual([1, 1]);
    expect(found('orders_ended', 'status', 'paid', 'expired')).toEqual([1, 0]);
    expect(found('payment_events', 'result', 'processed', 'duplicate', 'amount_mismatch')).toEqual([1, 1, 1]);
    expect(found('refunds', 'outcome', 'due', 'succeeded')).toEqual([1, 0]);
    expect(metrics.find('flash_sale_refunds_due')).toBe(1);
    expect(metrics.find('flash_sale_refunds_due_oldest_seconds')).toBeGreaterThanOrEqual(0);
    expect(metrics.find('flash_sale_batch_duration_seconds_count')).toBe(
      metrics.find('flash_sale_batch_phase_duration_seconds_count', { phase: 'commit' }),
    );
    expect(metrics.find('flash_sale_batch_commands_sum')).toBeGreaterThanOrEqual(9);
    expect(metrics.find('flash_sale_queue_commands', { line: 'holds' })).toBe(0);
    expect(metrics.find('flash_sale_queue_commands_max')).toBe(10_000);
    expect(metrics.find('flash_sale_cache_snapshots')).toBe(1);
    expect(metrics.find('flash_sale_cache_lookups_total', { result: 'hit' })).toBeGreaterThan(0);
    expect(metrics.find('flash_sale_database_reachable')).toBe(1);
    expect(metrics.find('nodejs_eventloop_lag_p99_seconds')).not.toBeNull();
    expect(metrics.find('process_start_time_seconds')).toBeGreaterThan(1e9);
  });

  test('have labels that a stranger cannot multiply', async () => {
    const checkout = await checkoutForTest();
    for (const path of ['/api/v1/holds/1', '/api/v1/holds/2', '/nowhere/1', '/nowhere/2', '/api/v1/%zz']) {
      await checkout.get(path);
    }
    await checkout.send('PROPFIND', '/api/v1/holds', undefined);
    const { samples } = await readMetrics(checkout);
    const routes = samples.filter(({ name }) => name === 'flash_sale_http_requests_total');
    expect(routes.map(({ labels, value }) => [labels.method, labels.route, labels.status, value])).toEqual([
      ['none', 'none', '400', 1],
      ['none', 'none', '404', 2],
      ['none', 'none', '405', 1],
      ['GET', '/api/v1/holds/:id', '404', 2],
    ]);
  });

  test('tell when each worker last did its round', async () => {
    const checkout = await checkoutForTest();
    const success = async () =>
      (await readMetrics(checkout)).find('flash_sale_worker_last_success_timestamp_seconds', {
        worker: 'expiry',
      });
    const first = await until(success);
    await until(async () => ((await success()) ?? 0) > (first ?? 0));
    expect(Math.abs((first ?? 0) - Date.now() / 1000)).toBeLessThan(60);
  });

  test('tell of the latest audit once there is one', async () => {
    const checkout = await checkoutForTest();
    const failed = async () => (await readMetrics(checkout)).find('flash_sale_audit_failed_checks');
    expect(await failed()).toBeNull();
    expect(await checkout.auditDifferences()).toEqual([]);
    expect(await failed()).toBe(0);
    expect((await readMetrics(checkout)).find('flash_sale_audit_timestamp_seconds')).toBeGreaterThan(1e9);
  });

  test('come without what stands in the database while it cannot be reached', async () => {
    const port = await freePort();
    const checkout = await checkoutForTest({
      waits: false,
      variables: { DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` },
    });
    const metrics = await readMetrics(checkout);
    expect(metrics.find('flash_sale_backlog_read_ok')).toBe(0);
    expect(metrics.find('flash_sale_database_reachable')).toBe(0);
    expect(metrics.find('flash_sale_refunds_due')).toBeNull();
    expect(metrics.names).toContain('flash_sale_refunds_due');
    expect(metrics.find('flash_sale_processes_reporting')).toBe(1);
  });
});

test('a lone worker tells its metrics on its own port', async () => {
  const [kind = expect.fail()] = sharedDatabases;
  const database = await databaseForTest(kind);
  const port = await freePort();
  await startProcess({
    databaseUrl: database.url,
    command: 'worker',
    variables: { WORKER_PORT: String(port) },
  });
  const metrics = await until(async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    const text = await answer.text();
    return text.includes('worker="expiry"') && text;
  });
  expect(metrics).toMatch(/^flash_sale_database_reachable 1$/m);
});

describeEach(serverDatabases)('the metrics on $name', (kind) => {
  test('tell of the connections of each pool', async () => {
    const database = await databaseForTest(kind);
    const checkout = await checkoutForTest({ database });
    await checkout.createProduct();
    const metrics = await readMetrics(checkout);
    for (const [pool, max] of Object.entries({ writer: 2, reader: 8, background: 1 })) {
      expect(metrics.find('flash_sale_database_connections_max', { pool })).toBe(max);
      expect(metrics.find('flash_sale_database_connections_awaited', { pool })).toBe(0);
    }
    const open = (['used', 'idle'] as const).map(
      (state) => metrics.find('flash_sale_database_connections', { pool: 'writer', state }) ?? 0,
    );
    const [used = 0, idle = 0] = open;
    expect([1, 2]).toContain(used + idle);
    expect(metrics.find('flash_sale_backlog_read_ok')).toBe(1);
  });
});
