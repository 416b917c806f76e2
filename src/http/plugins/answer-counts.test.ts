import { describe, expect, it } from 'vitest';
import { aHold, serverWith } from '../../../test/support/server-with.ts';
import { HttpCounts } from '../../telemetry/metrics/http-counts.ts';

/** A server whose first hold is made and whose others find nothing left. */
function counted() {
  const counts = new HttpCounts();
  let made = false;
  const { app } = serverWith({
    deps: { counts },
    decide: () => {
      if (made) {
        return {
          kind: 'refused',
          code: 'insufficient_stock',
          availableStock: 0,
          requested: 1,
          nextReleaseAtMs: null,
        };
      }
      made = true;
      return { kind: 'hold_created', hold: aHold, replayed: false };
    },
  });
  const hold = (body: object) => app.inject({ method: 'POST', url: '/api/v1/holds', payload: body });
  return { app, counts, hold };
}

/** Method, route, status and count of all that was answered. */
function answers(counts: HttpCounts) {
  return [...counts.routes()]
    .flatMap((route) => [...route.byStatus()].map((ofStatus) => [route.method, route.route, ...ofStatus]))
    .toSorted((a, b) => a.join(' ').localeCompare(b.join(' ')));
}

describe('the counts of answers', () => {
  it('tell them apart by route and status, and holds that were made from refusals', async () => {
    const { counts, hold } = counted();
    await hold({ product_id: 1, qty: 1 });
    await hold({ product_id: 1, qty: 1 });
    await hold({ product_id: 1, qty: '1' });
    expect(answers(counts)).toEqual([
      ['POST', '/api/v1/holds', 201, 1],
      ['POST', '/api/v1/holds', 409, 1],
      ['POST', '/api/v1/holds', 422, 1],
    ]);
    expect(counts.refusedHolds).toBe(2);
    expect(counts.holds.latencies.counts.reduce((sum, count) => sum + count)).toBe(3);
    expect(counts.holds.latencies.sumMs).toBeGreaterThan(0);
    expect([...counts.problems.entries()]).toEqual([
      ['insufficient_stock', 1],
      ['invalid_request', 1],
    ]);
  });

  it('name a route by its pattern, and nothing that a stranger has sent', async () => {
    const { app, counts } = counted();
    await app.inject('/api/v1/products/1');
    await app.inject('/api/v1/products/2?page=7');
    await app.inject({ method: 'PUT', url: '/api/v1/holds' });
    await app.inject('/somewhere/else');
    await app.inject('/api/v1/%zz');
    expect(answers(counts)).toEqual([
      ['GET', '/api/v1/products/:id', 200, 1],
      ['GET', '/api/v1/products/:id', 404, 1],
      ['none', 'none', 400, 1],
      ['none', 'none', 404, 1],
      ['none', 'none', 405, 1],
    ]);
  });
});
