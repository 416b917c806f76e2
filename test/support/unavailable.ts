import { expect } from 'vitest';
import type { CheckoutClient, Reply } from './checkout-client.ts';
import { until } from './until.ts';

/**
 * The process lives and says what is the matter, to operators and to clients; it does nothing else and does
 * not end.
 */
export async function expectUnavailable(checkout: CheckoutClient, reason: RegExp): Promise<void> {
  await until(() => checkout.logged('Database cannot be used yet, will try again').length > 0);
  expect(checkout.logged('Database cannot be used yet, will try again')).toMatchObject([
    { level: 'error', reason: expect.stringMatching(reason) },
  ]);
  expect((await checkout.get('/healthz')).status).toBe(200);
  const ready = await checkout.get('/readyz');
  expect([ready.status, ready.body.code]).toEqual([503, 'database_unavailable']);
  for (const reply of [await checkout.get('/api/v1/products/1'), await checkout.hold(1)]) {
    expect([reply.status, reply.body.code]).toEqual([503, 'database_unavailable']);
    expect(reply.headers['retry-after']).toMatch(/^\d+$/);
    expect(reply.text).not.toMatch(/sqlite|SQL/);
  }
}

/** All of them were told to come back later, and nothing else. */
export function expectRefused(replies: readonly Reply[]): void {
  for (const reply of replies) {
    expect(reply.status).toBe(503);
    expect(reply.body.code).toMatch(/^(database_unavailable|overloaded)$/);
    expect(reply.headers['retry-after']).toMatch(/^\d+$/);
  }
}
