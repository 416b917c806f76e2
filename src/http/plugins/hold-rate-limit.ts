import type { onRequestAsyncHookHandler } from 'fastify';
import { networkOf } from './address-text.ts';
import { refuseForWindow, showLimit } from './rate-limit-answer.ts';
import { type SharedWindowCounts, WindowCounts } from './window-counts.ts';

/**
 * Limits the holds that one client address may ask for in a second. Malformed requests count too: they cost as much to refuse.
 *
 * @param holdsMax 0: no limit
 * @param shared counts over all nodes; without it each process counts by itself
 * @returns the hooks for the route
 */
export function createHoldRateLimit(
  holdsMax: number,
  shared?: SharedWindowCounts,
): onRequestAsyncHookHandler[] {
  if (holdsMax === 0) {
    return [];
  }
  const limit = { name: 'holds', max: holdsMax, windowMs: 1000 };
  const counts = new WindowCounts(limit, shared);
  return [
    async (request, reply) => {
      const counted = await counts.add(networkOf(request.clientAddress));
      showLimit(reply, limit, counted);
      if (counted.count > holdsMax) {
        refuseForWindow(reply, counted.ttlMs, `At most ${holdsMax} holds a second.`);
        return reply;
      }
    },
  ];
}
